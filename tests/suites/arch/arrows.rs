//! Compares `cargo metadata` with the arrows of `ARCHITECTURE.md`.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// Which room may look into which. `tests`, `simulation` and `bench` may look anywhere.
const ARROWS: [(&str, &[&str]); 13] = [
    ("model", &[]),
    ("filter", &[]),
    ("jobspec", &[]),
    ("proto", &["model"]),
    ("api", &["model"]),
    ("state", &["model"]),
    ("scheduler", &["model", "state"]),
    ("controllers", &["model", "state"]),
    ("runtime", &["model"]),
    ("raft", &["model", "proto", "runtime", "state"]),
    (
        "server",
        &[
            "api",
            "controllers",
            "filter",
            "jobspec",
            "model",
            "proto",
            "raft",
            "runtime",
            "scheduler",
            "state",
        ],
    ),
    ("client-agent", &["model", "proto", "runtime"]),
    ("cli", &["api", "client-agent", "jobspec", "model", "runtime", "server"]),
];

/// Libraries that only one room may name.
const FENCED: [(&str, &[&str]); 3] =
    [("openraft", &["raft"]), ("sled", &["raft", "client-agent"]), ("axum", &["server"])];

pub(crate) fn metadata() -> Metadata {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    // Only what this platform builds: packages of others were never downloaded, and nothing is to be.
    let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let options = ["--offline".to_owned(), "--filter-platform".to_owned(), platform];
    MetadataCommand::new().manifest_path(manifest).other_options(options).exec().unwrap()
}

/// What each member of the workspace depends on, tests apart.
fn dependencies(metadata: &Metadata) -> BTreeMap<String, BTreeSet<String>> {
    let members = metadata.workspace_packages();
    let wanted = |package: &cargo_metadata::Package| {
        let normal =
            package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Development);
        normal.map(|dependency| dependency.name.clone()).collect()
    };
    members.into_iter().map(|package| (package.name.to_string(), wanted(package))).collect()
}

#[test]
fn rooms_look_only_where_they_may() {
    let metadata = metadata();
    let dependencies = dependencies(&metadata);
    let rooms: BTreeSet<&str> = dependencies.keys().map(String::as_str).collect();
    let known: BTreeSet<&str> =
        ARROWS.iter().map(|(room, _)| *room).chain(["tests", "simulation", "bench"]).collect();
    assert_eq!(rooms, known, "every room has a line in the list of arrows");
    for (room, allowed) in ARROWS {
        let inside = dependencies[room].iter().filter(|name| rooms.contains(name.as_str()));
        let forbidden: Vec<_> = inside.filter(|name| !allowed.contains(&name.as_str())).collect();
        assert!(forbidden.is_empty(), "{room} must not depend on {forbidden:?}");
    }
}

#[test]
fn fenced_libraries_stay_in_their_room() {
    for (room, names) in dependencies(&metadata()) {
        for (library, allowed) in FENCED {
            let fine = !names.contains(library) || allowed.contains(&room.as_str());
            assert!(fine, "{room} must not name {library}");
        }
    }
}
