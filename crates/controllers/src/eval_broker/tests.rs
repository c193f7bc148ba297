//! The broker, one rule at a time.

use super::*;

fn uuid(number: u64) -> uuid::Uuid {
    uuid::Uuid::from_u64_pair(0, number)
}

fn eval(number: u64, job: &str, priority: i64) -> Arc<Evaluation> {
    Arc::new(Evaluation {
        id: EvalId(uuid(number)),
        job_id: job.into(),
        priority,
        create_index: number,
        modify_index: number,
        ..Evaluation::default()
    })
}

fn ended(eval: &Evaluation, status: EvalStatus) -> Arc<Evaluation> {
    Arc::new(Evaluation { status, ..eval.clone() })
}

fn delivered(broker: &mut EvalBroker, now_ms: u64) -> u64 {
    broker.deliver(now_ms).map_or(0, |delivery| delivery.eval.create_index)
}

#[test]
fn one_per_job_by_priority() {
    let mut broker = EvalBroker::default();
    for eval in [eval(1, "a", 50), eval(2, "a", 50), eval(3, "b", 80)] {
        broker.note(&eval, 0);
    }
    assert_eq!(broker.deliver(0).unwrap().eval.job_id, "b");
    let first = broker.deliver(0).unwrap();
    assert_eq!(first.eval.create_index, 1);
    assert!(broker.deliver(0).is_none(), "the second of a job waits for the first");
    broker.ack(&first);
    assert_eq!(delivered(&mut broker, 0), 2);
}

#[test]
fn a_lost_worker_loses_no_evaluation() {
    let mut broker = EvalBroker::default();
    broker.note(&eval(1, "a", 50), 0);
    broker.deliver(0).unwrap();
    broker.tick(DELIVERY_DEADLINE_MS - 1, 0);
    assert!(broker.deliver(0).is_none());
    broker.tick(DELIVERY_DEADLINE_MS, 0);
    let again = broker.deliver(DELIVERY_DEADLINE_MS).unwrap();
    assert!(!again.exhausted);
    broker.nack(&again, DELIVERY_DEADLINE_MS);
    assert!(broker.deliver(DELIVERY_DEADLINE_MS).is_none());
    broker.tick(DELIVERY_DEADLINE_MS + 2 * NACK_DELAY_MS, 0);
    assert!(broker.deliver(0).is_some());
}

#[test]
fn deliveries_are_counted() {
    let mut broker = EvalBroker::default();
    broker.note(&eval(1, "a", 50), 0);
    let mut now_ms = 0;
    for _ in 0..DELIVERIES_MAX {
        let delivery = broker.deliver(now_ms).unwrap();
        assert!(!delivery.exhausted);
        broker.nack(&delivery, now_ms);
        now_ms += 10 * NACK_DELAY_MS;
        broker.tick(now_ms, 0);
    }
    assert!(broker.deliver(now_ms).unwrap().exhausted);
}

#[test]
fn a_storm_collapses_into_the_newest() {
    let mut broker = EvalBroker::default();
    for number in 1..=100 {
        broker.note(&eval(number, "a", 50), 0);
    }
    let first = broker.deliver(0).unwrap();
    assert!(broker.take_overtaken(0, 1_000).is_empty(), "nobody has looked at the job yet");
    broker.ack(&first);
    let overtaken = broker.take_overtaken(0, 1_000);
    assert_eq!(
        overtaken.iter().map(|eval| eval.create_index).collect::<Vec<_>>(),
        (2..100).collect::<Vec<_>>()
    );
    assert_eq!(delivered(&mut broker, 0), 100);
    // Until the state says so, they are not forgotten.
    assert!(broker.take_overtaken(1, 1_000).is_empty());
    assert_eq!(broker.take_overtaken(crate::offers::OFFER_AGAIN_MS, 1_000).len(), 98);
    for eval in &overtaken {
        broker.note(&ended(eval, EvalStatus::Canceled), 0);
    }
    assert_eq!((broker.overtaken_count(), broker.known_count()), (0, 1));
}

#[test]
fn a_time_to_wait_for_is_waited_for() {
    let mut broker = EvalBroker::default();
    let later = Arc::new(Evaluation { wait_until_ns: 1_000, ..(*eval(1, "a", 90)).clone() });
    broker.note(&later, 999);
    broker.note(&eval(2, "a", 50), 999);
    // It does not hold up the others of its job.
    let other = broker.deliver(0).unwrap();
    assert_eq!(other.eval.create_index, 2);
    broker.tick(1_000, 999);
    broker.note(&later, 999);
    broker.ack(&other);
    assert_eq!((delivered(&mut broker, 0), broker.later_count()), (0, 1));
    broker.tick(0, 1_000);
    assert_eq!((delivered(&mut broker, 0), broker.later_count()), (1, 0));
}

#[test]
fn a_late_answer_does_not_lose_an_evaluation_that_came_back() {
    let mut broker = EvalBroker::default();
    let pending = eval(1, "a", 50);
    broker.note(&pending, 0);
    let first = broker.deliver(0).unwrap();
    // Found no room, was woken at once, and only then the worker says that it is done.
    broker.note(&ended(&pending, EvalStatus::Blocked), 0);
    broker.note(&pending, 0);
    broker.ack(&first);
    let second = broker.deliver(0).unwrap();
    broker.nack(&first, 0);
    broker.ack(&second);
    assert_eq!(broker.known_count(), 0);
}
