//! No expression, however broken or large, does more than fail.

use filter::{EvalError, Filter, MAX_DEPTH, MAX_LENGTH, ParseError, Shape, Shapes};
use serde_json::{Value, json};

const PIECES: [&str; 44] = [
    "a",
    "A.b",
    "list",
    "map",
    "\"",
    "`",
    "\"/map/k\"",
    "\"/\"",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    " ",
    "  ",
    "\n",
    "not ",
    " and ",
    " or ",
    " in ",
    " is ",
    "empty",
    " nil",
    "any ",
    "all ",
    " as ",
    "_",
    ",",
    "==",
    " != ",
    " contains ",
    " matches ",
    "0",
    "-1",
    "1.5",
    ".",
    "\\",
    "\\x",
    "\u{17e}",
    "\u{10ffff}",
    "any list as i, v { v == 1 }",
    "a matches `(?i)[[:x&&-~]`",
    "\u{0}",
];

/// A small generator with a fixed seed, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("thirty-one bits fit any index") % limit
    }
}

fn ask(text: &str, data: &[Value], shapes: &Shapes, shape: &Shape) -> bool {
    let Ok(filter) = Filter::parse(text) else { return false };
    for datum in data {
        let _ = filter.matches(datum).map_err(|error| error.to_string());
        let _ = filter.matches_as(datum, shapes, shape).map_err(|error| error.to_string());
    }
    true
}

#[test]
fn random_expressions_never_panic() {
    let data = [
        json!({"a": "x", "A": {"b": 1}, "list": [1, "a", null, {}], "map": {"k": [true]}}),
        json!(null),
        json!([1]),
    ];
    let mut shapes = Shapes::default();
    let fields = [("a", "[]byte"), ("A", "*Inner"), ("list", "[]*Inner"), ("map", "map[string]Missing")];
    shapes.define("Outer", &fields).unwrap();
    shapes.define("Inner", &[("b", "[2]float32"), ("Self", "*Inner")]).unwrap();
    let shape = Shape::parse("*Outer").unwrap();
    let mut dice = Dice(42);
    let mut parsed = 0;
    for _ in 0..30_000 {
        let text: String = (0..1 + dice.below(9)).map(|_| PIECES[dice.below(PIECES.len())]).collect();
        parsed += usize::from(ask(&text, &data, &shapes, &shape));
    }
    assert!(parsed > 100, "only {parsed} parsed");
}

#[test]
fn recorded_expressions_cut_and_spliced_never_panic() {
    let vectors: Value = serde_json::from_str(include_str!("../../../tests/vectors/filter.json")).unwrap();
    let texts: Vec<&str> =
        vectors["cases"].as_array().unwrap().iter().filter_map(|case| case["expr"].as_str()).collect();
    let data: Vec<Value> = vectors["data"].as_object().unwrap().values().cloned().collect();
    let mut dice = Dice(7);
    for _ in 0..10_000 {
        let cut = |text: &str, at: usize| text.chars().take(at).collect::<String>();
        let (one, two) = (texts[dice.below(texts.len())], texts[dice.below(texts.len())]);
        let text = cut(one, dice.below(40)) + &two.chars().skip(dice.below(40)).take(200).collect::<String>();
        ask(&text, &data, &Shapes::default(), &Shape::Any);
    }
}

#[test]
fn limits_hold() {
    let nested = |depth: usize| format!("{}a == 1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Filter::parse(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(Filter::parse(&nested(MAX_DEPTH + 1)).unwrap_err(), ParseError::TooDeep);
    assert_eq!(Filter::parse(&"(".repeat(MAX_LENGTH)).unwrap_err(), ParseError::TooDeep);
    assert_eq!(Filter::parse(&" ".repeat(MAX_LENGTH + 1)).unwrap_err(), ParseError::TooLong(MAX_LENGTH + 1));
    assert_eq!(Filter::parse(&["a matches x"; 33].join(" and ")).unwrap_err(), ParseError::TooManyPatterns);
    assert_eq!(
        Filter::parse(&("not ".repeat(4001) + "a == 1")).unwrap().matches(&json!({"a": 1})),
        Ok(false)
    );
    assert!(Filter::parse(&"not ".repeat(4096)).is_err());
    assert!(Filter::parse(&"\"/".repeat(MAX_LENGTH / 2)).is_err());
    let nested = "any list as a { ".repeat(8) + "a == x" + &" }".repeat(8);
    let long: Vec<&str> = vec!["y"; 100];
    assert_eq!(Filter::parse(&nested).unwrap().matches(&json!({"list": long})), Err(EvalError::TooManySteps));
}
