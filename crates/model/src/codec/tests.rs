//! What the codec leaves out, and what it must keep.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{decode, encode};
use crate::id::EvalId;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Choice {
    Plain,
    Wrapped(Inner),
    Named { zero: u64, inner: Inner },
    Pair(u8, String),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
struct Inner {
    number: i64,
    texts: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
struct Outer {
    flag: bool,
    id: EvalId,
    nothing: Option<u64>,
    zero: Option<u64>,
    empty: Option<Inner>,
    inner: Inner,
    list: Vec<Inner>,
    map: BTreeMap<String, Inner>,
    choice: Option<Choice>,
    real: f64,
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
    pair: (u8, u8),
    large: u64,
    small: i64,
}

fn round(outer: &Outer) -> usize {
    let bytes = encode(outer);
    assert_eq!(decode::<Outer>(&bytes).expect("what was encoded decodes"), *outer);
    bytes.len()
}

#[test]
fn what_says_nothing_takes_no_room() {
    assert_eq!(round(&Outer::default()), 3);
}

#[test]
fn what_looks_like_nothing_but_is_something_is_kept() {
    let some_zero = Outer { zero: Some(0), empty: Some(Inner::default()), ..Outer::default() };
    assert!(round(&some_zero) > 3);
    let elements = Outer {
        list: vec![Inner::default(), Inner::default()],
        map: BTreeMap::from([("a".to_owned(), Inner::default())]),
        real: -0.0,
        bytes: vec![0; 16],
        ..Outer::default()
    };
    round(&elements);
    let bytes = encode(&elements);
    let back: Outer = decode(&bytes).expect("what was encoded decodes");
    assert!(back.real.is_sign_negative());
    assert_eq!((back.list.len(), back.map.len(), back.bytes.len()), (2, 1, 16));
}

#[test]
fn variants_keep_all_of_their_fields() {
    for choice in [
        Choice::Plain,
        Choice::Wrapped(Inner { number: -1, texts: vec![String::new()] }),
        Choice::Named { zero: 0, inner: Inner::default() },
        Choice::Pair(0, String::new()),
    ] {
        round(&Outer { choice: Some(choice), ..Outer::default() });
    }
}

#[test]
fn numbers_of_every_size_come_back() {
    for shift in 0..64 {
        let large = 1_u64 << shift;
        let small = -(large >> 1).cast_signed();
        round(&Outer {
            large,
            small,
            pair: (0, shift as u8),
            id: EvalId(uuid::Uuid::max()),
            ..Outer::default()
        });
    }
    round(&Outer { large: u64::MAX, small: i64::MIN, ..Outer::default() });
}

#[test]
fn what_was_written_in_full_is_still_read() {
    let outer = Outer { flag: true, list: vec![Inner::default()], ..Outer::default() };
    let full = rmp_serde::to_vec_named(&outer).expect("a plain struct encodes");
    assert_eq!(decode::<Outer>(&full).expect("an older encoding decodes"), outer);
}
