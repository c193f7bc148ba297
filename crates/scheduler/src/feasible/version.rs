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

/// A version: `1.2.3-beta.1+meta`, with any number of parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The numbers, at least three of them.
    pub parts: Vec<i64>,
    /// How many numbers were written, before padding.
    pub written: usize,
    /// What follows a hyphen, or a letter in the loose form; empty without.
    pub prerelease: String,
    /// What follows `+`; it takes no part in comparisons.
    pub metadata: String,
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
        // Also `semver` reads what a node says in the loose form.
        let Some(version) = Version::parse(version, Flavour::Loose) else {
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
        (true, false) => comparison != Comparison::Pessimistic,
    }
}

/// `~> 1.2.3` allows only the last written part to grow.
fn same_branch(version: &Version, wanted: &Version) -> bool {
    let fixed = wanted.written.saturating_sub(1);
    version.parts.len() >= wanted.parts.len()
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
    /// Reads a version; `None` when it is none.
    pub fn parse(text: &str, flavour: Flavour) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (numbers, rest) = text.split_at(end);
        let (rest, metadata) = match rest.split_once('+') {
            Some((rest, metadata)) => (rest, Some(metadata)),
            None => (rest, None),
        };
        if metadata.is_some_and(|metadata| !dotted(metadata)) {
            return None;
        }
        let prerelease = match rest.strip_prefix('-').filter(|after| dotted(after)) {
            Some(after) => after,
            None if rest.is_empty() => "",
            None if flavour == Flavour::Loose && dotted(rest) => rest,
            None => return None,
        };
        let parts: Option<Vec<i64>> = numbers.split('.').map(|part| part.parse().ok()).collect();
        let mut parts = parts?;
        let written = parts.len();
        parts.resize(written.max(3), 0);
        let (prerelease, metadata) = (prerelease.to_owned(), metadata.unwrap_or_default().to_owned());
        Some(Version { parts, written, prerelease, metadata })
    }

    fn part(&self, at: usize) -> i64 {
        self.parts.get(at).copied().unwrap_or(0)
    }

    /// Which of the two is newer; a prerelease comes before its release.
    pub fn order(&self, other: &Version) -> Ordering {
        let length = self.parts.len().max(other.parts.len());
        let parts = (0..length).map(|at| self.part(at).cmp(&other.part(at)));
        parts
            .fold(Ordering::Equal, Ordering::then)
            .then_with(|| order_prereleases(&self.prerelease, &other.prerelease))
    }
}

/// Identifiers of letters, digits, hyphens and tildes with dots between them.
fn dotted(text: &str) -> bool {
    let identifier = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '~')
    };
    text.split('.').all(identifier)
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
