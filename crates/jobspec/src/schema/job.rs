//! `job` and what stands directly in it.

use serde_json::{Map, Value as Json};

use super::group::{GROUP, MIGRATE, RESCHEDULE, SPREAD, UPDATE};
use super::task::{TASK, VAULT};
use super::{Constant, EMPTY, Form, Label, Schema, flag, int, sub, text, texts};

const PERIODIC: Schema = Schema {
    attributes: &[
        flag("enabled", "Enabled").null(),
        text("cron", "Spec").null(),
        texts("crons", "Specs"),
        flag("prohibit_overlap", "ProhibitOverlap").null(),
        text("time_zone", "TimeZone").null(),
    ],
    constants: &[("SpecType", Constant::Null)],
    finish: name_cron,
    ..EMPTY
};

/// A schedule that is there is one of the cron kind.
fn name_cron(periodic: &mut Map<String, Json>) {
    let given = |name: &str| periodic.get(name).is_some_and(|value| !value.is_null());
    if given("Spec") || given("Specs") {
        periodic.insert("SpecType".to_owned(), "cron".into());
    }
}

const PARAMETERIZED: Schema = Schema {
    attributes: &[
        text("payload", "Payload"),
        texts("meta_required", "MetaRequired"),
        texts("meta_optional", "MetaOptional"),
    ],
    ..EMPTY
};

const STRATEGY: Schema = Schema {
    attributes: &[int("max_parallel", "MaxParallel").null(), text("on_failure", "OnFailure").null()],
    ..EMPTY
};

const REGION: Schema = Schema {
    attributes: &[
        int("count", "Count").null(),
        texts("datacenters", "Datacenters"),
        text("node_pool", "NodePool"),
    ],
    blocks: &[sub("meta", "Meta", Form::TextMap)],
    labels: &[Label { name: "", json: "Name" }],
    ..EMPTY
};

const MULTIREGION: Schema = Schema {
    blocks: &[
        sub("strategy", "Strategy", Form::One(&STRATEGY)),
        sub("region", "Regions", Form::Many(&REGION)),
    ],
    ..EMPTY
};

const LINK: Schema = Schema { attributes: &[text("label", "Label"), text("url", "URL")], ..EMPTY };

const UI: Schema = Schema {
    attributes: &[text("description", "Description")],
    blocks: &[sub("link", "Links", Form::Many(&LINK))],
    ..EMPTY
};

/// The job block.
pub(crate) const JOB: Schema = Schema {
    attributes: &[
        text("id", "ID").null(),
        text("name", "Name").null(),
        text("region", "Region").null(),
        text("namespace", "Namespace").null(),
        text("type", "Type").null(),
        int("priority", "Priority").null(),
        flag("all_at_once", "AllAtOnce").null(),
        texts("datacenters", "Datacenters"),
        text("node_pool", "NodePool").null(),
    ],
    blocks: &[
        sub("vault", "vault", Form::Single(&VAULT)),
        sub("task", "task", Form::Many(&TASK)),
        sub("constraint", "Constraints", Form::Constraint),
        sub("affinity", "Affinities", Form::Affinity),
        sub("group", "TaskGroups", Form::Many(&GROUP)),
        sub("update", "Update", Form::One(&UPDATE)),
        sub("multiregion", "Multiregion", Form::One(&MULTIREGION)),
        sub("spread", "Spreads", Form::Many(&SPREAD)),
        sub("periodic", "Periodic", Form::One(&PERIODIC)),
        sub("parameterized", "ParameterizedJob", Form::One(&PARAMETERIZED)),
        sub("reschedule", "Reschedule", Form::One(&RESCHEDULE)),
        sub("migrate", "Migrate", Form::One(&MIGRATE)),
        sub("meta", "Meta", Form::TextMapOrAttribute),
        sub("ui", "UI", Form::One(&UI)),
    ],
    labels: &[Label { name: "name", json: "label" }],
    constants: &[
        ("ConsulNamespace", Constant::Null),
        ("CreateIndex", Constant::Null),
        ("DispatchIdempotencyToken", Constant::Null),
        ("Dispatched", Constant::False),
        ("JobModifyIndex", Constant::Null),
        ("ModifyIndex", Constant::Null),
        ("NomadTokenID", Constant::Null),
        ("ParentID", Constant::Null),
        ("Payload", Constant::Null),
        ("Stable", Constant::Null),
        ("Status", Constant::Null),
        ("StatusDescription", Constant::Null),
        ("Stop", Constant::Null),
        ("SubmitTime", Constant::Null),
        ("VaultNamespace", Constant::Null),
        ("Version", Constant::Null),
        ("VersionTag", Constant::Null),
    ],
    finish: crate::decode::finish::job,
};
