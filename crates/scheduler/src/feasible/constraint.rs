//! Does a constraint hold on a node? What cannot be read counts as not held, never as an error.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;

use model::Node;
use model::job::{Constraint, Operand};
use model::node::class::UNIQUE_PREFIX;
use regex::Regex;

use super::pattern;
use super::target::resolve;
use super::version::{Constraints, Flavour};

/// A constraint, or the condition of an affinity, read once for many nodes.
pub struct Condition<'a> {
    l_target: &'a str,
    operand: &'a str,
    r_target: &'a str,
    kind: Option<Operand>,
    right: Right,
}

/// The right side where it is the same on every node and costs something to read.
enum Right {
    Plain,
    Pattern(Option<Regex>),
    Versions(Option<Constraints>),
}

impl<'a> Condition<'a> {
    /// Reads a constraint.
    pub fn new(constraint: &'a Constraint) -> Self {
        Self::of(&constraint.l_target, &constraint.operand, &constraint.r_target)
    }

    /// Reads the three parts of a condition.
    pub fn of(l_target: &'a str, operand: &'a str, r_target: &'a str) -> Self {
        let kind = Operand::parse(operand);
        let right = match kind {
            _ if r_target.starts_with("${") => Right::Plain,
            Some(Operand::Regexp) => Right::Pattern(pattern::compile(r_target)),
            Some(Operand::Version) => Right::Versions(Constraints::parse(r_target, Flavour::Loose)),
            Some(Operand::Semver) => Right::Versions(Constraints::parse(r_target, Flavour::Strict)),
            _ => Right::Plain,
        };
        Condition { l_target, operand, r_target, kind, right }
    }

    /// True when it looks at something that nodes of one class need not share.
    pub fn escapes_class(&self) -> bool {
        escapes(self.l_target) || escapes(self.r_target)
    }

    /// As `ConstraintFiltered` counts it.
    pub fn text(&self) -> String {
        format!("{} {} {}", self.l_target, self.operand, self.r_target)
    }

    /// True when it holds on the node.
    pub fn holds(&self, node: &Node) -> bool {
        self.compare(resolve(self.l_target, node), resolve(self.r_target, node))
    }

    fn compare(&self, left: Option<Cow<'_, str>>, right: Option<Cow<'_, str>>) -> bool {
        let Some(operand) = self.kind else {
            return false;
        };
        match operand {
            Operand::IsSet => return left.is_some(),
            Operand::IsNotSet => return left.is_none(),
            // Decided over all allocations of a job: see `distinct`.
            Operand::DistinctHosts | Operand::DistinctProperty => return true,
            // A missing attribute differs from everything but another missing one.
            Operand::NotEqual => return left != right,
            _ => {}
        }
        let (Some(left), Some(right)) = (left, right) else {
            return false;
        };
        match (operand, &self.right) {
            (Operand::Regexp, Right::Pattern(known)) => known.as_ref().is_some_and(|own| own.is_match(&left)),
            (_, Right::Versions(known)) => known.as_ref().is_some_and(|own| own.accept(&left)),
            _ => satisfies(&left, operand, &right),
        }
    }
}

/// True for a target that names something of one node alone.
pub fn escapes(target: &str) -> bool {
    target.contains(UNIQUE_PREFIX)
}

/// Compares two texts by an operand that needs both.
pub fn satisfies(left: &str, operand: Operand, right: &str) -> bool {
    match operand {
        Operand::Equal => left == right,
        Operand::NotEqual => left != right,
        Operand::Less => order(left, right).is_some_and(Ordering::is_lt),
        Operand::LessOrEqual => order(left, right).is_some_and(Ordering::is_le),
        Operand::Greater => order(left, right).is_some_and(Ordering::is_gt),
        Operand::GreaterOrEqual => order(left, right).is_some_and(Ordering::is_ge),
        Operand::Regexp => pattern::compile(right).is_some_and(|pattern| pattern.is_match(left)),
        Operand::Version => accepted(left, right, Flavour::Loose),
        Operand::Semver => accepted(left, right, Flavour::Strict),
        Operand::SetContainsAll => items(right).is_subset(&items(left)),
        Operand::SetContainsAny => !items(right).is_disjoint(&items(left)),
        Operand::IsSet => true,
        Operand::IsNotSet => false,
        Operand::DistinctHosts | Operand::DistinctProperty => true,
    }
}

fn accepted(version: &str, constraints: &str, flavour: Flavour) -> bool {
    Constraints::parse(constraints, flavour).is_some_and(|wanted| wanted.accept(version))
}

/// Whole numbers compare as such, then floats, then text. Nothing is in order with what is no number (NaN).
fn order(left: &str, right: &str) -> Option<Ordering> {
    if let (Ok(left), Ok(right)) = (left.parse::<i64>(), right.parse::<i64>()) {
        return Some(left.cmp(&right));
    }
    if let (Some(left), Some(right)) = (float(left), float(right)) {
        return left.partial_cmp(&right);
    }
    Some(left.cmp(right))
}

/// A float, with underscores between digits as Go has them.
fn float(text: &str) -> Option<f64> {
    if !text.contains('_') {
        return text.parse().ok();
    }
    let bytes = text.as_bytes();
    let between = |at: usize| {
        let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
        digit(at.checked_sub(1)) && digit(at.checked_add(1))
    };
    let fine = bytes.iter().enumerate().all(|(at, byte)| *byte != b'_' || between(at));
    if fine { text.replace('_', "").parse().ok() } else { None }
}

fn items(list: &str) -> BTreeSet<&str> {
    list.split(',').map(str::trim).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(l_target: &str, operand: &str, r_target: &str) -> bool {
        let mut node = Node::default();
        node.attributes.insert("kernel.name".into(), "linux".into());
        node.attributes.insert("ver".into(), "1.10.3".into());
        node.meta.insert("want".into(), "^lin".into());
        Condition::of(l_target, operand, r_target).holds(&node)
    }

    #[test]
    fn a_missing_attribute_equals_nothing() {
        assert!(check("${attr.kernel.name}", "=", "linux") && !check("${attr.none}", "=", "linux"));
        assert!(check("${attr.none}", "!=", "linux") && !check("${attr.none}", "!=", "${attr.none}"));
        assert!(!check("${attr.kernel.name}", "nonsense", "linux"));
    }

    #[test]
    fn the_right_side_may_be_a_target_too() {
        assert!(check("${attr.kernel.name}", "regexp", "${meta.want}"));
        assert!(
            check("${attr.ver}", "version", ">= 1.9, < 2") && !check("${attr.ver}", "version", "~> 1.9.0")
        );
    }
}
