//! What HCL's own formatter makes of such texts.

use super::*;

fn laid_out(text: &str) -> String {
    layout("f.hcl", text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn becomes(before: &str, after: &str) {
    assert_eq!(laid_out(before), after, "of {before}");
    assert_eq!(laid_out(after), after, "once more");
}

#[test]
fn blocks_are_indented_and_neighbours_aligned() {
    becomes(
        "job \"b\"{\n type=\"batch\"\n    priority = 3\n\n\n  group   \"g\"  { count=1 }\n}\n",
        "job \"b\" {\n  type     = \"batch\"\n  priority = 3\n\n\n  group \"g\" { count = 1 }\n}\n",
    );
    becomes(
        "a {\n  x = 1\n  long = {\n  k=1\n    other=2\n  }\n  longer = 2\n  y = 3\n   # own line\n  z = 4   \n}",
        "a {\n  x = 1\n  long = {\n    k     = 1\n    other = 2\n  }\n  longer = 2\n  y      = 3\n  # own line\n  z = 4\n}",
    );
}

#[test]
fn comments_behind_lines_are_aligned() {
    becomes(
        "a = 1 # one\nlonger = 2   // two\nb = 3\nc = /* in */ 4 # four\n# end",
        "a      = 1 # one\nlonger = 2 // two\nb      = 3\nc      = /* in */ 4 # four\n# end",
    );
}

#[test]
fn heredocs_stay_and_count_as_one_line() {
    becomes(
        "template {\n data = <<EOH\n  keep   this = ${ x }\n EOH\n destination = \"d\"\n}\n",
        "template {\n  data        = <<EOH\n  keep   this = ${x}\n EOH\n  destination = \"d\"\n}\n",
    );
    becomes("a = f(<<-E\n x\n E\n)\n", "a = f(<<-E\n x\n E\n)\n");
}

#[test]
fn tokens_have_one_blank_or_none_between_them() {
    for (before, after) in [
        ("a=[ 1,2 ,3 ]", "a = [1, 2, 3]"),
        ("a = {b=1,c = 2}", "a = { b = 1, c = 2 }"),
        ("a = { }", "a = {}"),
        ("a = f ( x , y ... )", "a = f(x, y...)"),
        ("a = x . y [ 0 ] . * . z", "a = x.y[0].*.z"),
        ("a = -1-2 * - b", "a = -1 - 2 * -b"),
        ("a = ! b&&c", "a = !b && c"),
        ("a = b?c:d", "a = b ? c : d"),
        ("a = [for x in[1]:x if(x>0)]", "a = [for x in [1] : x if (x > 0)]"),
        ("a = {for k,v in m:k=>v...}", "a = { for k, v in m : k => v... }"),
        ("a = \"x ${ y } %{ if z ~} w %{endif}\"", "a = \"x ${y} %{ if z ~} w %{endif}\""),
        ("a = \"b\" [ 0 ]", "a = \"b\"[0]"),
        ("a = x.in[0]", "a = x.in[0]"),
    ] {
        becomes(before, after);
    }
}

#[test]
fn a_line_makes_one_level_however_many_brackets_it_opens() {
    becomes(
        "a = f([{\nb = 1\n}])\nc = [{\nd = 1\n}, {\nd = 2\n}]\n",
        "a = f([{\n  b = 1\n}])\nc = [{\n  d = 1\n  }, {\n  d = 2\n}]\n",
    );
    becomes("a = [\n\"x\",\n[\n1\n],\n]\n", "a = [\n  \"x\",\n  [\n    1\n  ],\n]\n");
}

#[test]
fn line_feeds_stay_as_they_are() {
    becomes("a  = 1\r\nbc = 2\r\n", "a  = 1\r\nbc = 2\r\n");
    becomes("", "");
    becomes("\n\n   \n", "\n\n\n");
}

#[test]
fn what_is_no_text_of_the_language_is_refused() {
    let error = layout("f.hcl", "job \"b\" {\n").unwrap_err();
    assert_eq!(error.list[0].summary, "Unclosed configuration block");
    assert!(layout("f.hcl", &" ".repeat(crate::MAX_TEXT + 1)).is_err());
}
