//! Blocked evaluations, one rule at a time.

use model::JobType;

use super::*;
use crate::offers::OFFER_AGAIN_MS;

const NODE: NodeId = NodeId(uuid::Uuid::from_u64_pair(1, 1));
const OTHER: NodeId = NodeId(uuid::Uuid::from_u64_pair(1, 2));

fn blocked(snapshot_index: u64, class: Option<(&str, bool)>) -> Arc<Evaluation> {
    let class_eligibility = class.into_iter().map(|(class, fits)| (class.to_owned(), fits)).collect();
    let id = EvalId(uuid::Uuid::from_u64_pair(0, snapshot_index));
    Arc::new(Evaluation {
        id,
        status: EvalStatus::Blocked,
        snapshot_index,
        class_eligibility,
        ..Evaluation::default()
    })
}

fn of_node(snapshot_index: u64) -> Arc<Evaluation> {
    let eval = (*blocked(snapshot_index, None)).clone();
    Arc::new(Evaluation { kind: JobType::System, node_id: NODE, ..eval })
}

fn woken(evals: &mut BlockedEvals) -> usize {
    evals.take_woken(0, 100).len()
}

#[test]
fn only_classes_that_may_fit_wake() {
    let mut evals = BlockedEvals::default();
    evals.note(&blocked(5, Some(("v1:1", false))));
    evals.freed("v1:1", NODE, 6);
    assert_eq!(woken(&mut evals), 0);
    evals.freed("v1:2", NODE, 7);
    assert_eq!(woken(&mut evals), 1);
}

#[test]
fn what_was_given_up_over_conflicts_is_woken_without_anybody_freeing_room() {
    let mut evals = BlockedEvals::default();
    evals.tick(1_000);
    let conflict = Evaluation { triggered_by: Trigger::MaxPlanAttempts, ..(*blocked(5, None)).clone() };
    evals.note(&Arc::new(conflict));
    evals.note(&blocked(6, None));
    evals.tick(1_000 + CONFLICTS_WAKE_MS - 1);
    assert_eq!(woken(&mut evals), 0);
    evals.tick(1_000 + CONFLICTS_WAKE_MS);
    assert_eq!(woken(&mut evals), 1, "what waits for room goes on to wait");
}

#[test]
fn room_freed_meanwhile_is_not_missed() {
    let mut evals = BlockedEvals::default();
    evals.freed("v1:1", NODE, 10);
    evals.note(&blocked(9, None));
    assert_eq!(woken(&mut evals), 1);
    evals.note(&blocked(10, None));
    assert_eq!(woken(&mut evals), 0);
}

#[test]
fn what_waits_for_a_node_is_woken_by_that_node() {
    let mut evals = BlockedEvals::new([("v1:1", 4)].into_iter(), 20);
    evals.note(&of_node(20));
    evals.freed("v1:1", OTHER, 21);
    assert_eq!(woken(&mut evals), 0);
    evals.note(&of_node(20));
    assert_eq!(woken(&mut evals), 0, "room elsewhere does not matter");
    evals.freed("v1:1", NODE, 22);
    assert_eq!(woken(&mut evals), 1);
    evals.note(&of_node(22));
    evals.node_removed(NODE);
    assert_eq!(woken(&mut evals), 1);
}

#[test]
fn a_new_leader_wakes_what_may_have_missed_something() {
    let mut evals = BlockedEvals::new([("v1:1", 15)].into_iter(), 20);
    evals.note(&of_node(14));
    assert_eq!(woken(&mut evals), 1);
    evals.note(&of_node(15));
    assert_eq!(woken(&mut evals), 0);
}

#[test]
fn a_wake_that_got_lost_is_repeated() {
    let mut evals = BlockedEvals::default();
    evals.note(&blocked(5, None));
    evals.freed("v1:1", NODE, 6);
    assert_eq!(woken(&mut evals), 1);
    assert_eq!((woken(&mut evals), evals.count()), (0, 1));
    assert_eq!(evals.take_woken(OFFER_AGAIN_MS, 100).len(), 1);
    let pending = Evaluation { status: EvalStatus::Pending, ..(*blocked(5, None)).clone() };
    evals.note(&Arc::new(pending));
    assert_eq!(evals.take_woken(9 * OFFER_AGAIN_MS, 100).len(), 0);
    assert_eq!(evals.count(), 0);
}
