//! Node pools.

use crate::output;
use api::node_pools::NodePool;
use model::go_duration;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The table of pools.
pub fn list(pools: &[NodePool]) -> String {
    let mut rows = vec![["Name", "Description"]];
    rows.extend(pools.iter().map(|pool| [pool.name.as_str(), pool.description.as_str()]));
    output::list(&rows)
}

/// Everything about one. `heading` makes a title stand out.
pub fn whole(pool: &NodePool, heading: impl Fn(&str) -> String) -> String {
    let ttl = go_duration::format(pool.node_identity_ttl.0);
    let block = output::key_values(&[
        ("Name", pool.name.as_str()),
        ("Description", pool.description.as_str()),
        ("Node Identity TTL", ttl.as_str()),
    ]);
    let meta: Vec<(&String, &String)> = pool.meta.iter().flatten().collect();
    let meta = if meta.is_empty() { "No metadata".to_owned() } else { output::key_values(&meta) };
    let scheduler = match &pool.scheduler_configuration {
        None => "No scheduler configuration".to_owned(),
        Some(config) => {
            let oversubscription = match &config["MemoryOversubscriptionEnabled"] {
                Value::Bool(on) => on.to_string(),
                _ => String::new(),
            };
            let algorithm = config["SchedulerAlgorithm"].as_str().unwrap_or_default();
            output::key_values(&[
                ("Scheduler Algorithm", algorithm),
                ("Memory Oversubscription Enabled", oversubscription.as_str()),
            ])
        }
    };
    format!(
        "{block}\n\n{}\n{meta}\n\n{}\n{scheduler}",
        heading("Metadata"),
        heading("Scheduler Configuration")
    )
}

/// A pool as the original's clients write it: on one line, with its duration as text.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Written<'a> {
    #[serde(rename = "NodeIdentityTTL")]
    node_identity_ttl: String,
    name: &'a str,
    description: &'a str,
    meta: &'a Option<BTreeMap<String, String>>,
    scheduler_configuration: &'a Option<Value>,
    create_index: u64,
    modify_index: u64,
}

fn written(pool: &NodePool) -> Written<'_> {
    Written {
        node_identity_ttl: go_duration::format(pool.node_identity_ttl.0),
        name: &pool.name,
        description: &pool.description,
        meta: &pool.meta,
        scheduler_configuration: &pool.scheduler_configuration,
        create_index: pool.create_index,
        modify_index: pool.modify_index,
    }
}

/// One pool as JSON.
pub fn json(pool: &NodePool) -> String {
    // Nothing in a pool can fail to be written.
    serde_json::to_string(&written(pool)).unwrap_or_default()
}

/// A list of pools as JSON, one a line.
pub fn json_list(pools: &[NodePool]) -> String {
    if pools.is_empty() {
        return "[]".to_owned();
    }
    let lines: Vec<String> = pools.iter().map(|pool| format!("    {}", json(pool))).collect();
    format!("[\n{}\n]", lines.join(",\n"))
}

/// One pool for a template.
pub fn value(pool: &NodePool) -> Value {
    json!(written(pool))
}

/// A list of pools for a template.
pub fn values(pools: &[NodePool]) -> Value {
    pools.iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_recorded() {
        let pool = NodePool {
            name: "blue".to_owned(),
            description: "the blue ones".to_owned(),
            node_identity_ttl: api::time::Ns(86_400_000_000_000),
            meta: Some([("k".to_owned(), "v".to_owned())].into()),
            create_index: 34,
            modify_index: 34,
            ..NodePool::default()
        };
        assert_eq!(
            whole(&pool, str::to_owned),
            "Name              = blue\nDescription       = the blue ones\nNode Identity TTL = 24h0m0s\n\nMetadata\nk = v\n\n\
             Scheduler Configuration\nNo scheduler configuration"
        );
        let line = "{\"NodeIdentityTTL\":\"24h0m0s\",\"Name\":\"blue\",\"Description\":\"the blue ones\",\"Meta\":{\"k\":\"v\"},\
                    \"SchedulerConfiguration\":null,\"CreateIndex\":34,\"ModifyIndex\":34}";
        assert_eq!(json(&pool), line);
        assert_eq!(json_list(std::slice::from_ref(&pool)), format!("[\n    {line}\n]"));
        assert_eq!(json_list(&[]), "[]");
        assert_eq!(list(&[pool]), "Name  Description\nblue  the blue ones");
        let plain = NodePool::default();
        assert!(whole(&plain, str::to_owned).contains("\nMetadata\nNo metadata\n"));
    }
}
