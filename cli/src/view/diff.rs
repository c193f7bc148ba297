//! The difference of two versions of a job, as `job plan` and `job history -p` show it.
//!
//! Every line begins with a marker; the markers of one list are as wide as its widest, so that the names stand below
//! each other. What is new or gone as a whole is told by its name alone unless everything is asked for.

use api::diff::{ADDED, DELETED, EDITED, FieldDiff, GroupDiff, JobDiff, NONE, ObjectDiff, TaskDiff};

/// The lines of a job's difference, joined, without a line feed at the end.
pub fn job(diff: &JobDiff, verbose: bool) -> String {
    let fields = diff.fields.as_deref().unwrap_or_default();
    let objects = diff.objects.as_deref().unwrap_or_default();
    let groups = diff.task_groups.as_deref().unwrap_or_default();
    let mut out = vec![format!("{}Job: {:?}", lead(&diff.kind), diff.id)];
    let kinds = kinds(fields, objects).chain(groups.iter().map(|group| group.kind.as_str()));
    let width = width(kinds);
    if verbose || diff.kind == EDITED {
        parts(&mut out, fields, objects, 0, width);
    }
    for (at, entry) in groups.iter().enumerate() {
        if at > 0 {
            out.push(String::new());
        }
        group(&mut out, entry, width, verbose);
    }
    out.join("\n")
}

fn group(out: &mut Vec<String>, diff: &GroupDiff, width: usize, verbose: bool) {
    let fields = diff.fields.as_deref().unwrap_or_default();
    let objects = diff.objects.as_deref().unwrap_or_default();
    let tasks = diff.tasks.as_deref().unwrap_or_default();
    let updates: Vec<String> =
        diff.updates.iter().flatten().map(|(what, count)| format!("{count} {what}")).collect();
    let updates = if updates.is_empty() { String::new() } else { format!(" ({})", updates.join(", ")) };
    out.push(format!("{}Task Group: {:?}{updates}", marker(&diff.kind, width), diff.name));
    let start = if diff.kind == NONE { width + 2 } else { 2 };
    let kinds = kinds(fields, objects).chain(tasks.iter().map(|task| task.kind.as_str()));
    let width = self::width(kinds);
    if verbose || diff.kind == EDITED {
        parts(out, fields, objects, start, width);
    }
    for entry in tasks {
        task(out, entry, start, width, verbose);
    }
}

fn task(out: &mut Vec<String>, diff: &TaskDiff, start: usize, width: usize, verbose: bool) {
    let forces = annotations(diff.annotations.as_ref());
    out.push(format!("{:start$}{}Task: {:?}{forces}", "", marker(&diff.kind, width), diff.name));
    if diff.kind == NONE || (!verbose && diff.kind != EDITED) {
        return;
    }
    let fields = diff.fields.as_deref().unwrap_or_default();
    let objects = diff.objects.as_deref().unwrap_or_default();
    parts(out, fields, objects, start + 2, self::width(kinds(fields, objects)));
}

fn parts(out: &mut Vec<String>, fields: &[FieldDiff], objects: &[ObjectDiff], start: usize, width: usize) {
    let longest = fields.iter().map(|field| field.name.chars().count()).max().unwrap_or(0);
    for field in fields {
        let value = match field.kind.as_str() {
            DELETED => quoted(&field.old),
            EDITED => format!("{} => {}", quoted(&field.old), quoted(&field.new)),
            _ => quoted(&field.new),
        };
        let name = format!("{}:", field.name);
        let (lead, column) = (marker(&field.kind, width), longest + 1);
        out.push(format!(
            "{:start$}{lead}{name:column$} {value}{}",
            "",
            annotations(field.annotations.as_ref())
        ));
    }
    for object in objects {
        let fields = object.fields.as_deref().unwrap_or_default();
        let objects = object.objects.as_deref().unwrap_or_default();
        out.push(format!("{:start$}{}{} {{", "", marker(&object.kind, width), object.name));
        // What is within stands behind the name's blanks: a shorter marker moves it to the right.
        let within = start + 2 + width.saturating_sub(lead(&object.kind).len());
        parts(out, fields, objects, within, self::width(kinds(fields, objects)));
        let end = start + width;
        out.push(format!("{:end$}}}", ""));
    }
}

/// Quotes around it, and nothing escaped, as the original shows values.
fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn annotations(all: Option<&Vec<String>>) -> String {
    match all {
        Some(all) if !all.is_empty() => format!(" ({})", all.join(", ")),
        _ => String::new(),
    }
}

fn kinds<'a>(fields: &'a [FieldDiff], objects: &'a [ObjectDiff]) -> impl Iterator<Item = &'a str> {
    fields.iter().map(|field| field.kind.as_str()).chain(objects.iter().map(|object| object.kind.as_str()))
}

/// Columns of the widest marker with the blank behind it.
fn width<'a>(kinds: impl Iterator<Item = &'a str>) -> usize {
    kinds.map(|kind| lead(kind).len()).max().unwrap_or(0)
}

fn marker(kind: &str, width: usize) -> String {
    format!("{:width$}", lead(kind))
}

fn lead(kind: &str) -> &'static str {
    match kind {
        ADDED => "+ ",
        DELETED => "- ",
        EDITED => "+/- ",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: &str, name: &str, old: &str, new: &str) -> FieldDiff {
        FieldDiff {
            name: name.to_owned(),
            old: old.to_owned(),
            new: new.to_owned(),
            kind: kind.to_owned(),
            annotations: None,
        }
    }

    #[test]
    fn what_is_gone_as_a_whole_stands_under_its_name() {
        let object = |name: &str, kind: &str, inner: FieldDiff| ObjectDiff {
            name: name.to_owned(),
            kind: kind.to_owned(),
            fields: Some(vec![inner]),
            objects: None,
        };
        let objects = [
            object("Restart", EDITED, field(EDITED, "Attempts", "2", "3")),
            object("Migrate", DELETED, field(DELETED, "MaxParallel", "1", "")),
        ];
        let mut out = Vec::new();
        parts(&mut out, &[], &objects, 2, 4);
        let expected = [
            "  +/- Restart {",
            "    +/- Attempts: \"2\" => \"3\"",
            "      }",
            "  -   Migrate {",
            "      - MaxParallel: \"1\"",
            "      }",
        ];
        assert_eq!(out, expected);
    }

    #[test]
    fn as_recorded() {
        let config = ObjectDiff {
            name: "Config".to_owned(),
            kind: EDITED.to_owned(),
            fields: Some(vec![
                field(NONE, "args[0]", "-c", "-c"),
                field(EDITED, "args[1]", "a", "exec sleep 700"),
                field(NONE, "command", "/bin/sh", "/bin/sh"),
            ]),
            objects: None,
        };
        let task = TaskDiff {
            name: "t".to_owned(),
            kind: EDITED.to_owned(),
            objects: Some(vec![config]),
            annotations: Some(vec!["forces create/destroy update".to_owned()]),
            ..TaskDiff::default()
        };
        let group = GroupDiff {
            name: "g".to_owned(),
            kind: EDITED.to_owned(),
            fields: Some(vec![field(EDITED, "Count", "1", "3")]),
            tasks: Some(vec![task]),
            updates: Some([("create".to_owned(), 2), ("in-place update".to_owned(), 1)].into()),
            ..GroupDiff::default()
        };
        let mut diff = JobDiff {
            id: "pl".to_owned(),
            kind: EDITED.to_owned(),
            fields: Some(vec![field(ADDED, "Meta[k]", "", "v"), field(EDITED, "Priority", "50", "70")]),
            task_groups: Some(vec![group]),
            ..JobDiff::default()
        };
        assert_eq!(
            job(&diff, false),
            "+/- Job: \"pl\"\n\
             +   Meta[k]:  \"v\"\n\
             +/- Priority: \"50\" => \"70\"\n\
             +/- Task Group: \"g\" (2 create, 1 in-place update)\n  \
               +/- Count: \"1\" => \"3\"\n  \
               +/- Task: \"t\" (forces create/destroy update)\n    \
                 +/- Config {\n          \
                       args[0]: \"-c\"\n      \
                   +/- args[1]: \"a\" => \"exec sleep 700\"\n          \
                       command: \"/bin/sh\"\n        \
                     }"
        );
        let group = &mut diff.task_groups.as_mut().unwrap()[0];
        (group.kind, group.fields, group.updates) = (NONE.to_owned(), None, None);
        group.tasks =
            Some(vec![TaskDiff { name: "t".to_owned(), kind: NONE.to_owned(), ..TaskDiff::default() }]);
        assert!(job(&diff, false).ends_with("\n    Task Group: \"g\"\n      Task: \"t\""));
    }
}
