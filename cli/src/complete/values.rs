//! What arguments and values of flags may be: ids that the cluster knows, and files.

use crate::args::General;
use crate::console::client;
use api::search::SearchResponse;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// How long a shell may be kept waiting.
const PATIENCE: Duration = Duration::from_secs(2);
/// Files that are offered at most.
const FILES_MAX: usize = 1_000;

/// What a command's arguments name.
enum Named {
    /// Ids of these contexts of a search; only the first argument.
    Ids(&'static [&'static str]),
    /// Job files.
    Files,
    Nothing,
}

/// Commands by the beginning of their path, the longer ones first.
const ARGUMENTS: &[(&str, Named)] = &[
    ("job run", Named::Files),
    ("job plan", Named::Files),
    ("job validate", Named::Files),
    ("job init", Named::Nothing),
    ("job action", Named::Nothing),
    ("job", Named::Ids(&["jobs"])),
    ("alloc", Named::Ids(&["allocs"])),
    ("node pool", Named::Ids(&["node_pools"])),
    ("node", Named::Ids(&["nodes"])),
    ("deployment", Named::Ids(&["deployment"])),
    ("eval list", Named::Nothing),
    ("eval", Named::Ids(&["evals"])),
    ("namespace", Named::Ids(&["namespaces"])),
    ("status", Named::Ids(&["jobs", "allocs", "nodes", "deployment", "evals"])),
    ("var", Named::Ids(&["vars"])),
    ("scaling policy", Named::Ids(&["scaling_policy"])),
    ("fmt", Named::Files),
];

pub(super) async fn of_argument(path: &[String], words: &[String], first: bool, last: &str) -> Vec<String> {
    let path = path.join(" ");
    let begins =
        |start: &str| path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    let Some((_, named)) = ARGUMENTS.iter().find(|(start, _)| begins(start)) else { return Vec::new() };
    match named {
        Named::Files => files(last),
        // With this flag an allocation is chosen by its job.
        Named::Ids(_) if first && begins("alloc") && words.iter().any(|word| word == "-job") => {
            ids(&["jobs"], words, last).await
        }
        Named::Ids(contexts) if first => ids(contexts, words, last).await,
        Named::Ids(_) | Named::Nothing => Vec::new(),
    }
}

pub(super) async fn of_flag(flag: &str, words: &[String], last: &str) -> Vec<String> {
    match flag {
        "namespace" => ids(&["namespaces"], words, last).await,
        "job" => ids(&["jobs"], words, last).await,
        "alloc" => ids(&["allocs"], words, last).await,
        "node" | "node-id" | "drain" | "lost-node" | "like" => ids(&["nodes"], words, last).await,
        "node-pool" => ids(&["node_pools"], words, last).await,
        "var-file" | "ca-cert" | "ca-path" | "client-cert" | "client-key" | "config" => files(last),
        _ => Vec::new(),
    }
}

/// Flags that say which cluster is asked.
fn general(words: &[String]) -> General {
    let given = |name: &str| {
        words.iter().enumerate().rev().find_map(|(at, word)| {
            let word = word.strip_prefix('-')?;
            match word.trim_start_matches('-').split_once('=') {
                Some((flag, value)) if flag == name => Some(value.to_owned()),
                None if word.trim_start_matches('-') == name => words.get(at + 1).cloned(),
                _ => None,
            }
        })
    };
    General {
        address: given("address"),
        region: given("region"),
        namespace: given("namespace"),
        token: given("token"),
        ..General::default()
    }
}

/// Ids that begin so. A cluster that does not answer in time knows none.
async fn ids(contexts: &[&str], words: &[String], prefix: &str) -> Vec<String> {
    let Ok(client) = client(&general(words)) else { return Vec::new() };
    let mut found = Vec::new();
    for context in contexts {
        let body = json!({ "Prefix": prefix, "Context": context });
        let asking = client.put::<_, Value>("/v1/search", &[], &body);
        let Ok(Ok((answer, _))) = tokio::time::timeout(PATIENCE, asking).await else { return found };
        let Ok(answer) = api::json::from_value::<SearchResponse>(&answer) else { return found };
        found.extend(answer.matches.into_values().flatten().flatten());
    }
    found
}

/// Job files and directories that begin so.
fn files(prefix: &str) -> Vec<String> {
    let (directory, name) =
        prefix.rsplit_once('/').map_or(("", prefix), |(directory, name)| (directory, name));
    let at = match directory {
        "" if prefix.starts_with('/') => Path::new("/"),
        "" => Path::new("."),
        other => Path::new(other),
    };
    let before = &prefix[..prefix.len() - name.len()];
    let entries = std::fs::read_dir(at).into_iter().flatten().flatten();
    let offered = entries.filter_map(|entry| {
        let name = entry.file_name().to_str()?.to_owned();
        if entry.path().is_dir() {
            return Some(format!("{before}{name}/"));
        }
        let fits = [".hcl", ".nomad", ".json"].iter().any(|ending| name.ends_with(ending));
        fits.then(|| format!("{before}{name}"))
    });
    offered.take(FILES_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_say_which_cluster_is_asked() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let general = general(&words("-address http://a:1 --namespace=n -verbose -region=r"));
        assert_eq!(general.address.as_deref(), Some("http://a:1"));
        assert_eq!((general.namespace.as_deref(), general.region.as_deref()), (Some("n"), Some("r")));
    }

    #[test]
    fn directories_and_job_files_are_offered() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["a.nomad.hcl", "a.txt"] {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        std::fs::create_dir(dir.path().join("sub")).unwrap();
        let prefix = format!("{}/", dir.path().display());
        let mut found = files(&prefix);
        found.sort();
        assert_eq!(found, [format!("{prefix}a.nomad.hcl"), format!("{prefix}sub/")]);
        assert!(files("no/such/directory/").is_empty());
    }

    #[tokio::test]
    async fn without_a_cluster_there_are_no_ids() {
        let words = vec!["-address=http://127.0.0.1:1".to_owned()];
        assert!(of_argument(&["job".to_owned(), "status".to_owned()], &words, true, "").await.is_empty());
        let path = ["alloc".to_owned(), "exec".to_owned()];
        assert!(of_argument(&path, &["abc".to_owned()], false, "/bin").await.is_empty());
    }
}
