//! Spreads: how a group's allocations are to be shared out over the values of an attribute.

use std::collections::BTreeMap;

use model::job::Spread;
use model::{Job, TaskGroup};

/// Weight of a spread that names none.
pub const DEFAULT_WEIGHT: i64 = 50;
/// Target that stands for all values without one of their own.
const REST: &str = "*";
/// A node without the attribute, or with a value that nothing is wanted on.
const WORST: f64 = -1.0;

/// Counts allocations by the value of an attribute of their node. Values are numbered as they are met.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    numbers: BTreeMap<String, usize>,
    values: Vec<String>,
    counts: Vec<u64>,
    /// How many values have how many allocations; values without any are not in it.
    shape: BTreeMap<u64, u64>,
}

impl Tally {
    /// The number of a value.
    pub fn number(&mut self, value: &str) -> usize {
        if let Some(&number) = self.numbers.get(value) {
            return number;
        }
        let number = self.counts.len();
        self.numbers.insert(value.to_owned(), number);
        self.values.push(value.to_owned());
        self.counts.push(0);
        number
    }

    /// Counts one more allocation.
    pub fn add(&mut self, number: usize) {
        let count = self.counts[number];
        if let Some(others) = self.shape.get_mut(&count) {
            *others -= 1;
            if *others == 0 {
                self.shape.remove(&count);
            }
        }
        self.counts[number] = count + 1;
        *self.shape.entry(count + 1).or_default() += 1;
    }

    /// Allocations on nodes with that value.
    pub fn count(&self, number: usize) -> u64 {
        self.counts[number]
    }

    /// The value of a number.
    pub fn value(&self, number: usize) -> &str {
        &self.values[number]
    }

    /// The fewest and the most allocations of any value that has some.
    fn extremes(&self) -> Option<(f64, f64)> {
        let (fewest, _) = self.shape.first_key_value()?;
        let (most, _) = self.shape.last_key_value()?;
        Some((*fewest as f64, *most as f64))
    }
}

/// One spread of a group.
#[derive(Debug, Clone)]
pub struct Goal<'a> {
    /// The attribute.
    pub attribute: &'a str,
    /// Its share of the weights of all spreads.
    share: f64,
    /// How many allocations each value is to have; without targets all the same.
    wanted: Option<Wanted<'a>>,
}

#[derive(Debug, Clone)]
struct Wanted<'a> {
    by_value: Vec<(&'a str, f64)>,
    rest: Option<f64>,
}

/// The spreads of job and group.
pub fn goals<'a>(job: &'a Job, group: &'a TaskGroup) -> Vec<Goal<'a>> {
    let all: Vec<&Spread> = job.spreads.iter().chain(&group.spreads).collect();
    let weight = |spread: &Spread| spread.weight.unwrap_or(DEFAULT_WEIGHT) as f64;
    let weights: f64 = all.iter().map(|spread| weight(spread)).sum();
    let number = all.len() as f64;
    let goal = |spread: &'a Spread| Goal {
        attribute: &spread.attribute,
        share: if weights > 0.0 { weight(spread) / weights } else { 1.0 / number },
        wanted: (!spread.spread_target.is_empty()).then(|| Wanted::of(spread, group.count)),
    };
    all.into_iter().map(goal).collect()
}

impl<'a> Wanted<'a> {
    fn of(spread: &'a Spread, count: i64) -> Self {
        let share = |percent: i64| percent as f64 / 100.0 * count as f64;
        let targets =
            spread.spread_target.iter().map(|target| (target.value.as_str(), share(target.percent)));
        let (rest, by_value): (Vec<_>, Vec<_>) = targets.partition(|(value, _)| *value == REST);
        let named: f64 = by_value.iter().map(|(_, wanted)| wanted).sum();
        let left = count as f64 - named;
        let rest = rest.first().map(|(_, wanted)| *wanted).or((left > 0.0).then_some(left));
        Wanted { by_value, rest }
    }

    fn of_value(&self, value: &str) -> Option<f64> {
        let own = self.by_value.iter().find(|(own, _)| *own == value);
        own.map(|(_, wanted)| *wanted).or(self.rest).filter(|wanted| *wanted > 0.0)
    }
}

impl Goal<'_> {
    /// What one more allocation on a node with this value is worth, −1 or less to 1 or more, times its share of the
    /// weights. `None` stands for a node without the attribute.
    pub fn score(&self, tally: &Tally, value: Option<usize>) -> f64 {
        let worth = match (value, &self.wanted) {
            (None, None) if tally.extremes().is_none() => 0.0,
            (None, _) => WORST,
            (Some(number), None) => even(tally, number),
            (Some(number), Some(wanted)) => match wanted.of_value(tally.value(number)) {
                Some(wanted) => (wanted - (tally.count(number) + 1) as f64) / wanted,
                None => WORST,
            },
        };
        worth * self.share
    }
}

/// Without targets values are to have the same: those with the fewest gain, by how much they are behind.
fn even(tally: &Tally, number: usize) -> f64 {
    let Some((fewest, most)) = tally.extremes() else {
        return 0.0;
    };
    let own = tally.count(number) as f64;
    if own != fewest {
        (fewest - own) / fewest
    } else if fewest == most {
        WORST
    } else {
        (most - fewest) / fewest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::job::SpreadTarget;

    fn job(targets: &[(&str, i64)]) -> Job {
        let targets: Vec<_> = targets
            .iter()
            .map(|(value, percent)| SpreadTarget { value: (*value).into(), percent: *percent })
            .collect();
        let spread =
            Spread { attribute: "${meta.rack}".into(), weight: Some(100), spread_target: targets.into() };
        Job { spreads: vec![spread].into(), ..Job::default() }
    }

    fn tally(counts: &[u64]) -> Tally {
        let mut tally = Tally::default();
        for (number, &count) in counts.iter().enumerate() {
            let number = tally.number(&format!("r{number}"));
            (0..count).for_each(|_| tally.add(number));
        }
        tally
    }

    #[test]
    fn even_spreads_favour_those_behind() {
        let (job, group) = (job(&[]), TaskGroup { count: 10, ..TaskGroup::default() });
        let goals = goals(&job, &group);
        let score = |counts: &[u64], number| goals[0].score(&tally(counts), number);
        assert_eq!(score(&[0, 0], Some(0)), 0.0);
        assert_eq!((score(&[0, 1], Some(0)), score(&[0, 1], Some(1))), (1.0, -1.0));
        assert_eq!((score(&[1, 3], Some(0)), score(&[1, 3], Some(1))), (2.0, -2.0));
        assert_eq!(score(&[1, 1], None), -1.0);
    }

    #[test]
    fn targets_and_the_rest() {
        let (job, group) = (job(&[("r0", 60), ("r9", 0)]), TaskGroup { count: 10, ..TaskGroup::default() });
        let goals = goals(&job, &group);
        let score = |counts: &[u64], number| goals[0].score(&tally(counts), number);
        assert!((score(&[2, 0], Some(0)) - 0.5).abs() < 1e-9);
        assert!((score(&[2, 0], Some(1)) - 0.75).abs() < 1e-9, "what has no target shares the other 40 %");
        assert!(score(&[7, 0], Some(0)) < 0.0);
    }
}
