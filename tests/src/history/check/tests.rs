//! Histories that one register could have made, and histories that none could.

use super::*;

fn write(start: u64, end: u64, value: &str, expected: Option<u64>, outcome: Outcome) -> Operation {
    let call = Call::Write { value: value.into(), expected };
    Operation { key: "k".into(), client: "c".into(), start, end, call, outcome }
}

fn read(start: u64, end: u64, index: u64, value: Option<&str>) -> Operation {
    let outcome = Outcome::Read(index, value.map(str::to_owned));
    Operation { key: "k".into(), client: "c".into(), start, end, call: Call::Read, outcome }
}

fn faults(operations: &[Operation]) -> Vec<String> {
    check(operations).violations
}

#[test]
fn what_a_register_may_answer() {
    let good: [&[Operation]; 8] = [
        &[],
        &[read(0, 1, 0, None), write(2, 3, "a", Some(0), Outcome::Written(7)), read(4, 5, 7, Some("a"))],
        // Side by side either order will do.
        &[write(0, 9, "a", None, Outcome::Written(7)), read(1, 2, 7, Some("a")), read(1, 3, 0, None)],
        &[write(0, 9, "b", None, Outcome::Written(8)), write(1, 8, "a", None, Outcome::Written(7))],
        // Unknown, and seen long after its client gave up.
        &[write(0, 1, "a", None, Outcome::Unknown), read(2, 3, 0, None), read(4, 5, 9, Some("a"))],
        // Unknown, and seen by nobody.
        &[write(0, 1, "a", Some(0), Outcome::Unknown), write(2, 3, "b", Some(0), Outcome::Written(5))],
        // A check-and-set behind an unknown write whose index somebody saw.
        &[
            write(0, 1, "a", None, Outcome::Unknown),
            read(2, 3, 4, Some("a")),
            write(4, 5, "b", Some(4), Outcome::Written(6)),
            write(6, 7, "c", Some(4), Outcome::Refused(6)),
        ],
        &[write(0, 1, "a", None, Outcome::NotDone), read(2, 3, 0, None)],
    ];
    for history in good {
        assert_eq!(faults(history), Vec::<String>::new(), "{history:?}");
    }
}

#[test]
fn what_no_register_answers() {
    let a = || write(0, 1, "a", None, Outcome::Written(7));
    let b = || write(2, 3, "b", Some(7), Outcome::Written(9));
    let bad: [(&str, &[Operation]); 12] = [
        ("a stale read", &[a(), b(), read(4, 5, 7, Some("a"))]),
        ("a lost write", &[a(), read(2, 3, 0, None)]),
        (
            "reads that go back",
            &[write(0, 9, "a", None, Outcome::Written(7)), read(1, 2, 7, Some("a")), read(3, 4, 0, None)],
        ),
        ("two check-and-sets of one index", &[a(), b(), write(2, 5, "c", Some(7), Outcome::Written(10))]),
        (
            "one that ignores a write between",
            &[
                a(),
                write(2, 3, "b", None, Outcome::Written(8)),
                write(4, 5, "c", Some(7), Outcome::Written(9)),
            ],
        ),
        ("refused at the right index", &[a(), write(2, 3, "c", Some(7), Outcome::Refused(7))]),
        ("refused at an index of the past", &[a(), b(), write(4, 5, "c", Some(9), Outcome::Refused(7))]),
        ("another value at that index", &[a(), read(2, 3, 7, Some("b"))]),
        ("an index that nobody wrote", &[a(), read(2, 3, 8, Some("c"))]),
        ("one index twice", &[a(), write(2, 3, "b", None, Outcome::Written(7))]),
        (
            "indexes against the clock",
            &[write(0, 1, "a", None, Outcome::Written(9)), write(2, 3, "b", None, Outcome::Written(7))],
        ),
        ("done although turned away", &[write(0, 1, "a", None, Outcome::NotDone), read(2, 3, 7, Some("a"))]),
    ];
    for (name, history) in bad {
        assert!(!faults(history).is_empty(), "{name}");
    }
}

#[test]
fn an_unknown_write_takes_effect_after_it_was_sent() {
    let early = [read(0, 1, 7, Some("a")), write(2, 3, "a", None, Outcome::Unknown)];
    assert!(!faults(&early).is_empty(), "seen before it was sent");
    // It named an index that was not the one before it.
    let wrong = [
        write(0, 1, "x", None, Outcome::Written(3)),
        write(2, 3, "a", Some(2), Outcome::Unknown),
        read(4, 5, 7, Some("a")),
    ];
    assert!(!faults(&wrong).is_empty());
}

#[test]
fn keys_are_registers_of_their_own_and_everything_is_counted() {
    let mut other = read(4, 5, 0, None);
    other.key = "other".into();
    let history = [
        write(0, 1, "a", None, Outcome::Written(7)),
        write(2, 3, "b", Some(7), Outcome::Written(9)),
        write(2, 3, "c", Some(7), Outcome::Unknown),
        other,
    ];
    let checked = check(&history);
    assert_eq!(checked.violations, Vec::<String>::new());
    assert_eq!((checked.reads, checked.writes, checked.conditional, checked.unknown), (1, 1, 1, 1));
}
