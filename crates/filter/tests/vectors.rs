//! Every recorded answer of the original library, over the data and declared types recorded with them.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests may")]

use filter::{Filter, Shape, Shapes};
use serde_json::Value;

const VECTORS: &str = include_str!("../../../tests/vectors/filter.json");

/// The types of the recorded structs. `alias` and the unnameable fields are written in words there.
fn shapes(vectors: &Value) -> Shapes {
    let mut shapes = Shapes::default();
    for (name, fields) in vectors["structs"].as_object().unwrap() {
        for field in fields.as_array().unwrap() {
            let (field, text) = field.as_str().unwrap().split_once(' ').unwrap();
            match text.split_once(" (") {
                None => shapes.define(name, &[(field, text)]).unwrap(),
                Some((text, "bexpr name alias)")) => {
                    shapes.define_renamed(name, "alias", field, text).unwrap()
                }
                Some(_) => {}
            }
        }
    }
    shapes
}

#[test]
fn every_recorded_answer_is_given() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let shapes = shapes(&vectors);
    let cases = vectors["cases"].as_array().unwrap();
    let mut failures = Vec::new();
    for case in cases {
        let (datum, text) = (case["datum"].as_str().unwrap(), case["expr"].as_str().unwrap());
        let shape = Shape::parse(vectors["types"][datum].as_str().unwrap()).unwrap();
        let answer = match Filter::parse(text) {
            Err(error) => ("parse", Err(error.to_string())),
            Ok(filter) => {
                let verdict = filter.matches_as(&vectors["data"][datum], &shapes, &shape);
                ("evaluate", verdict.map_err(|error| error.to_string()))
            }
        };
        let right = match (case["result"].as_bool(), case["error"].as_str()) {
            (Some(result), None) => answer == ("evaluate", Ok(result)),
            (None, Some(error)) => answer == (case["stage"].as_str().unwrap(), Err(error.to_owned())),
            _ => panic!("a case has a result or an error: {case}"),
        };
        if !right {
            failures.push(format!("{case}\n    got {answer:?}"));
        }
    }
    assert!(failures.is_empty(), "{} of {} differ:\n{}", failures.len(), cases.len(), failures.join("\n"));
    assert_eq!(cases.len(), 566);
}
