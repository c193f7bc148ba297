//! The difference of two versions of a job, as `job plan` and `job history -p` show it.
//!
//! Every line begins with a marker; the markers of one list are as wide as its widest, so that the names stand below
//! each other. What is new or gone as a whole is told by its name alone unless everything is asked for.

use crate::output::{Color, Paint};
use api::diff::{ADDED, DELETED, EDITED, FieldDiff, GroupDiff, JobDiff, NONE, ObjectDiff, TaskDiff};

/// The lines of a job's difference, joined, without a line feed at the end.
pub fn job(diff: &JobDiff, verbose: bool, paint: Paint) -> String {
    let fields = diff.fields.as_deref().unwrap_or_default();
    let objects = diff.objects.as_deref().unwrap_or_default();
    let groups = diff.task_groups.as_deref().unwrap_or_default();
    let mut lines = Lines { out: Vec::new(), paint, verbose };
    lines.push(
        0,
        &diff.kind,
        lead(&diff.kind).len(),
        &format!("{}Job: {:?}", lines.begin(Color::Bold), diff.id),
    );
    let kinds = kinds(fields, objects).chain(groups.iter().map(|group| group.kind.as_str()));
    let width = width(kinds);
    if verbose || diff.kind == EDITED {
        lines.parts(fields, objects, 0, width);
    }
    for (at, entry) in groups.iter().enumerate() {
        if at > 0 {
            lines.out.push(String::new());
        }
        lines.group(entry, width);
    }
    lines.out.join("\n") + paint.begin(Color::Reset)
}

/// What a kind of update is colored with; the server names the kinds.
fn color(update: &str) -> Option<Color> {
    match update {
        "create" => Some(Color::Green),
        "destroy" => Some(Color::Red),
        "migrate" => Some(Color::Blue),
        "canary" => Some(Color::LightYellow),
        "in-place update" => Some(Color::Cyan),
        "create/destroy update" => Some(Color::Yellow),
        _ => None,
    }
}

/// The lines as they come about.
struct Lines {
    out: Vec<String>,
    paint: Paint,
    verbose: bool,
}

impl Lines {
    fn begin(&self, color: Color) -> &'static str {
        self.paint.begin(color)
    }

    /// A line behind the marker of its kind. Blanks behind the sign make the marker `width` wide.
    fn push(&mut self, start: usize, kind: &str, width: usize, text: &str) {
        let sign = lead(kind).trim_end();
        let blanks = width.saturating_sub(sign.len());
        let sign = match kind {
            ADDED => self.paint.part(Color::Green, sign),
            DELETED => self.paint.part(Color::Red, sign),
            EDITED => self.paint.part(Color::LightYellow, sign),
            _ => String::new(),
        };
        self.out.push(format!("{:start$}{sign}{:blanks$}{text}", "", ""));
    }

    fn group(&mut self, diff: &GroupDiff, width: usize) {
        let fields = diff.fields.as_deref().unwrap_or_default();
        let objects = diff.objects.as_deref().unwrap_or_default();
        let tasks = diff.tasks.as_deref().unwrap_or_default();
        let (bold, reset) = (self.begin(Color::Bold), self.begin(Color::Reset));
        let update = |(what, count): (&String, &u64)| {
            format!("{reset}{}{count} {what}", color(what).map_or("", |color| self.begin(color)))
        };
        let updates: Vec<String> = diff.updates.iter().flatten().map(update).collect();
        let updates =
            if updates.is_empty() { String::new() } else { format!(" ({}{reset})", updates.join(", ")) };
        self.push(0, &diff.kind, width, &format!("{bold}Task Group: {:?}{reset}{updates}", diff.name));
        let start = if diff.kind == NONE { width + 2 } else { 2 };
        let kinds = kinds(fields, objects).chain(tasks.iter().map(|task| task.kind.as_str()));
        let width = self::width(kinds);
        if self.verbose || diff.kind == EDITED {
            self.parts(fields, objects, start, width);
        }
        for entry in tasks {
            self.task(entry, start, width);
        }
    }

    fn task(&mut self, diff: &TaskDiff, start: usize, width: usize) {
        let bold = self.begin(Color::Bold);
        // The blank is bold as well, as in the original.
        let forces = match self.annotations(diff.annotations.as_ref()) {
            Some(forces) => format!(" {}({forces})", self.begin(Color::Reset)),
            None => String::new(),
        };
        self.push(start, &diff.kind, width, &format!("{bold}Task: {:?}{forces}", diff.name));
        if diff.kind == NONE || (!self.verbose && diff.kind != EDITED) {
            return;
        }
        let fields = diff.fields.as_deref().unwrap_or_default();
        let objects = diff.objects.as_deref().unwrap_or_default();
        self.parts(fields, objects, start + 2, self::width(kinds(fields, objects)));
    }

    fn parts(&mut self, fields: &[FieldDiff], objects: &[ObjectDiff], start: usize, width: usize) {
        let longest = fields.iter().map(|field| field.name.chars().count()).max().unwrap_or(0);
        for field in fields {
            let value = match field.kind.as_str() {
                DELETED => quoted(&field.old),
                EDITED => format!("{} => {}", quoted(&field.old), quoted(&field.new)),
                _ => quoted(&field.new),
            };
            let (name, column) = (format!("{}:", field.name), longest + 1);
            let annotations = self.annotations(field.annotations.as_ref());
            let annotations = annotations.map(|text| format!(" ({text})")).unwrap_or_default();
            self.push(start, &field.kind, width, &format!("{name:column$} {value}{annotations}"));
        }
        for object in objects {
            let fields = object.fields.as_deref().unwrap_or_default();
            let objects = object.objects.as_deref().unwrap_or_default();
            self.push(start, &object.kind, width, &format!("{} {{", object.name));
            // What is within stands behind the name's blanks: a shorter marker moves it to the right.
            let within = start + 2 + width.saturating_sub(lead(&object.kind).len());
            self.parts(fields, objects, within, self::width(kinds(fields, objects)));
            self.push(start, NONE, width, "}");
        }
    }

    /// What a change forces, each in the color of its update.
    fn annotations(&self, all: Option<&Vec<String>>) -> Option<String> {
        let all = all.filter(|all| !all.is_empty())?;
        let one = |text: &String| match color(text.trim_start_matches("forces ")) {
            Some(color) => self.paint.part(color, text),
            None => text.clone(),
        };
        Some(all.iter().map(one).collect::<Vec<_>>().join(", "))
    }
}

/// Quotes around it, and nothing escaped, as the original shows values.
fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn kinds<'a>(fields: &'a [FieldDiff], objects: &'a [ObjectDiff]) -> impl Iterator<Item = &'a str> {
    fields.iter().map(|field| field.kind.as_str()).chain(objects.iter().map(|object| object.kind.as_str()))
}

/// Columns of the widest marker with the blank behind it.
fn width<'a>(kinds: impl Iterator<Item = &'a str>) -> usize {
    kinds.map(|kind| lead(kind).len()).max().unwrap_or(0)
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
        let mut lines = Lines { out: Vec::new(), paint: Paint::new(false), verbose: false };
        lines.parts(&[], &objects, 2, 4);
        let expected = [
            "  +/- Restart {",
            "    +/- Attempts: \"2\" => \"3\"",
            "      }",
            "  -   Migrate {",
            "      - MaxParallel: \"1\"",
            "      }",
        ];
        assert_eq!(lines.out, expected);
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
            job(&diff, false, Paint::new(false)),
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
        assert!(job(&diff, false, Paint::new(false)).ends_with("\n    Task Group: \"g\"\n      Task: \"t\""));
    }

    #[test]
    fn colors_are_those_of_the_recording() {
        let task = TaskDiff {
            name: "t".to_owned(),
            kind: ADDED.to_owned(),
            annotations: Some(vec!["forces create".to_owned()]),
            ..TaskDiff::default()
        };
        let group = GroupDiff {
            name: "g".to_owned(),
            kind: ADDED.to_owned(),
            tasks: Some(vec![task]),
            updates: Some([("create".to_owned(), 1), ("ignore".to_owned(), 2)].into()),
            ..GroupDiff::default()
        };
        let diff = JobDiff {
            id: "col".to_owned(),
            kind: ADDED.to_owned(),
            task_groups: Some(vec![group]),
            ..JobDiff::default()
        };
        assert_eq!(
            job(&diff, false, Paint::new(true)),
            "\u{1b}[32m+\u{1b}[0m \u{1b}[1mJob: \"col\"\n\
             \u{1b}[32m+\u{1b}[0m \u{1b}[1mTask Group: \"g\"\u{1b}[0m \
             (\u{1b}[0m\u{1b}[32m1 create, \u{1b}[0m2 ignore\u{1b}[0m)\n  \
               \u{1b}[32m+\u{1b}[0m \u{1b}[1mTask: \"t\" \u{1b}[0m(\u{1b}[32mforces create\u{1b}[0m)\u{1b}[0m"
        );
    }
}
