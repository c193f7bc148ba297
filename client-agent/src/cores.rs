//! Which cores of this node tasks have to themselves, and which are left for all others.
//!
//! A task with cores of its own runs on those alone, and everything else keeps off them for as long as it runs. The
//! scheduler has chosen them; here they are held while the task is at work.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::AllocId;
use tokio::sync::watch;

type Held = BTreeMap<(AllocId, String), Vec<u16>>;

/// The cores in use by tasks that have them to themselves.
#[derive(Clone)]
pub(crate) struct Cores(Arc<watch::Sender<Held>>);

/// A task's cores; dropped, they are everybody's again.
pub(crate) struct Hold {
    cores: Cores,
    key: (AllocId, String),
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.cores.0.send_modify(|held| {
            held.remove(&self.key);
        });
    }
}

impl Default for Cores {
    fn default() -> Self {
        Cores(Arc::new(watch::Sender::new(Held::new())))
    }
}

impl Cores {
    /// Takes cores for one task.
    pub(crate) fn hold(&self, alloc: AllocId, task: &str, cores: &[u16]) -> Hold {
        let key = (alloc, task.to_owned());
        self.0.send_modify(|held| {
            held.insert(key.clone(), cores.to_vec());
        });
        Hold { cores: self.clone(), key }
    }

    /// Told of every change.
    pub(crate) fn changes(&self) -> watch::Receiver<Held> {
        self.0.subscribe()
    }

    /// What tasks without cores of their own may run on, of `count`; empty when that is all of them, or when none is
    /// left: then they share with the others, since they have to run somewhere.
    pub(crate) fn shared(&self, count: i64) -> Vec<u16> {
        let held = self.0.borrow();
        if held.is_empty() {
            return Vec::new();
        }
        let taken = |core: &u16| held.values().any(|cores| cores.contains(core));
        (0..u16::try_from(count.max(0)).unwrap_or(u16::MAX)).filter(|core| !taken(core)).collect()
    }
}

/// Numbers as the kernel's lists show them: `0-2,5`.
pub(crate) fn list(cores: &[u16]) -> String {
    let mut runs: Vec<(u16, u16)> = Vec::new();
    for core in cores {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*core) => *last = *core,
            _ => runs.push((*core, *core)),
        }
    }
    let show = |(first, last): &(u16, u16)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    runs.iter().map(show).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_task_has_the_others_lack() {
        let cores = Cores::default();
        assert!(cores.shared(4).is_empty());
        let first = cores.hold(AllocId::default(), "a", &[0, 1]);
        let second = cores.hold(AllocId::default(), "b", &[3]);
        assert_eq!(cores.shared(4), [2]);
        drop(first);
        assert_eq!(cores.shared(4), [0, 1, 2]);
        assert!(cores.shared(0).is_empty());
        drop(second);
        assert!(cores.shared(4).is_empty());
    }

    #[test]
    fn lists() {
        assert_eq!(list(&[0, 1, 2, 5, 7, 8]), "0-2,5,7-8");
        assert_eq!(list(&[]), "");
    }
}
