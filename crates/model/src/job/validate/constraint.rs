//! Constraints: operands, targets, and the texts that are read as patterns and versions.

use super::{Faults, pattern};
use crate::job::{Constraint, Operand};

/// Where a list of constraints stands: each place allows a little less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A job or a group.
    Wide,
    /// A task.
    Task,
    /// A device of a task.
    Device,
}

/// One line for every constraint that has faults.
pub(super) fn collect(constraints: &[Constraint], place: Place, faults: &mut Faults) {
    for (number, constraint) in constraints.iter().enumerate() {
        let (number, operand) = (number + 1, &constraint.operand);
        let inner = of_constraint(constraint, place);
        let spread = ["distinct_hosts", "distinct_property"].contains(&operand.as_str());
        if spread && place == Place::Device {
            faults.add(format!(
                "Constraint {number} validation failed: using unsupported operand \"{operand}\""
            ));
        } else if !inner.is_empty() {
            faults.add(format!("Constraint {number} validation failed: {inner}"));
        }
        if spread && place == Place::Task {
            faults.add(format!("Constraint {number} has disallowed Operand at task level: {operand}"));
        }
    }
}

fn of_constraint(constraint: &Constraint, place: Place) -> Faults {
    let mut faults = Faults::default();
    let (right, operand) = (constraint.r_target.as_str(), constraint.operand.as_str());
    let known = Operand::parse(operand).filter(|_| !operand.is_empty());
    if operand.is_empty() {
        faults.add("Missing constraint operand");
    }
    let Some(known) = known else {
        faults.add(format!("Unknown constraint type \"{operand}\""));
        return faults;
    };
    match known {
        Operand::DistinctHosts => return faults,
        Operand::DistinctProperty => faults.0.extend(allowed_count_fault(right)),
        Operand::IsSet | Operand::IsNotSet if !right.is_empty() => {
            faults.add(format!("Operator \"{operand}\" does not support an RTarget"));
        }
        Operand::IsSet | Operand::IsNotSet => {}
        Operand::SetContainsAll | Operand::SetContainsAny if right.is_empty() => {
            faults.add("Set contains constraint requires an RTarget");
        }
        // Every text matches the empty pattern.
        Operand::Regexp if right.is_empty() => {}
        _ if right.is_empty() => faults.add(format!("Operator \"{operand}\" requires an RTarget")),
        known => faults.0.extend(text_fault(known, right)),
    }
    if place != Place::Device {
        faults.0.extend(attribute_fault(&constraint.l_target));
    }
    faults
}

/// A right target that is read as something has to be readable.
pub(super) fn text_fault(operand: Operand, right: &str) -> Option<String> {
    match operand {
        Operand::Regexp => {
            pattern::fault(right).map(|fault| format!("Regular expression failed to compile: {fault}"))
        }
        Operand::Version => {
            pattern::version_fault(right).map(|fault| format!("Version constraint is invalid: {fault}"))
        }
        Operand::Semver => {
            pattern::semver_fault(right).map(|fault| format!("Semver constraint is invalid: {fault}"))
        }
        _ => None,
    }
}

/// The left target names something that nodes have.
fn attribute_fault(target: &str) -> Option<String> {
    if target.is_empty() {
        return Some("no attribute provided but is required by operator".to_owned());
    }
    let inner = target.strip_prefix("${")?;
    let Some(name) = inner.strip_suffix('}') else {
        return Some(format!("attribute \"{target}\" is missing a closing brace"));
    };
    let plain = ["node.unique.id", "node.unique.name", "node.datacenter", "node.class", "node.pool"];
    let known = plain.contains(&name) || name.starts_with("attr.") || name.starts_with("meta.");
    (!known).then(|| format!("unsupported attribute \"{target}\""))
}

/// How many allocations may share a property: a number from 1, or nothing for 1.
fn allowed_count_fault(text: &str) -> Option<String> {
    match text.parse::<u64>() {
        Ok(0) => Some("Distinct Property must have an allowed count of 1 or greater: 0 < 1".to_owned()),
        Err(_) if !text.is_empty() => Some(format!(
            "Failed to convert RTarget \"{text}\" to uint64: strconv.ParseUint: parsing \"{text}\": invalid syntax"
        )),
        _ => None,
    }
}
