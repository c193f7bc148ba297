//! `var list|get|put|purge|init|lock`.

mod lock;
mod out;
mod put;
mod spec;

use super::{of, parse_index};
use crate::args::{VarCommand, VarGet, VarInit, VarList, VarPurge};
use crate::console::{Console, Failure, client};
use crate::http::{ApiClient, HttpError, Meta, path_segment};
use crate::{output, view};
use api::variables::VariableDecrypted;
use out::Form;
use serde_json::{Value, json};

pub(super) async fn run(command: &VarCommand) -> Result<u8, Failure> {
    match command {
        VarCommand::List(args) => list(args, of(&args.general)).await,
        VarCommand::Get(args) => get(args, of(&args.general)).await,
        VarCommand::Put(args) => put::run(args, of(&args.general)).await,
        VarCommand::Purge(args) => purge(args, of(&args.general)).await,
        VarCommand::Init(args) => init(args),
        VarCommand::Lock(args) => lock::run(args, of(&args.general)).await,
    }
}

/// A mistake in the flags, with the help that is recommended.
fn usage(sentence: &str, command: &str) -> Failure {
    Failure::new(format!("{sentence}\nFor additional help try 'drover var {command} -help'"))
}

fn path_of(path: &str) -> String {
    // Slashes in a path of a variable are slashes of the URL.
    let segments: Vec<String> = path.split('/').map(path_segment).collect();
    format!("/v1/var/{}", segments.join("/"))
}

/// A path as it is stored: without slashes around it.
fn trimmed(path: &str) -> &str {
    path.trim_matches([' ', '/'])
}

/// Variables lie in one namespace.
fn one_namespace(client: &ApiClient) -> Result<(), Failure> {
    match client.connection().namespace.as_str() {
        "*" => Err(Failure::new("The wildcard namespace (\"*\") is not valid for this command.")),
        _ => Ok(()),
    }
}

async fn list(args: &VarList, console: Console) -> Result<u8, Failure> {
    let doing = "Error retrieving vars";
    let form = out::Form::of(&args.out, console, out::LISTS).map_err(|why| usage(&why, "list"))?;
    let client = client(&args.general)?;
    let page = args.page.query();
    let mut query: Vec<_> = page.iter().map(|(name, value)| (*name, value.as_str())).collect();
    if query.iter().any(|(name, _)| *name == "filter") {
        console.error("Filter queries require a full scan of the data; use prefix searching where possible");
    }
    if let Some(prefix) = args.prefix.as_deref().filter(|prefix| !prefix.is_empty()) {
        query.push(("prefix", prefix));
    }
    let began = std::time::Instant::now();
    let (answer, meta) =
        client.get::<Value>("/v1/vars", &query).await.map_err(|e| Failure::because(doing, &e))?;
    let paginated = args.page.per_page.is_some_and(|count| count > 0);
    let took_ns = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
    match &form {
        Form::Json => {
            let shown = if paginated { paged(&answer, &meta, took_ns) } else { answer };
            return super::print_raw(console, &super::Raw::Json, &shown);
        }
        Form::Template(template) => console.line(out::rendered(template, &answer)?),
        Form::Terse => {
            let paths = answer.as_array().into_iter().flatten().filter_map(|one| one["Path"].as_str());
            paths.for_each(|path| console.line(path));
        }
        _ => {
            let all: Vec<VariableDecrypted> = super::decode(doing, &answer)?;
            console.line(if all.is_empty() {
                "No variables found".to_owned()
            } else {
                view::var::list(&all)
            });
        }
    }
    if !meta.next_token.is_empty() {
        console.error(format!("Next page token: {}", meta.next_token));
    }
    Ok(0)
}

/// A page as JSON says where the next one begins.
fn paged(answer: &Value, meta: &Meta, took_ns: u64) -> Value {
    json!({
        "Data": answer,
        "QueryMeta": {
            "KnownLeader": meta.known_leader, "LastContact": meta.last_contact, "LastIndex": meta.index,
            "NextToken": meta.next_token, "RequestTime": took_ns,
        },
    })
}

async fn get(args: &VarGet, console: Console) -> Result<u8, Failure> {
    let form = Form::of(&args.out, console, out::ONE).map_err(|why| usage(&why, "get"))?;
    let client = client(&args.general)?;
    one_namespace(&client)?;
    let found = client.shape::<VariableDecrypted>(&path_of(trimmed(&args.path)), &[]).await;
    let (variable, _) = found.map_err(|error| {
        if error.is_not_found() {
            Failure::new("Variable not found")
        } else {
            Failure::because("Error retrieving variable", &error)
        }
    })?;
    if let Some(item) = args.item.as_deref().filter(|item| !item.is_empty()) {
        let value = variable.items.as_ref().and_then(|items| items.get(item));
        let value = value.ok_or_else(|| Failure::new(format!("Variable does not contain {item:?} item")))?;
        console.write(value.as_bytes());
        return Ok(0);
    }
    out::print(console, &form, &variable)?;
    Ok(0)
}

async fn purge(args: &VarPurge, console: Console) -> Result<u8, Failure> {
    let check = args.check_index.as_deref().filter(|text| !text.is_empty());
    let check = check.map(|text| parse_index("check-index", text)).transpose()?;
    let client = client(&args.general)?;
    one_namespace(&client)?;
    let cas = check.map(|index| index.to_string());
    let query: Vec<_> = cas.iter().map(|index| ("cas", index.as_str())).collect();
    let path = trimmed(&args.path);
    client
        .delete::<Value>(&path_of(path), &query)
        .await
        .map_err(|error| conflict_or("Error purging variable", check.unwrap_or(0), &error))?;
    console.line(format!("Successfully purged variable {path:?}!"));
    Ok(0)
}

/// What a write that was refused says: somebody else was faster, or the server's error.
fn conflict_or(doing: &str, given: u64, error: &HttpError) -> Failure {
    let conflict = error.said(409).and_then(|body| serde_json::from_str::<Value>(body).ok());
    match conflict {
        Some(stored) => {
            let number = |name: &str| stored[name].as_i64().unwrap_or(0);
            let changed = output::absolute(number("ModifyTime"));
            Failure::new(view::var::conflict(given, number("ModifyIndex"), &changed))
        }
        None => Failure::because(doing, error),
    }
}

const EXAMPLES: super::spec::Examples = super::spec::Examples {
    noun: "variable",
    name: "spec.nsv",
    hcl: r#"# A variable holds texts that jobs read. Namespace and path may be given on the command line in place of here.
# namespace = "default"
# path      = "path/to/variable"

# With the index that the variable has, it is written only if nobody has changed it since.
# modify_index = 0

items {
  key1 = "value 1"
  key2 = "value 2"
}
"#,
    json: r#"{
  "Items": {
    "key1": "value 1",
    "key2": "value 2"
  }
}
"#,
};

fn init(args: &VarInit) -> Result<u8, Failure> {
    let mut example = args.example.clone();
    match args.out.as_deref().unwrap_or("hcl") {
        "hcl" => {}
        "json" => example.json = true,
        _ => return Err(usage("Invalid value for \"-out\"; valid values are [hcl, json]", "init")),
    }
    super::spec::write(&example, &EXAMPLES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_conflicts() {
        assert_eq!(path_of(trimmed("/app/my db/")), "/v1/var/app/my%20db");
        let body = json!({"ModifyIndex": 389, "ModifyTime": 1_795_224_070_071_099_222_i64}).to_string();
        let error = HttpError::Status { code: 409, body };
        let message = conflict_or("Error", 0, &error).message;
        assert!(message.starts_with("\nCheck-and-Set conflict\n\n    Your provided"), "{message}");
        let locked = HttpError::Status { code: 409, body: "attempting to modify locked variable".to_owned() };
        assert_eq!(
            conflict_or("Error creating variable", 0, &locked).message,
            "Error creating variable: Unexpected response code: 409 (attempting to modify locked variable)"
        );
    }
}
