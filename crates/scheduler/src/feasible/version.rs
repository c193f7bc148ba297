//! Versions as constraints compare them: the loose form of `version`, and the strict form of `semver`.

use std::cmp::Ordering;

/// How versions are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// `version`: any number of parts, an optional `v`, `~>`; a prerelease matches only its own kind.
    Loose,
    /// `semver`: three parts; prereleases are ordered as any other version, `~>` is no operator.
    Strict,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Version {
    parts: Vec<u64>,
    /// How many parts were written, before padding.
    written: usize,
    prerelease: String,
}

/// A list of comparisons that must all hold, such as `>= 1.2, < 2`.
#[derive(Debug, Clone)]
pub struct Constraints {
    flavour: Flavour,
    all: Vec<(Comparison, Version)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Pessimistic,
}

impl Constraints {
    /// Reads a list; `None` when it makes no sense.
    pub fn parse(text: &str, flavour: Flavour) -> Option<Self> {
        let all: Option<Vec<_>> = text.split(',').map(|one| parse_one(one.trim(), flavour)).collect();
        Some(Constraints { flavour, all: all? })
    }

    /// True when the version can be read and satisfies all of them.
    pub fn accept(&self, version: &str) -> bool {
        let Some(version) = Version::parse(version.trim(), self.flavour) else {
            return false;
        };
        self.all.iter().all(|(comparison, wanted)| self.accepts(&version, *comparison, wanted))
    }

    fn accepts(&self, version: &Version, comparison: Comparison, wanted: &Version) -> bool {
        let order = version.order(wanted);
        let ordered = comparison != Comparison::Equal && comparison != Comparison::NotEqual;
        if self.flavour == Flavour::Loose && ordered && !prerelease_allowed(version, comparison, wanted) {
            return false;
        }
        match comparison {
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Pessimistic => order.is_ge() && same_branch(version, wanted),
        }
    }
}

/// A prerelease satisfies an ordered constraint only where that names a prerelease of the same base.
fn prerelease_allowed(version: &Version, comparison: Comparison, wanted: &Version) -> bool {
    match (version.prerelease.is_empty(), wanted.prerelease.is_empty()) {
        (true, true) => true,
        (false, true) => false,
        (false, false) => version.parts == wanted.parts,
        (true, false) => comparison != Comparison::Pessimistic || version.parts >= wanted.parts,
    }
}

/// `~> 1.2.3` allows only the last written part to grow.
fn same_branch(version: &Version, wanted: &Version) -> bool {
    let fixed = wanted.written.saturating_sub(1).max(1);
    version.written >= wanted.written
        && (0..fixed).all(|at| version.part(at) == wanted.part(at))
        && version.part(fixed) >= wanted.part(fixed)
}

fn parse_one(text: &str, flavour: Flavour) -> Option<(Comparison, Version)> {
    let operators = [
        ("~>", Comparison::Pessimistic),
        (">=", Comparison::GreaterOrEqual),
        ("<=", Comparison::LessOrEqual),
        ("!=", Comparison::NotEqual),
        (">", Comparison::Greater),
        ("<", Comparison::Less),
        ("=", Comparison::Equal),
    ];
    let found = operators.iter().find_map(|(sign, comparison)| Some((*comparison, text.strip_prefix(sign)?)));
    let (comparison, rest) = found.unwrap_or((Comparison::Equal, text));
    if comparison == Comparison::Pessimistic && flavour == Flavour::Strict {
        return None;
    }
    Some((comparison, Version::parse(rest.trim(), flavour)?))
}

impl Version {
    fn parse(text: &str, flavour: Flavour) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (text, _metadata) = text.split_once('+').unwrap_or((text, ""));
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (numbers, rest) = text.split_at(end);
        let prerelease = match (rest.strip_prefix('-'), flavour) {
            (Some(prerelease), _) if !prerelease.is_empty() => prerelease,
            (None, Flavour::Loose) if rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '~') => rest,
            _ if rest.is_empty() => "",
            _ => return None,
        };
        if !prerelease.chars().all(|c| c.is_ascii_alphanumeric() || ".-~".contains(c)) {
            return None;
        }
        let parts: Option<Vec<u64>> = numbers.split('.').map(|part| part.parse().ok()).collect();
        let mut parts = parts?;
        let written = parts.len();
        if flavour == Flavour::Strict && written != 3 {
            return None;
        }
        parts.resize(written.max(3), 0);
        Some(Version { parts, written, prerelease: prerelease.to_owned() })
    }

    fn part(&self, at: usize) -> u64 {
        self.parts.get(at).copied().unwrap_or(0)
    }

    fn order(&self, other: &Version) -> Ordering {
        let length = self.parts.len().max(other.parts.len());
        let parts = (0..length).map(|at| self.part(at).cmp(&other.part(at)));
        parts
            .fold(Ordering::Equal, Ordering::then)
            .then_with(|| order_prereleases(&self.prerelease, &other.prerelease))
    }
}

fn order_prereleases(left: &str, right: &str) -> Ordering {
    match (left.is_empty(), right.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(left), Some(right)) => match order_identifiers(left, right) {
                Ordering::Equal => {}
                decided => return decided,
            },
        }
    }
}

/// Numbers come before text and compare as numbers.
fn order_identifiers(left: &str, right: &str) -> Ordering {
    match (left.parse::<u64>(), right.parse::<u64>()) {
        (Ok(left), Ok(right)) => left.cmp(&right),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => left.cmp(right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(flavour: Flavour, wanted: &str, version: &str) -> bool {
        Constraints::parse(wanted, flavour).is_some_and(|wanted| wanted.accept(version))
    }

    #[test]
    fn loose_versions() {
        let loose = |wanted, version| accepts(Flavour::Loose, wanted, version);
        assert!(loose(">= 1.2", "1.2.0") && loose("= 1.2", "v1.2.0") && loose("~> 1.2", "1.9.1"));
        assert!(!loose("~> 1.2", "2.0.0") && !loose("~> 1.2.3", "1.3.0"));
        assert!(!loose(">= 1.2", "1.3.0-beta1") && loose(">= 1.3.0-beta1", "1.3.0-beta2"));
        assert!(!loose("nonsense", "1.0") && !loose(">= 1", "nonsense"));
    }

    #[test]
    fn strict_versions() {
        let strict = |wanted, version| accepts(Flavour::Strict, wanted, version);
        assert!(strict(">= 1.2.0", "1.3.0-beta1") && !strict("~> 1.2.0", "1.2.1"));
        assert!(strict("< 1.0.0", "1.0.0-rc.1") && strict("> 1.0.0-2", "1.0.0-10"));
    }
}
