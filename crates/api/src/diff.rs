//! Structural differences of two versions of a job, in the order and the words of the original.
//!
//! A difference is taken between the JSON of two canonical jobs, by a table of nouns (`diff/noun.rs`): which of their
//! fields count, which objects they hold, and how the elements of a list find their partner.

mod list;
mod noun;
mod text;

use serde_json::Value;

use crate::job::Job;
use crate::shape::shape;
use noun::{GROUP, How, JOB, Noun, TASK};
use text::Texts;

/// Nothing differs.
pub const NONE: &str = "None";
/// Only the new one has it.
pub const ADDED: &str = "Added";
/// Only the old one has it.
pub const DELETED: &str = "Deleted";
/// Both have it, and it differs.
pub const EDITED: &str = "Edited";

shape! {
    /// Difference of two jobs.
    JobDiff {
        "Fields" fields: Option<Vec<FieldDiff>>,
        "ID" id: String,
        "Objects" objects: Option<Vec<ObjectDiff>>,
        "TaskGroups" task_groups: Option<Vec<GroupDiff>>,
        "Type" kind: String,
    }
    /// Difference of two groups.
    GroupDiff {
        "Fields" fields: Option<Vec<FieldDiff>>,
        "Name" name: String,
        "Objects" objects: Option<Vec<ObjectDiff>>,
        "Tasks" tasks: Option<Vec<TaskDiff>>,
        "Type" kind: String,
        "Updates" updates: Option<std::collections::BTreeMap<String, u64>>,
    }
    /// Difference of two tasks.
    TaskDiff {
        "Annotations" annotations: Option<Vec<String>>,
        "Fields" fields: Option<Vec<FieldDiff>>,
        "Name" name: String,
        "Objects" objects: Option<Vec<ObjectDiff>>,
        "Type" kind: String,
    }
    /// Difference of two objects.
    ObjectDiff {
        "Fields" fields: Option<Vec<FieldDiff>>,
        "Name" name: String,
        "Objects" objects: Option<Vec<ObjectDiff>>,
        "Type" kind: String,
    }
    /// Difference of two values.
    FieldDiff {
        "Annotations" annotations: Option<Vec<String>>,
        "Name" name: String,
        "New" new: String,
        "Old" old: String,
        "Type" kind: String,
    }
}

/// The difference of two jobs; without an old one everything is new.
pub fn job(old: Option<&Job>, new: &Job) -> JobDiff {
    let json = |job: &Job| serde_json::to_value(job).unwrap_or_default();
    let (old_json, new_json) = (old.map(json), json(new));
    let (old, new) = (old_json.as_ref(), Some(&new_json));
    let groups = list::by_name(old, new, "TaskGroups");
    let groups: Vec<_> = groups.into_iter().map(|(name, old, new)| group(name, old, new)).collect();
    let (fields, objects) = parts(&JOB, old, new, false);
    let same = fields.is_empty() && objects.is_empty();
    let same = same && groups.iter().all(|group| group.kind == NONE);
    JobDiff {
        id: new_json["ID"].as_str().unwrap_or_default().to_owned(),
        kind: kind(old, new, same),
        fields: some(fields),
        objects: some(objects),
        task_groups: some(groups),
    }
}

fn group(name: String, old: Option<&Value>, new: Option<&Value>) -> GroupDiff {
    let tasks = list::by_name(old, new, "Tasks");
    let tasks: Vec<_> = tasks.into_iter().map(|(name, old, new)| task(name, old, new)).collect();
    let (fields, objects) = parts(&GROUP, old, new, false);
    let same = fields.is_empty() && objects.is_empty() && tasks.iter().all(|task| task.kind == NONE);
    GroupDiff {
        name,
        kind: kind(old, new, same && unlisted_equal(&GROUP, old, new)),
        fields: some(fields),
        objects: some(objects),
        tasks: some(tasks),
        updates: None,
    }
}

fn task(name: String, old: Option<&Value>, new: Option<&Value>) -> TaskDiff {
    let (fields, objects) = parts(&TASK, old, new, false);
    let same = fields.is_empty() && objects.is_empty();
    TaskDiff {
        name,
        kind: kind(old, new, same && unlisted_equal(&TASK, old, new)),
        fields: some(fields),
        objects: some(objects),
        annotations: None,
    }
}

/// Some members count as a difference of their noun and are not shown.
fn unlisted_equal(noun: &Noun, old: Option<&Value>, new: Option<&Value>) -> bool {
    noun.silent.iter().all(|member| part(old, member) == part(new, member))
}

/// Fields and objects of a noun that differ; with `context` fields that do not differ are shown too.
fn parts(
    noun: &Noun,
    old: Option<&Value>,
    new: Option<&Value>,
    context: bool,
) -> (Vec<FieldDiff>, Vec<ObjectDiff>) {
    let fields = fields(&Texts::of(noun, old), &Texts::of(noun, new), context);
    let mut objects = Vec::new();
    for child in noun.objects {
        let (old, new) = (part(old, child.member), part(new, child.member));
        match child.how {
            How::One(noun) => objects.extend(object(child.name, noun, old, new, true)),
            How::Changes(noun) => objects.extend(object(child.name, noun, old, new, false)),
            How::Free => objects.extend(free(child.name, old, new, child.name != "Policy")),
            How::FreeWithin(member) => {
                objects.extend(free(child.name, part(old, member), part(new, member), context));
            }
            How::Differing(noun) => {
                let found = object(child.name, noun, old, new, true);
                let differs = |field: &FieldDiff| field.kind != NONE;
                objects.extend(found.filter(|found| found.fields.iter().flatten().any(differs)));
            }
            How::Shown(noun) => {
                let found = object(child.name, noun, old, new, true);
                let (name, kind) = (child.name.to_owned(), NONE.to_owned());
                objects.push(found.unwrap_or(ObjectDiff { name, kind, ..ObjectDiff::default() }));
            }
            How::Addresses => objects.extend(addresses(child.name, old, new)),
            How::Texts => objects.extend(list::texts(child.name, old, new, context)),
            How::Set(noun) => objects.extend(list::set(child.name, noun, old, new)),
            How::Keyed(noun, key) => objects.extend(list::keyed(child.name, noun, key, old, new)),
            How::Paired(noun, key) => objects.extend(list::paired(child.name, noun, key, old, new)),
            How::Named(noun) => objects.extend(list::named(child.name, noun, old, new)),
        }
    }
    (fields, objects)
}

/// A member, unless it is nothing.
fn part<'a>(value: Option<&'a Value>, member: &str) -> Option<&'a Value> {
    value?.get(member).filter(|value| !value.is_null())
}

/// The difference of two objects; `None` where there is none. What differs in members that are not shown makes a
/// difference of its own.
fn object(
    name: &str,
    noun: &Noun,
    old: Option<&Value>,
    new: Option<&Value>,
    context: bool,
) -> Option<ObjectDiff> {
    if old == new {
        return None;
    }
    let (fields, objects) = parts(noun, old, new, context);
    let mut kind = kind(old, new, false);
    let differs = |field: &&FieldDiff| field.kind != NONE;
    if noun.typed_by_fields
        && fields.iter().any(|field| field.kind == ADDED)
        && fields.iter().filter(differs).all(|field| field.kind == ADDED)
    {
        kind = ADDED.to_owned();
    }
    Some(ObjectDiff { name: name.to_owned(), kind, fields: some(fields), objects: some(objects) })
}

/// The difference of two objects that users write as they like.
fn free(name: &str, old: Option<&Value>, new: Option<&Value>, context: bool) -> Option<ObjectDiff> {
    if old == new {
        return None;
    }
    let fields = fields(&Texts::free(old), &Texts::free(new), context);
    Some(ObjectDiff {
        name: name.to_owned(),
        kind: kind(old, new, false),
        fields: some(fields),
        objects: None,
    })
}

/// The difference of two maps of addresses, each one field `address:port`.
fn addresses(name: &str, old: Option<&Value>, new: Option<&Value>) -> Option<ObjectDiff> {
    let shown = |value: Option<&Value>| {
        let entries = value.and_then(Value::as_object).into_iter().flatten();
        let lines = entries.map(|(name, place)| {
            let address = place["Address"].as_str().unwrap_or_default();
            (name.clone(), Value::from(format!("{address}:{}", place["Port"])))
        });
        value.map(|_| Value::Object(lines.collect()))
    };
    free(name, shown(old).as_ref(), shown(new).as_ref(), false)
}

fn fields(old: &Texts, new: &Texts, context: bool) -> Vec<FieldDiff> {
    let mut names: Vec<&String> = old.0.keys().chain(new.0.keys()).collect();
    names.sort();
    names.dedup();
    names.into_iter().filter_map(|name| field(name, old.get(name), new.get(name), context)).collect()
}

fn field(name: &str, old: &str, new: &str, context: bool) -> Option<FieldDiff> {
    let kind = match (old, new) {
        (old, new) if old == new => NONE,
        ("", _) => ADDED,
        (_, "") => DELETED,
        _ => EDITED,
    };
    (context || kind != NONE).then(|| FieldDiff {
        name: name.to_owned(),
        old: old.to_owned(),
        new: new.to_owned(),
        kind: kind.to_owned(),
        annotations: None,
    })
}

fn kind(old: Option<&Value>, new: Option<&Value>, same: bool) -> String {
    let kind = match (old, new) {
        (None, Some(_)) => ADDED,
        (Some(_), None) => DELETED,
        _ if same => NONE,
        _ => EDITED,
    };
    kind.to_owned()
}

/// Empty lists are `null`.
fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}
