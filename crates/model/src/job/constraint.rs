//! Constraints: which nodes a job, group or task may run on.

use crate::wire::wire;

wire! {
    /// `LTarget Operand RTarget`, with `${…}` in either target resolved against a node.
    Constraint { "LTarget" l_target: String, "Operand" operand: String, "RTarget" r_target: String }
}

/// What a constraint's operand means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operand {
    /// `=`, `==`, `is` or nothing.
    Equal,
    /// `!=`, `not`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `regexp`.
    Regexp,
    /// `version`.
    Version,
    /// `semver`.
    Semver,
    /// `set_contains`, `set_contains_all`.
    SetContainsAll,
    /// `set_contains_any`.
    SetContainsAny,
    /// `is_set`.
    IsSet,
    /// `is_not_set`.
    IsNotSet,
    /// `distinct_hosts`.
    DistinctHosts,
    /// `distinct_property`.
    DistinctProperty,
}

impl Operand {
    /// Reads an operand; `None` is an operand that nobody knows.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "" | "=" | "==" | "is" => Operand::Equal,
            "!=" | "not" => Operand::NotEqual,
            "<" => Operand::Less,
            "<=" => Operand::LessOrEqual,
            ">" => Operand::Greater,
            ">=" => Operand::GreaterOrEqual,
            "regexp" => Operand::Regexp,
            "version" => Operand::Version,
            "semver" => Operand::Semver,
            "set_contains" | "set_contains_all" => Operand::SetContainsAll,
            "set_contains_any" => Operand::SetContainsAny,
            "is_set" => Operand::IsSet,
            "is_not_set" => Operand::IsNotSet,
            "distinct_hosts" => Operand::DistinctHosts,
            "distinct_property" => Operand::DistinctProperty,
            _ => return None,
        })
    }
}

impl std::fmt::Display for Constraint {
    /// The text under which `ConstraintFiltered` counts it; a unary one ends with a space, as the original's does.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.l_target, self.operand, self.r_target)
    }
}
