//! What the command line may do and the endpoint may not: variables from several places, and files.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests may")]

use jobspec::{FileError, Files, Given, Options};

const JOB: &str = "variable \"n\" {\n  type    = number\n  default = 1\n}\nvariable \"l\" {\n  type    = list(string)\n  default = []\n}\njob \"j\" {\n  priority    = var.n\n  datacenters = var.l\n}\n";

fn options(given: Vec<Given>) -> Options<'static> {
    Options { given, undeclared_is_error: true, files: None, mint: &|| [7; 16] }
}

fn argument(name: &str, value: &str) -> Given {
    Given::Argument { name: name.to_owned(), value: value.to_owned() }
}

fn environment(name: &str, value: &str) -> Given {
    Given::Environment { name: name.to_owned(), value: value.to_owned() }
}

fn file(text: &str) -> Given {
    Given::File { name: "v.hcl".to_owned(), text: text.to_owned() }
}

fn priority(given: Vec<Given>) -> i64 {
    jobspec::parse("f.nomad.hcl", JOB, &options(given)).unwrap()["Priority"].as_i64().unwrap()
}

fn refusal(given: Vec<Given>) -> String {
    jobspec::parse("f.nomad.hcl", JOB, &options(given)).unwrap_err().to_string()
}

#[test]
fn arguments_win_over_files_and_files_over_the_environment() {
    assert_eq!(priority(vec![]), 1);
    assert_eq!(priority(vec![environment("n", "2")]), 2);
    assert_eq!(priority(vec![file("n = 3\n"), environment("n", "2")]), 3);
    assert_eq!(priority(vec![argument("n", "5"), file("n = 3\n"), argument("n", "6")]), 6);
    assert_eq!(priority(vec![environment("zzz", "2")]), 1);
}

#[test]
fn values_that_do_not_fit_are_refused_in_known_words() {
    assert_eq!(
        refusal(vec![argument("n", "many")]),
        ":0,0-0: Invalid argument value for -var variable; The received arg value for n is not compatible with the variable's type constraint: a number is required."
    );
    assert_eq!(
        refusal(vec![environment("n", "many")]),
        ":0,0-0: Invalid value for variable; The value for n is not compatible with the variable's type constraint: a number is required."
    );
    assert_eq!(
        refusal(vec![argument("l", "a,b")]),
        "<value for var.l from arguments>:1,2-3: Extra characters after expression; An expression was successfully parsed, but extra characters were found after it."
    );
    assert_eq!(
        refusal(vec![argument("zz", "1")]),
        "<nil>: Undefined -var variable; A \"zz\" variable was passed in the command line but was not found in known variables. To declare variable \"zz\", place this block in your job file"
    );
    assert!(refusal(vec![file("n = \"x\"\n")]).starts_with("v.hcl:1,5-8: Invalid value for variable;"));
    assert!(
        refusal(vec![file("n = [1,\n")])
            .starts_with("unable to parse var content: v.hcl:2,1-1: Missing expression;")
    );
}

#[test]
fn files_are_read_through_the_caller() {
    let read = |path: &str| match path {
        "inc.txt" => Ok(b"included".to_vec()),
        "bin" => Ok(vec![0xff]),
        _ => Err(FileError::Missing),
    };
    let exists = |path: &str| Ok(path == "inc.txt");
    let list = |_: &str| Ok(vec!["a.hcl".to_owned(), "sub/b.hcl".to_owned(), "c.txt".to_owned()]);
    let options = Options {
        given: Vec::new(),
        undeclared_is_error: false,
        files: Some(Files { read: &read, exists: &exists, list: &list, directory: "/w", home: "/home/user" }),
        mint: &|| [7; 16],
    };
    let name = |expression: &str| {
        let text = format!("job \"j\" {{\n  name = {expression}\n}}\n");
        let parsed = jobspec::parse("f.nomad.hcl", &text, &options);
        parsed.map(|job| job["Name"].as_str().unwrap().to_owned()).map_err(|error| error.to_string())
    };
    assert_eq!(name("file(\"inc.txt\")").unwrap(), "included");
    assert_eq!(name("filebase64(\"bin\")").unwrap(), "/w==");
    assert_eq!(name("join(\",\", fileset(\".\", \"**/*.hcl\"))").unwrap(), "a.hcl,sub/b.hcl");
    assert_eq!(name("join(\",\", fileset(\".\", \"*.{hcl,txt}\"))").unwrap(), "a.hcl,c.txt");
    assert_eq!(name("\"${fileexists(\"inc.txt\")}\"").unwrap(), "true");
    assert_eq!(name("abspath(\"x/../y\")").unwrap(), "/w/y");
    assert_eq!(name("pathexpand(\"~/y\")").unwrap(), "/home/user/y");
    assert_eq!(name("\"${basename(\"/a/b\")} ${dirname(\"/a/b\")}\"").unwrap(), "b /a");
    assert!(name("file(\"nope.txt\")").unwrap_err().contains("no file exists at nope.txt."));
    assert!(name("file(\"bin\")").unwrap_err().contains("contents of bin are not valid UTF-8;"));
}

#[test]
fn a_diagnostic_can_show_its_line() {
    let text = "job \"j\" {\n  nmae = \"x\"\n}\n";
    let error = jobspec::parse("f.nomad.hcl", text, &options(Vec::new())).unwrap_err();
    let shown = error.render(&|name| (name == "f.nomad.hcl").then(|| text.to_owned()));
    let want = "Error: Unsupported argument\n\n  on f.nomad.hcl line 2:\n   2:   nmae = \"x\"\n        ^^^^\n\nAn argument named \"nmae\" is not expected here. Did you mean \"name\"?\n";
    assert_eq!(shown, want);
}
