//! Every case of `version.json`: versions and constraints on them, in both flavours.

use scheduler::feasible::version::{Constraints, Flavour, Version};
use serde_json::Value;

use crate::vectors;

/// What our code makes of a case, as the file tells it; `None` where it agrees.
fn difference(case: &Value) -> Option<String> {
    let text = |name: &str| case[name].as_str().unwrap_or_default();
    if let Some(pair) = case["compare"].as_array() {
        let version = |at: usize| Version::parse(pair[at].as_str().unwrap(), Flavour::Loose).unwrap();
        let order = version(0).order(&version(1)) as i64;
        return (order != case["order"].as_i64().unwrap()).then(|| format!("{order}"));
    }
    let strict = |strict: bool| if strict { Flavour::Strict } else { Flavour::Loose };
    if let Some(version) = case["parse"].as_str() {
        let read = Version::parse(version, strict(case["strict"] == true));
        let same = match &read {
            None => case.get("error").is_some(),
            Some(read) => {
                case.get("error").is_none()
                    && serde_json::json!(read.parts) == case["segments"]
                    && (&*read.prerelease, &*read.metadata) == (text("prerelease"), text("metadata"))
            }
        };
        return (!same).then(|| format!("{read:?}"));
    }
    let constraints = Constraints::parse(text("constraint"), strict(text("operand") == "semver"));
    let same = match (text("where"), &constraints) {
        ("constraint", read) => read.is_none(),
        (_, None) => false,
        // A version that cannot be read satisfies nothing.
        (_, Some(read)) => read.accept(text("version")) == case["result"].as_bool().unwrap_or(false),
    };
    (!same).then(|| format!("{constraints:?}"))
}

#[test]
fn every_case() {
    let cases = vectors(include_str!("../../../../tests/vectors/version.json"));
    let wrong: Vec<String> =
        cases.iter().filter_map(|case| Some(format!("{case}: {}", difference(case)?))).collect();
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
