//! Files of node pools: one block, described by a schema like those of job files, without variables.

use serde_json::Value as Json;

use crate::body::Shape;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::eval::Env;
use crate::options::Options;
use crate::parse::{check_size, file_body};
use crate::schema::{EMPTY, Form, Label, Schema, duration, flag, sub, text};

const SCHEDULER: Schema = Schema {
    attributes: &[
        text("scheduler_algorithm", "SchedulerAlgorithm"),
        flag("memory_oversubscription_enabled", "MemoryOversubscriptionEnabled").null(),
    ],
    ..EMPTY
};

const NODE_POOL: Schema = Schema {
    attributes: &[text("description", "Description"), duration("node_identity_ttl", "NodeIdentityTTL")],
    blocks: &[
        sub("meta", "Meta", Form::TextMap),
        sub("scheduler_config", "SchedulerConfiguration", Form::One(&SCHEDULER)),
    ],
    labels: &[Label { name: "name", json: "Name" }],
    ..EMPTY
};

/// Reads the file of a node pool. The answer is the body of the API's write.
///
/// `name` is what diagnostics call the file.
///
/// # Errors
///
/// Everything that is wrong with the file.
pub fn node_pool(name: &str, text: &str) -> Result<Json, Diagnostics> {
    check_size(name, text)?;
    // Nothing in such a file can ask for random bytes.
    let options = Options { given: Vec::new(), undeclared_is_error: true, files: None, mint: &|| [0; 16] };
    let env = Env::new(&options);
    let body = file_body(&env, name, text)?;
    let shape = Shape {
        attributes: Vec::new(),
        blocks: vec![("node_pool", vec!["name"])],
        dynamic: false,
        quiet: Vec::new(),
    };
    let mut out = Vec::new();
    let content = env.content(&body, &shape, &mut out);
    if !out.is_empty() {
        return Err(Diagnostics::collapsed(out, ""));
    }
    let mut blocks = content.blocks.into_iter();
    let Some(block) = blocks.next() else {
        let missing = Diagnostic::error(None, "Missing node_pool block", "A node_pool block is required.");
        return Err(Diagnostics::collapsed(vec![missing], ""));
    };
    if let Some(second) = blocks.next() {
        let place = env.subject(block.header);
        let detail = format!("Only one node_pool block is allowed. Another was defined at {place}.");
        env.report(&mut out, second.header, "Duplicate node_pool block", &detail);
        return Err(Diagnostics::collapsed(out, ""));
    }
    let object = env.decode_block(&block, &NODE_POOL, &mut out);
    if out.is_empty() { Ok(Json::Object(object)) } else { Err(Diagnostics::collapsed(out, "")) }
}

#[cfg(test)]
mod tests {
    use super::node_pool;

    #[test]
    fn a_pool_is_read() {
        let text = "node_pool \"blue\" {\n  description = \"the blue ones\"\n  node_identity_ttl = \"1h\"\n  \
                    meta {\n    k = \"v\"\n  }\n}\n";
        let expected = serde_json::json!({
            "Name": "blue", "Description": "the blue ones", "NodeIdentityTTL": 3_600_000_000_000_i64,
            "Meta": {"k": "v"}, "SchedulerConfiguration": null,
        });
        assert_eq!(node_pool("p.hcl", text), Ok(expected));
    }

    #[test]
    fn faults_are_said_with_their_place() {
        for (text, said) in [
            (
                "nosuch = 1\n",
                "p.hcl:1,1-7: Unsupported argument; An argument named \"nosuch\" is not expected here.",
            ),
            ("", "<nil>: Missing node_pool block; A node_pool block is required."),
            ("node_pool \"a\" {\n  x = 1\n}\n", "p.hcl:2,3-4: Unsupported argument; "),
            ("node_pool \"a\" {}\nnode_pool \"b\" {}\n", "p.hcl:2,1-14: Duplicate node_pool block; "),
            ("node_pool {}\n", "p.hcl:1,11-12: Missing name for node_pool; "),
            ("node_pool \"a\" {", "p.hcl:1,15-16: Unclosed configuration block; "),
        ] {
            let refused = node_pool("p.hcl", text).unwrap_err().to_string();
            assert!(refused.starts_with(said), "{text:?}: {refused}");
        }
        assert!(node_pool("p.hcl", &"{".repeat(10_000)).is_err());
    }
}
