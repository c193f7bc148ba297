//! When servers without a cluster become one: a pure decision over what they said.
//!
//! Everybody promises one set of members, once and durably. The smallest of the set starts the cluster
//! after all have promised that very set; nobody else ever does, so two clusters cannot come of it.

/// Another server, as it described itself.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) id: u64,
    pub(crate) expect: usize,
    pub(crate) proposal: Vec<u64>,
    pub(crate) promise: Option<Vec<u64>>,
    /// It is part of a cluster already.
    pub(crate) in_cluster: bool,
}

impl View {
    fn stands_for(&self) -> &[u64] {
        self.promise.as_ref().unwrap_or(&self.proposal)
    }
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Wait,
    /// Promise this set.
    Promise(Vec<u64>),
    /// Start the cluster with this set.
    Form(Vec<u64>),
}

/// The set this server would promise now; empty while too few are known.
pub(crate) fn proposal(me: u64, expect: usize, promise: Option<&[u64]>, peers: &[View]) -> Vec<u64> {
    if let Some(promise) = promise {
        return promise.to_vec();
    }
    let candidates = || peers.iter().filter(|peer| !peer.in_cluster && peer.expect == expect);
    // Who promised already cannot promise anything else, so its set is the only one that can be whole.
    let promised =
        candidates().filter_map(|peer| peer.promise.as_ref()).filter(|set| set.contains(&me)).min();
    if let Some(promised) = promised {
        return promised.clone();
    }
    let mut ids: Vec<u64> = candidates().map(|peer| peer.id).chain([me]).collect();
    ids.sort_unstable();
    ids.dedup();
    if expect == 0 || ids.len() < expect {
        return Vec::new();
    }
    ids.truncate(expect);
    ids
}

/// Decides. `peers` are those heard from since the last decision.
pub(crate) fn decide(me: u64, expect: usize, promise: Option<&[u64]>, peers: &[View]) -> Step {
    let set = proposal(me, expect, promise, peers);
    if !set.contains(&me) {
        return Step::Wait;
    }
    let peer = |id: u64| peers.iter().find(|peer| peer.id == id && !peer.in_cluster && peer.expect == expect);
    let others_all = |agrees: &dyn Fn(&View) -> bool| {
        set.iter().filter(|id| **id != me).all(|id| peer(*id).is_some_and(agrees))
    };
    if promise.is_none() {
        let agreed = others_all(&|peer| peer.stands_for() == set);
        return if agreed { Step::Promise(set) } else { Step::Wait };
    }
    let promised = others_all(&|peer| peer.promise.as_ref() == Some(&set));
    if set.first() == Some(&me) && promised { Step::Form(set) } else { Step::Wait }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(id: u64, proposal: &[u64], promise: Option<&[u64]>) -> View {
        View {
            id,
            expect: 3,
            proposal: proposal.to_vec(),
            promise: promise.map(<[u64]>::to_vec),
            in_cluster: false,
        }
    }

    #[test]
    fn a_set_is_promised_only_when_all_propose_it() {
        let peers = [view(2, &[1, 2, 3], None), view(3, &[], None)];
        assert_eq!(decide(1, 3, None, &peers), Step::Wait);
        let peers = [view(2, &[1, 2, 3], None), view(3, &[1, 2, 3], None)];
        assert_eq!(decide(1, 3, None, &peers), Step::Promise(vec![1, 2, 3]));
    }

    #[test]
    fn only_the_smallest_forms_and_only_with_every_promise() {
        let set: &[u64] = &[1, 2, 3];
        let whole = [view(2, set, Some(set)), view(3, set, Some(set))];
        assert_eq!(decide(1, 3, Some(set), &whole), Step::Form(set.to_vec()));
        let part = [view(2, set, Some(set)), view(3, set, None)];
        assert_eq!(decide(1, 3, Some(set), &part), Step::Wait);
        let others = [view(1, set, Some(set)), view(3, set, Some(set))];
        assert_eq!(decide(2, 3, Some(set), &others), Step::Wait);
    }

    #[test]
    fn a_promise_that_exists_outweighs_a_newcomer() {
        let peers = [view(1, &[1, 4, 5], None), view(5, &[4, 5, 6], Some(&[4, 5, 6])), view(6, &[], None)];
        assert_eq!(proposal(4, 3, None, &peers), vec![4, 5, 6]);
    }

    #[test]
    fn another_expectation_or_a_cluster_does_not_count() {
        let mut other = view(2, &[1, 2, 3], None);
        other.expect = 5;
        let mut member = view(3, &[1, 2, 3], None);
        member.in_cluster = true;
        assert_eq!(decide(1, 3, None, &[other, member]), Step::Wait);
        assert_eq!(decide(1, 0, None, &[]), Step::Wait);
        assert_eq!(decide(1, 1, None, &[]), Step::Promise(vec![1]));
        assert_eq!(decide(1, 1, Some(&[1]), &[]), Step::Form(vec![1]));
    }
}
