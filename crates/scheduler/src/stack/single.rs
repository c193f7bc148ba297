//! Placements that are each for one node, as those of system jobs are.

use model::AllocMetric;
use model::id::NodeId;

use super::field::find_stock;
use super::metric::{add_wanted, count_exhausted, count_filtered, merge_filtered};
use super::work::Work;
use super::{Choice, Refused, Stack};

impl<'a> Stack<'a> {
    /// On one node and no other.
    pub(super) fn select_on(&mut self, work: &mut Work<'a>, only: NodeId) -> Result<Choice, Refused> {
        let Some((node, stock)) =
            self.state.node(only).and_then(|node| Some((node, find_stock(&self.stocks, node)?)))
        else {
            return Err(Refused::Filtered);
        };
        let found = work.field.find(&self.stocks, node);
        let reason = match found {
            Some(at) => work.reason_shut(at),
            None => work.verdicts[stock].clone().or_else(|| work.checker.reason_against(node)),
        };
        let (Some(at), None) = (found, &reason) else {
            let mut metric = AllocMetric { nodes_evaluated: 1, ..AllocMetric::default() };
            count_filtered(&mut metric, node, reason.unwrap_or_default(), 1);
            merge_filtered(work.ruled_out.get_or_insert_default(), &metric);
            return Err(Refused::Filtered);
        };
        let mut metric = AllocMetric { nodes_evaluated: 1, ..self.base.clone() };
        let dimension = match self.grant(work, node, &self.used(only), work.field.candidates[at].lot) {
            Ok(given) => {
                if !work.placed_any {
                    metric.scores = vec![self.explained(work, at, &[])];
                    work.placed = Some(metric);
                }
                return Ok(self.commit(work, at, given, &[]));
            }
            Err(dimension) => dimension,
        };
        if let Some(choice) = self.preempt_on(work, at) {
            return Ok(choice);
        }
        match &mut work.failed {
            Some((metric, _)) => {
                metric.coalesced_failures += 1;
                add_wanted(metric, work.group);
            }
            None => {
                count_exhausted(&mut metric, node, dimension.to_string(), 1);
                add_wanted(&mut metric, work.group);
                work.failed = Some((metric, Refused::Exhausted));
            }
        }
        Err(Refused::Exhausted)
    }
}
