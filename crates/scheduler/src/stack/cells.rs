//! Cells: nodes that spreads and distinct properties see as one, since they have the same values. What one more
//! allocation does to the score, or to the limit, is worked out once for each cell.

use std::collections::BTreeMap;

use model::{Job, Node, TaskGroup};

use super::field::Places;
use crate::feasible::constraint::escapes;
use crate::feasible::distinct::{Property, Scope, properties};
use crate::feasible::target::resolve;
use crate::rank::spread::{Goal, Tally, goals};

/// The cells of one group.
pub(super) struct Cells<'a> {
    goals: Vec<Goal<'a>>,
    properties: Vec<Property<'a>>,
    /// Of the goals, then of the properties.
    tallies: Vec<Tally>,
    /// Values of each cell, by their number in the tallies.
    values: Vec<Vec<Option<usize>>>,
    by_values: BTreeMap<Vec<Option<usize>>, usize>,
}

impl<'a> Cells<'a> {
    pub(super) fn of(job: &'a Job, group: &'a TaskGroup) -> Self {
        let (goals, properties) = (goals(job, group), properties(job, group));
        let tallies = vec![Tally::default(); goals.len() + properties.len()];
        Cells { goals, properties, tallies, values: Vec::new(), by_values: BTreeMap::new() }
    }

    /// True when nothing distinguishes nodes.
    pub(super) fn is_empty(&self) -> bool {
        self.tallies.is_empty()
    }

    /// True with spreads.
    pub(super) fn spread(&self) -> bool {
        !self.goals.is_empty()
    }

    /// True when a value belongs to one node alone.
    pub(super) fn escape_class(&self) -> bool {
        self.targets().any(escapes)
    }

    fn targets(&self) -> impl Iterator<Item = &'a str> {
        let goals = self.goals.iter().map(|goal| goal.attribute);
        goals.chain(self.properties.iter().map(|property| property.target))
    }

    fn values_of(&mut self, node: &Node) -> Vec<Option<usize>> {
        let targets: Vec<&str> = self.targets().collect();
        let numbers = targets.iter().zip(&mut self.tallies);
        numbers.map(|(target, tally)| Some(tally.number(&resolve(target, node)?))).collect()
    }

    /// The cell of a node.
    fn cell(&mut self, node: &Node) -> usize {
        let values = self.values_of(node);
        if let Some(&cell) = self.by_values.get(&values) {
            return cell;
        }
        let cell = self.values.len();
        self.values.push(values.clone());
        self.by_values.insert(values, cell);
        cell
    }

    /// Where a node belongs.
    pub(super) fn places(&mut self, stock: usize, node: &Node) -> Places {
        Places { stock, cell: if self.is_empty() { 0 } else { self.cell(node) } }
    }

    /// Counts an allocation of the job that is there already, of this group or of another.
    pub(super) fn count(&mut self, node: &Node, same_group: bool) {
        let values = self.values_of(node);
        let goals = self.goals.len();
        for (at, value) in values.into_iter().enumerate() {
            let counts = match at.checked_sub(goals) {
                None => same_group,
                Some(property) => same_group || self.properties[property].scope == Scope::Job,
            };
            if let Some(value) = value.filter(|_| counts) {
                self.tallies[at].add(value);
            }
        }
    }

    /// Counts an allocation of the group that was just placed.
    pub(super) fn place(&mut self, cell: usize) {
        for (tally, value) in self.tallies.iter_mut().zip(&self.values[cell]) {
            if let Some(value) = value {
                tally.add(*value);
            }
        }
    }

    /// What all spreads together give a node of this cell.
    pub(super) fn spread_score(&self, cell: usize) -> f64 {
        if self.goals.is_empty() {
            return 0.0;
        }
        let parts = self.goals.iter().zip(&self.tallies).zip(&self.values[cell]);
        parts.map(|((goal, tally), value)| goal.score(tally, *value)).sum()
    }

    /// True when a property has as many allocations as it may have, or is missing.
    pub(super) fn shut(&self, cell: usize) -> bool {
        self.broken(cell).next().is_some()
    }

    /// The reason why it is shut.
    pub(super) fn reason_against(&self, cell: usize) -> Option<String> {
        let (property, tally, value) = self.broken(cell).next()?;
        Some(match value {
            Some(value) => property.full(tally.value(value), tally.count(value)),
            None => property.missing(),
        })
    }

    fn broken(&self, cell: usize) -> impl Iterator<Item = (&Property<'a>, &Tally, Option<usize>)> {
        let goals = self.goals.len();
        let own = self.tallies[goals..].iter().zip(&self.values[cell][goals..]);
        let all = self.properties.iter().zip(own).map(|(property, (tally, value))| (property, tally, *value));
        all.filter(|(property, tally, value)| {
            value.is_none_or(|value| tally.count(value) >= property.allowed)
        })
    }
}
