//! Files that nobody should write: they are refused, in time and without a panic.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests may")]

#[path = "corpus/files.rs"]
mod files;

fn options(variables: Option<&str>) -> jobspec::Options<'static> {
    let given =
        variables.map(|text| jobspec::Given::File { name: "input.hcl".to_owned(), text: text.to_owned() });
    jobspec::Options {
        given: given.into_iter().collect(),
        undeclared_is_error: false,
        files: None,
        mint: &|| [7; 16],
    }
}

fn refusal(text: &str) -> String {
    jobspec::parse("input.hcl", text, &options(None)).unwrap_err().to_string()
}

fn local(value: &str) -> String {
    format!("locals {{\n  a = {value}\n}}\njob \"a\" {{\n}}\n")
}

#[test]
fn a_file_past_a_mebibyte_is_refused() {
    let text = format!("job \"a\" {{\n}}\n#{}", "x".repeat(jobspec::MAX_TEXT));
    assert!(refusal(&text).contains("Job file too large"));
}

#[test]
fn deep_nesting_is_refused_in_every_form() {
    let deep = 100_000;
    for (open, close) in [
        ("[", "]"),
        ("(", ")"),
        ("{ a = ", " }"),
        ("-", ""),
        ("!", ""),
        ("upper(", ")"),
        ("\"${", "}\""),
        ("true ? 1 : ", ""),
        ("true ? ", ": 1"),
        ("[for x in ", " : x]"),
        ("x[", "]"),
    ] {
        let text = local(&format!("{}1{}", open.repeat(deep), close.repeat(deep)));
        let text = text.get(..jobspec::MAX_TEXT.min(text.len())).unwrap();
        assert!(refusal(text).contains("Nesting too deep"), "{open}: {}", refusal(text));
    }
    let chain = local(&format!("x{}", "[y]".repeat(deep)));
    assert!(refusal(&chain).contains("Nesting too deep"));
    let splats = local(&format!("x{}", "[*]".repeat(deep)));
    assert!(refusal(&splats).contains("Nesting too deep"));
    let blocks = "a {\n".repeat(deep);
    assert!(refusal(&blocks).contains("Nesting too deep"));
    let directives = local(&format!("\"{}\"", "%{ if true }".repeat(70_000)));
    assert!(refusal(&directives).contains("Nesting too deep"));
    // What stands in directives in a template in directives in a template is as deep as all of them.
    let directives = format!("\"{}${{", "%{ if true }".repeat(20)).repeat(20);
    let mixed = local(&format!("{directives}1{}", format!("}}{}\"", "%{ endif }".repeat(20)).repeat(20)));
    assert!(refusal(&mixed).contains("Nesting too deep"));
    let json = format!("{{\"job\": {}", "[".repeat(deep));
    assert!(refusal(&json).contains("Nesting too deep"));
}

/// What the limit lets through must fit on the stack of a thread, evaluation included.
#[test]
fn nesting_up_to_the_limit_has_an_answer() {
    let forms = [
        ("[", "]"),
        ("(", ")"),
        ("{ a = ", " }"),
        ("-", ""),
        ("upper(", ")"),
        ("\"${", "}\""),
        ("true ? 1 : ", ""),
        ("[for x in [1] : ", "]"),
        ("{ for x in [1] : x => ", " }"),
        ("\"%{ if true }${", "}%{ endif }\""),
        ("try(", ")"),
    ];
    for (open, close) in forms {
        for deep in 1..=jobspec::MAX_NESTING {
            let inner = format!("x{}", "[y]".repeat(60));
            for middle in ["1", inner.as_str()] {
                let value = format!("{}{middle}{}", open.repeat(deep), close.repeat(deep));
                let text = format!(
                    "job \"a\" {{\n  group \"g\" {{\n    task \"t\" {{\n      config {{\n        a = {value}\n      }}\n    }}\n  }}\n}}\n"
                );
                let answer = jobspec::parse("input.hcl", &text, &options(None));
                assert!(deep > 18 || middle != "1" || answer.is_ok(), "{open} {deep}: {answer:?}");
            }
        }
    }
}

#[test]
fn long_chains_of_operators_are_no_nesting() {
    let text = local(&format!("1{}", " + 1".repeat(100_000)));
    assert!(jobspec::parse("input.hcl", &text, &options(None)).is_ok());
    let text = local(&format!("x{}", ".a".repeat(100_000)));
    assert!(jobspec::parse("input.hcl", &text, &options(None)).is_ok());
}

/// `l0` doubled so many times over.
fn doubled(first: &str, double: impl Fn(usize) -> String, times: usize) -> String {
    let mut text = format!("locals {{\n  l0 = {first}\n");
    for index in 0..times {
        text.push_str(&format!("  l{} = {}\n", index + 1, double(index)));
    }
    text.push_str(&format!("}}\njob \"a\" {{\n  name = \"${{length(local.l{times})}}\"\n}}\n"));
    text
}

#[test]
fn values_that_double_are_refused() {
    let lists = doubled("[1]", |index| format!("concat(local.l{index}, local.l{index})"), 40);
    let trees = doubled("[1]", |index| format!("[local.l{index}, local.l{index}]"), 40);
    let deep = doubled("[1]", |index| format!("[local.l{index}]"), 3_000);
    let texts = doubled("\"xxxxxxxx\"", |index| format!("\"${{local.l{index}}}${{local.l{index}}}\""), 40);
    let replaced =
        doubled("\"xxxxxxxx\"", |index| format!("replace(local.l{index}, \"x\", local.l{index})"), 10);
    for text in [lists, trees, deep, texts, replaced] {
        let refused = refusal(&text);
        let known = ["too large", "too costly"].iter().any(|words| refused.contains(words));
        assert!(known, "{}", refused.get(..300).unwrap_or(&refused));
    }
}

#[test]
fn loops_and_products_that_take_too_long_are_refused() {
    let nested = local(
        "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : [for d in range(1000) : 1]]]]",
    );
    assert!(refusal(&nested).contains("too"), "{}", refusal(&nested));
    let product = local("setproduct(range(1000), range(1000), range(1000))");
    assert!(refusal(&product).contains("too large"), "{}", refusal(&product));
    let blocks = "job \"a\" {\n  dynamic \"constraint\" {\n    for_each = setproduct(range(300), range(300))\n    content {}\n  }\n}\n";
    assert!(refusal(blocks).contains("more than"), "{}", refusal(blocks));
    let cost = local("bcrypt(\"x\", 31)");
    assert!(refusal(&cost).contains("cost"), "{}", refusal(&cost));
    let huge = local("[1e999999999, pow(10, 999999), 1e-999999999]");
    assert!(jobspec::parse("input.hcl", &huge, &options(None)).is_ok());
    let wide = local("format(\"%999999999d\", 1)");
    assert!(jobspec::parse("input.hcl", &wide, &options(None)).is_ok());
    let many = "x = 1\n".repeat(150_000);
    assert!(!refusal(&many).is_empty());
}

/// Cuts every file at many places, and takes single characters out: the answer may be any, but there must be one.
#[test]
fn truncated_and_damaged_files_never_panic() {
    for case in files::all().iter().filter(|case| case.answer.is_object()) {
        let places: Vec<usize> = case.text.char_indices().map(|(at, _)| at).collect();
        let step = (places.len() / 12).max(1);
        for at in places.iter().step_by(step) {
            let (head, tail) = case.text.split_at(*at);
            let variables = case.variables.as_deref();
            let shorter: String = tail.chars().skip(1).collect();
            for text in [
                head.to_owned(),
                tail.to_owned(),
                format!("{head}{shorter}"),
                format!("{head}\u{1}\"${{{tail}"),
            ] {
                if let Ok(job) = jobspec::parse("input.hcl", &text, &options(variables)) {
                    assert!(jobspec::canonicalize(job).is_object(), "{}", case.name);
                }
            }
            let _ = jobspec::parse(
                "input.hcl",
                &case.text,
                &options(variables.map(|text| text.get(..*at).unwrap_or(text))),
            );
        }
    }
}
