//! Does a constraint hold on a node? What cannot be read counts as not held, never as an error.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use model::Node;
use model::job::{Constraint, Operand};
use regex::Regex;

use super::target::resolve;
use super::version::{Constraints, Flavour};

/// True when the constraint holds on the node.
pub fn holds(constraint: &Constraint, node: &Node) -> bool {
    let Some(operand) = Operand::parse(&constraint.operand) else {
        return false;
    };
    let left = resolve(&constraint.l_target, node);
    let right = resolve(&constraint.r_target, node);
    match operand {
        Operand::IsSet => return left.is_some(),
        Operand::IsNotSet => return left.is_none(),
        // A missing attribute differs from everything but another missing one.
        Operand::NotEqual => return left != right,
        _ => {}
    }
    let (Some(left), Some(right)) = (left, right) else {
        return false;
    };
    match operand {
        Operand::Equal => left == right,
        Operand::Less => order(&left, &right).is_lt(),
        Operand::LessOrEqual => order(&left, &right).is_le(),
        Operand::Greater => order(&left, &right).is_gt(),
        Operand::GreaterOrEqual => order(&left, &right).is_ge(),
        // The regex crate runs in linear time, so a hostile pattern costs no more than a long one.
        Operand::Regexp => Regex::new(&right).is_ok_and(|pattern| pattern.is_match(&left)),
        Operand::Version => {
            Constraints::parse(&right, Flavour::Loose).is_some_and(|wanted| wanted.accept(&left))
        }
        Operand::Semver => {
            Constraints::parse(&right, Flavour::Strict).is_some_and(|wanted| wanted.accept(&left))
        }
        Operand::SetContainsAll => items(&right).is_subset(&items(&left)),
        Operand::SetContainsAny => !items(&right).is_disjoint(&items(&left)),
        // Decided for a job as a whole, and refused at registration until that is built.
        Operand::DistinctHosts | Operand::DistinctProperty => true,
        Operand::IsSet | Operand::IsNotSet | Operand::NotEqual => false,
    }
}

/// Whole numbers compare as such, then floats, then text.
fn order(left: &str, right: &str) -> Ordering {
    if let (Ok(left), Ok(right)) = (left.parse::<i64>(), right.parse::<i64>()) {
        return left.cmp(&right);
    }
    if let (Ok(left), Ok(right)) = (left.parse::<f64>(), right.parse::<f64>()) {
        return left.partial_cmp(&right).unwrap_or(Ordering::Equal);
    }
    left.cmp(right)
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
        node.attributes.insert("cpu.numcores".into(), "8".into());
        node.attributes.insert("ver".into(), "1.10.3".into());
        node.meta.insert("tags".into(), "a, b,c".into());
        let constraint =
            Constraint { l_target: l_target.into(), operand: operand.into(), r_target: r_target.into() };
        holds(&constraint, &node)
    }

    #[test]
    fn operands_mean_what_they_are_documented_to_mean() {
        assert!(check("${attr.kernel.name}", "=", "linux"));
        assert!(!check("${attr.none}", "=", "linux"));
        assert!(check("${attr.none}", "!=", "linux"));
        assert!(check("${attr.cpu.numcores}", ">", "7") && !check("${attr.cpu.numcores}", ">", "10"));
        assert!(
            check("${attr.kernel.name}", "regexp", "^lin") && !check("${attr.kernel.name}", "regexp", "(")
        );
        assert!(
            check("${attr.ver}", "version", ">= 1.9, < 2") && !check("${attr.ver}", "version", "~> 1.9.0")
        );
        assert!(
            check("${meta.tags}", "set_contains", "a,c") && !check("${meta.tags}", "set_contains", "a,d")
        );
        assert!(check("${meta.tags}", "set_contains_any", "d,a"));
        assert!(check("${meta.tags}", "is_set", "") && check("${meta.none}", "is_not_set", ""));
    }
}
