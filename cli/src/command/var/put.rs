//! `var put`: a variable from a file, from standard input, from `key=value`, or from several of them.

use super::spec::{self, is_reference};
use super::{conflict_or, one_namespace, out, path_of, trimmed, usage};
use crate::args::VarPut;
use crate::console::{Console, Failure, client};
use api::variables::VariableDecrypted;

pub(super) async fn run(args: &VarPut, console: Console) -> Result<u8, Failure> {
    if let [only] = args.arguments.as_slice()
        && !is_reference(only)
    {
        return Err(usage("Must supply data", "put"));
    }
    spec::Syntax::named(args.input.as_deref()).map_err(|why| usage(&why, "put"))?;
    let form = out::Form::of(&args.out, console, out::ONE).map_err(|why| usage(&why, "put"))?;
    let check = args.check_index.as_deref().filter(|text| !text.is_empty());
    let check = check.map(|text| super::parse_index("check-index", text)).transpose()?;
    let client = client(&args.general)?;
    one_namespace(&client)?;
    let mut variable = given(&args.arguments, args.input.as_deref()).map_err(Failure::new)?;
    let flagged = &client.connection().namespace;
    if !flagged.is_empty() && variable.namespace != *flagged {
        variable.namespace.clone_from(flagged);
        variable.modify_index = 0;
    }
    let say = |text: String| {
        if args.verbose {
            console.error(text);
        }
    };
    let path = variable.path.clone();
    say(format!("Writing to path {path:?}"));
    let index = check.unwrap_or(variable.modify_index);
    let cas = index.to_string();
    let query: &[(&str, &str)] = if args.force { &[] } else { &[("cas", &cas)] };
    let (written, _) = client
        .put::<_, serde_json::Value>(&path_of(&path), query, &variable)
        .await
        .map_err(|error| conflict_or("Error creating variable", index, &error))?;
    let warnings = spec::warnings(&variable);
    if !warnings.is_empty() {
        console.error(warnings);
    }
    let written: VariableDecrypted = super::super::decode("Error creating variable", &written)?;
    let done = format!("Created variable {path:?} with modify index {}", written.modify_index);
    if form == out::Form::None {
        console.line(done);
    } else {
        say(done);
        out::print(console, &form, &written)?;
    }
    Ok(0)
}

/// The variable that the arguments describe. A path before a file wins over the path in it, and makes it another
/// variable, whose index says nothing.
fn given(arguments: &[String], input: Option<&str>) -> Result<VariableDecrypted, String> {
    let (mut path, mut rest) = (None, arguments);
    if let [first, more @ ..] = rest
        && !is_reference(first)
    {
        (path, rest) = (Some(trimmed(first).to_owned()), more);
    }
    let mut variable = VariableDecrypted::default();
    if let [reference, more @ ..] = rest
        && is_reference(reference)
    {
        (variable, rest) = (spec::read(reference, input)?, more);
    }
    if let Some(path) = path.filter(|path| *path != variable.path) {
        (variable.path, variable.modify_index) = (path, 0);
    }
    spec::set_items(&mut variable, rest).map_err(|why| format!("Failed to parse K=V data: {why}"))?;
    Ok(variable)
}

#[cfg(test)]
mod tests {
    use super::given;

    #[test]
    fn a_path_and_items_are_laid_over_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("s.json");
        std::fs::write(&file, r#"{"Path": "in/file", "ModifyIndex": 9, "Items": {"a": "1", "b": "2"}}"#)
            .unwrap();
        let reference = format!("@{}", file.display());
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();

        let plain = given(&words(&[&reference]), None).unwrap();
        assert_eq!((plain.path.as_str(), plain.modify_index), ("in/file", 9));
        let moved = given(&words(&["/else/where", &reference, "a=", "c=3"]), None).unwrap();
        assert_eq!((moved.path.as_str(), moved.modify_index), ("else/where", 0));
        assert_eq!(moved.items.unwrap().into_keys().collect::<Vec<_>>(), ["b", "c"]);
        let bad = given(&words(&["p", "novalue"]), None).unwrap_err();
        assert_eq!(
            bad,
            "Failed to parse K=V data: invalid key/value pair \"novalue\": format must be key=value"
        );
    }
}
