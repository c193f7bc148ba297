//! P10: replica states are equal at equal index.

use std::time::Duration;

use super::snapshot::{self, Saved};
use super::{Promise, Verdict};

/// How often servers that are settled are asked until they are at one index.
const ATTEMPTS: usize = 60;
const PAUSE: Duration = Duration::from_millis(250);

/// Compares what was saved at one index. Answers how many pairs there were.
pub fn compare(verdict: &Verdict, saved: &[(String, Saved)]) -> usize {
    let mut pairs = 0;
    for (at, (name, one)) in saved.iter().enumerate() {
        for (other_name, other) in saved[at + 1..].iter().filter(|(_, other)| other.index == one.index) {
            pairs += 1;
            verdict.expect(Promise::P10, one.digest == other.digest, || {
                let rows = snapshot::differences(&one.state, &other.state);
                format!("{name} and {other_name} differ at index {}: {rows:?}", one.index)
            });
        }
    }
    pairs
}

/// Saves what every server holds until all are at one index, and compares. Answers the states.
pub async fn check(verdict: &Verdict, addresses: &[String]) -> Vec<Saved> {
    let mut last = String::new();
    for _ in 0..ATTEMPTS {
        let answers = futures::future::join_all(addresses.iter().map(|one| snapshot::save(one))).await;
        let mut saved = Vec::new();
        for (address, answer) in addresses.iter().zip(answers) {
            match answer {
                Ok(state) => saved.push((address.clone(), state)),
                Err(error) => last = format!("{address}: {error:#}"),
            }
        }
        let same = saved.windows(2).all(|pair| pair[0].1.index == pair[1].1.index);
        if saved.len() == addresses.len() && same {
            compare(verdict, &saved);
            return saved.into_iter().map(|(_, state)| state).collect();
        }
        if saved.len() == addresses.len() {
            last = format!("indexes {:?}", saved.iter().map(|(_, state)| state.index).collect::<Vec<_>>());
        }
        tokio::time::sleep(PAUSE).await;
    }
    verdict.broken(Promise::P10, format!("the servers never came to one index: {last}"));
    Vec::new()
}
