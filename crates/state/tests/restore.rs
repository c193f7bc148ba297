//! A saved state takes the place of another: everything comes back, no index does, and nothing happens by halves.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests may")]

use model::{Namespace, RootKey, Variable};
use state::command::restore::chain;
use state::{
    Applied, Command, Envelope, Operation, Outcome, Refusal, RestoreStep, RestoredRow, RowKey, Seed, State,
    Table,
};
use uuid::Uuid;

const ID: Seed = Seed(Uuid::from_u128(7));
const OTHER: Seed = Seed(Uuid::from_u128(8));

fn apply(state: &mut State, command: Command) -> Applied {
    let applied = state.apply(Envelope { trace: String::new(), now_ns: 1, command });
    let again = State::from_rows(state.rows()).unwrap();
    assert!(again.rows().eq(state.rows()), "what is written is read again as it was");
    applied
}

fn step(state: &mut State, step: RestoreStep) -> Applied {
    apply(state, Command::Restore { step })
}

fn cluster(namespace: &str, key: &str) -> State {
    let mut state = State::new();
    apply(&mut state, Command::BeginTenure { tenure: 3 });
    let key = RootKey { id: key.into(), modulus: vec![1], ..RootKey::default() };
    apply(&mut state, Command::PutRootKey { key: key.clone() });
    let operations = [
        Operation::PutNamespace {
            namespace: Box::new(Namespace { name: namespace.into(), ..Namespace::default() }),
        },
        Operation::PutVariable {
            variable: Box::new(Variable {
                namespace: "default".into(),
                path: namespace.into(),
                data: vec![1],
                key_id: key.id,
                ..Variable::default()
            }),
            cas: None,
            acquire: false,
        },
    ];
    for operation in operations {
        apply(&mut state, Command::Operate { operation });
    }
    state
}

/// Rows of a state in parts of three.
fn parts(state: &State) -> Vec<Vec<RestoredRow>> {
    let rows: Vec<_> = state.rows().map(|(key, value)| RestoredRow::new(&key, value)).collect();
    rows.chunks(3).map(<[RestoredRow]>::to_vec).collect()
}

fn send(state: &mut State, parts: &[Vec<RestoredRow>]) -> RestoreStep {
    step(state, RestoreStep::Begin { id: ID });
    for (number, rows) in (0..).zip(parts) {
        step(state, RestoreStep::Part { id: ID, number, rows: rows.clone() });
    }
    let digest = parts.iter().fold(Vec::new(), |before, rows| chain(&before, rows));
    RestoreStep::Commit { id: ID, parts: parts.len() as u64, digest }
}

/// Rows but for the counters and the root keys, which a restore does not take over as they are.
fn content(state: &State) -> Vec<(RowKey, Vec<u8>)> {
    state.rows().filter(|(key, _)| !["Counters", "Root Keys"].contains(&key.table().unwrap())).collect()
}

#[test]
fn everything_comes_back_and_no_index_does() {
    let saved = cluster("old", "old-key");
    let mut state = cluster("new", "new-key");
    let commit = send(&mut state, &parts(&saved));
    assert!(state.namespace("new").is_some() && state.namespace("old").is_none(), "parts change nothing yet");
    let before = state.index();
    let applied = step(&mut state, commit);
    assert!(applied.replaced && applied.events.is_empty());
    assert_eq!(content(&state), content(&saved));
    state.check().unwrap();
    assert_eq!(applied.index, state.index());
    assert!(
        state.index() > before + 1_000_000,
        "indexes that nobody here has heard of are not given out again"
    );
    assert!(Table::ALL.iter().all(|table| state.table_index(*table) == state.index()));
    assert_eq!((state.restored_index(), state.epoch()), (state.index(), Some(ID)));
    assert!(state.tenure() > 3, "what the leader has under way is refused");
    let next = apply(&mut state, Command::Noop);
    assert_eq!(next.index, applied.index + 1);
}

#[test]
fn the_keys_that_the_servers_hold_stay() {
    let saved = cluster("old", "old-key");
    let mut state = cluster("new", "new-key");
    let commit = send(&mut state, &parts(&saved));
    step(&mut state, commit);
    let keys: Vec<_> = state.root_keys().map(|key| (key.id.as_str(), key.active)).collect();
    assert_eq!(keys, [("new-key", true), ("old-key", false)]);
    let mut fresh = State::new();
    let commit = send(&mut fresh, &parts(&saved));
    step(&mut fresh, commit);
    let keys: Vec<_> = fresh.root_keys().map(|key| (key.id.as_str(), key.active)).collect();
    assert_eq!(keys, [("old-key", true)]);
}

#[test]
fn what_is_not_whole_changes_nothing() {
    let saved = cluster("old", "old-key");
    let whole = parts(&saved);
    let mut state = cluster("new", "new-key");
    let before = content(&state);
    let outcome = |applied: Applied| match applied.outcome {
        Outcome::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    };
    // A part is missing.
    let RestoreStep::Commit { digest, .. } = send(&mut state, &whole[1..]) else { unreachable!() };
    let commit = RestoreStep::Commit { id: ID, parts: whole.len() as u64, digest };
    assert!(matches!(outcome(step(&mut state, commit)), Refusal::RestoreRefused { .. }));
    assert_eq!(content(&state), before);
    // They are in another order.
    let commit = send(&mut state, &whole);
    let mut turned = whole.clone();
    turned.swap(0, 1);
    send(&mut state, &turned);
    assert!(matches!(outcome(step(&mut state, commit)), Refusal::RestoreRefused { .. }));
    // Another restore, or another leader, has begun.
    let commit = send(&mut state, &whole);
    step(&mut state, RestoreStep::Begin { id: OTHER });
    assert_eq!(outcome(step(&mut state, commit.clone())), Refusal::RestoreInterrupted);
    send(&mut state, &whole);
    apply(&mut state, Command::BeginTenure { tenure: 9 });
    assert_eq!(outcome(step(&mut state, commit)), Refusal::RestoreInterrupted);
    // Rows that make no state.
    let value = saved.rows().next().unwrap().1;
    let wrong = vec![vec![RestoredRow::new(&RowKey::from_bytes(&[200]), value)]];
    let commit = send(&mut state, &wrong);
    assert!(matches!(outcome(step(&mut state, commit)), Refusal::RestoreRefused { .. }));
    send(&mut state, &whole);
    step(&mut state, RestoreStep::Abandon { id: ID });
    assert_eq!(content(&state), before);
    state.check().unwrap();
}
