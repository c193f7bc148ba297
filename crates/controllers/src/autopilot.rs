//! Which servers are gone and leave the membership: `CleanupDeadServers` of the autopilot's configuration.
//!
//! A server counts as gone when it has not answered for `ServerStabilizationTime`. It is given up only if those who
//! are left can do without it: see [`VOTERS_MIN`].

use std::collections::BTreeMap;

use model::AutopilotConfiguration;

/// Voters that are always left. Two do not survive the death of one of them, and a third that was given up and comes
/// back could not help them either: with fewer than four, a dead server stays until there is one in its place.
pub const VOTERS_MIN: usize = 3;
/// However short the configured time is, a server that is started again within this keeps its place, ms.
const GONE_MIN_MS: u64 = 1_000;
/// A leader that has not looked for longer than this was asleep itself, and knows nothing of the others' silence, ms.
const STALL_MS: u64 = 5_000;

/// A server as the leader sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Its raft id.
    pub id: u64,
    /// Whether it votes.
    pub voter: bool,
    /// Whether it answers; the leader itself does.
    pub answers: bool,
}

/// Since when which servers have been silent.
#[derive(Debug, Default)]
pub struct Autopilot {
    silent_since_ms: BTreeMap<u64, u64>,
    looked_ms: u64,
}

impl Autopilot {
    /// Notes who answers, and says which server is to be given up now, if one is: the one that was silent the longest.
    pub fn look(&mut self, now_ms: u64, servers: &[Seen], config: &AutopilotConfiguration) -> Option<u64> {
        if now_ms.saturating_sub(self.looked_ms) > STALL_MS {
            self.silent_since_ms.clear();
        }
        self.looked_ms = now_ms;
        let silent = |id: &u64| servers.iter().any(|server| server.id == *id && !server.answers);
        self.silent_since_ms.retain(|id, _| silent(id));
        for server in servers.iter().filter(|server| !server.answers) {
            self.silent_since_ms.entry(server.id).or_insert(now_ms);
        }
        if !config.cleanup_dead_servers {
            return None;
        }
        let limit_ms = u64::try_from(config.server_stabilization_time_ns / 1_000_000).unwrap_or(0);
        let gone = |server: &&Seen| {
            let since_ms = self.silent_since_ms.get(&server.id);
            since_ms.is_some_and(|since_ms| now_ms - since_ms >= limit_ms.max(GONE_MIN_MS))
        };
        let spare = |server: &&Seen| !server.voter || can_do_without_one(servers, config);
        let gone = servers.iter().filter(gone).filter(spare);
        gone.min_by_key(|server| self.silent_since_ms[&server.id]).map(|server| server.id)
    }
}

fn can_do_without_one(servers: &[Seen], config: &AutopilotConfiguration) -> bool {
    let voters = servers.iter().filter(|server| server.voter);
    let living = voters.clone().filter(|server| server.answers).count();
    let left = voters.count().saturating_sub(1);
    let min = usize::try_from(config.min_quorum).unwrap_or(usize::MAX).max(VOTERS_MIN);
    // Without a living majority nothing would be decided anyway.
    left >= min && living * 2 > left + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn servers(answers: &[bool]) -> Vec<Seen> {
        let seen = |(id, answers): (usize, &bool)| Seen { id: id as u64, voter: true, answers: *answers };
        answers.iter().enumerate().map(seen).collect()
    }

    /// Looks every second; answers when which server was given up.
    fn given_up(servers: &[Seen], config: &AutopilotConfiguration, seconds: u64) -> Option<(u64, u64)> {
        let mut autopilot = Autopilot::default();
        (0..=seconds).find_map(|second| {
            let id = autopilot.look(second * 1_000, servers, config)?;
            Some((second, id))
        })
    }

    #[test]
    fn a_silent_server_is_given_up_after_its_time_when_enough_are_left() {
        let config = AutopilotConfiguration::initial();
        assert_eq!(given_up(&servers(&[true, true, true, false]), &config, 60), Some((10, 3)));
        assert_eq!(given_up(&servers(&[true, true, false]), &config, 60), None, "two survive nothing");
        assert_eq!(given_up(&servers(&[true, true, false, false]), &config, 60), None, "no majority lives");
        assert_eq!(given_up(&servers(&[true, true, true, true, true]), &config, 60), None);
        let off = AutopilotConfiguration { cleanup_dead_servers: false, ..config.clone() };
        assert_eq!(given_up(&servers(&[true, true, true, false]), &off, 60), None);
        let four = AutopilotConfiguration { min_quorum: 4, ..config.clone() };
        assert_eq!(given_up(&servers(&[true, true, true, false]), &four, 60), None);
        assert_eq!(given_up(&servers(&[true, true, true, true, false]), &four, 60), Some((10, 4)));
        let mut learner = servers(&[true, true, true, false]);
        learner[3].voter = false;
        assert_eq!(given_up(&learner, &four, 60), Some((10, 3)), "it never voted");
    }

    #[test]
    fn one_that_came_back_begins_anew_and_so_does_a_leader_that_slept() {
        let config = AutopilotConfiguration::initial();
        let (dead, alive) = (servers(&[true, true, true, false]), servers(&[true; 4]));
        let mut autopilot = Autopilot::default();
        for second in 0..30 {
            let now = if second % 8 == 0 { &alive } else { &dead };
            assert_eq!(autopilot.look(second * 1_000, now, &config), None);
        }
        let mut autopilot = Autopilot::default();
        autopilot.look(0, &dead, &config);
        assert_eq!(autopilot.look(40_000, &dead, &config), None, "it was asleep itself");
        assert_eq!(autopilot.look(45_000, &dead, &config), None);
        assert_eq!(autopilot.look(50_000, &dead, &config), Some(3));
    }

    #[test]
    fn the_longest_silent_goes_first() {
        let config = AutopilotConfiguration::initial();
        let mut autopilot = Autopilot::default();
        autopilot.look(0, &servers(&[true, true, true, true, true, true, false]), &config);
        let two = servers(&[true, true, true, true, true, false, false]);
        let first = (1..=10).find_map(|second| autopilot.look(second * 1_000, &two, &config));
        assert_eq!(first, Some(6));
    }
}
