//! `operator snapshot save|inspect|restore|state`.
//!
//! Saving and restoring carry a file from and to the servers; the others read the file here, and need no server.

mod state;

use super::job_file::reason;
use super::{now_ns, of, print_raw, raw};
use crate::args::{SnapshotCommand, SnapshotFile, SnapshotInspect, SnapshotSave};
use crate::console::{Console, Failure, client};
use crate::http::Request;
use crate::output;
use futures::StreamExt;
use serde_json::{Value, json};
use server::{SnapshotArchive, SnapshotInfo};
use std::io::Write;
use std::path::Path;

const PATH: &str = "/v1/operator/snapshot";

pub(super) async fn run(command: &SnapshotCommand) -> Result<u8, Failure> {
    match command {
        SnapshotCommand::Save(args) => save(args, of(&args.general)).await,
        SnapshotCommand::Restore(args) => restore(args, of(&args.general)).await,
        SnapshotCommand::Inspect(args) => inspect(args, Console::plain()),
        SnapshotCommand::State(args) => state::print(&args.file, of(&args.general)),
    }
}

async fn save(args: &SnapshotSave, console: Console) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let name = match args.file.as_deref().filter(|file| !file.is_empty()) {
        Some(file) => file.to_owned(),
        None => {
            let seconds = now_ns() / 1_000_000_000;
            format!("nomad-state-{}-{seconds}.snap", day(seconds))
        }
    };
    let query: &[(&str, &str)] = if args.stale { &[("stale", "true")] } else { &[] };
    let stream = client.stream(PATH, query).await;
    let mut stream = std::pin::pin!(stream.map_err(|e| Failure::because("Failed to get snapshot file", &e))?);
    let failed = |e: std::io::Error| Failure::new(format!("Failed to write {name:?}: {}", reason(&e)));
    let mut file = std::fs::File::create_new(&name).map_err(failed)?;
    while let Some(piece) = stream.next().await {
        let written = piece
            .map_err(|e| Failure::because("Failed to get snapshot file", &e))
            .and_then(|piece| file.write_all(&piece).map_err(failed));
        if let Err(failure) = written {
            // Half of a snapshot must not be taken for one.
            let _gone = std::fs::remove_file(&name);
            return Err(failure);
        }
    }
    file.sync_all().map_err(failed)?;
    // A connection that broke off unnoticed would be noticed too late otherwise: when the file is needed.
    if let Err(failure) = describe(&name) {
        let _gone = std::fs::remove_file(&name);
        return Err(failure);
    }
    console.line(format!("State file written to {name}"));
    Ok(0)
}

fn day(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map(|time| time.strftime("%Y%m%d").to_string()).unwrap_or_default()
}

async fn restore(args: &SnapshotFile, console: Console) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let file = &args.file;
    let body = std::fs::read(file)
        .map_err(|e| Failure::new(format!("Error opening snapshot file: open {file}: {}", reason(&e))))?;
    let request = Request {
        method: "PUT".to_owned(),
        url: client.url(PATH, &[]),
        headers: Vec::new(),
        body: Some(body),
    };
    let failed = |why: String| Failure::new(format!("Failed to get restore snapshot: {why}"));
    let answer = client.raw(request).await.map_err(|e| failed(e.to_string()))?;
    let code = answer.status.split(' ').nth(1).unwrap_or_default();
    if !code.starts_with('2') {
        let said = String::from_utf8_lossy(&answer.body);
        return Err(failed(format!("Unexpected response code: {code} ({})", said.trim())));
    }
    console.line("Snapshot Restored");
    Ok(0)
}

fn open(file: &str) -> Result<SnapshotArchive, Failure> {
    SnapshotArchive::open(Path::new(file))
        .map_err(|e| Failure::new(format!("Error opening snapshot file: open {file}: {}", reason(&e))))
}

/// Reads every byte of a file.
fn describe(file: &str) -> Result<SnapshotInfo, Failure> {
    open(file)?.inspect().map_err(|e| Failure::new(format!("Error inspecting snapshot: {file}: {e}")))
}

fn inspect(args: &SnapshotInspect, console: Console) -> Result<u8, Failure> {
    let raw = raw(&args.format)?;
    let info = describe(&args.file)?;
    if let Some(raw) = &raw {
        return print_raw(console, raw, &document(&info));
    }
    console.line(text(&info));
    Ok(0)
}

/// What a file says of itself, for programs.
fn document(info: &SnapshotInfo) -> Value {
    let tables = info.tables.iter();
    let tables: Vec<Value> =
        tables.map(|table| json!({ "Name": table.name, "Count": table.rows, "Size": table.bytes })).collect();
    json!({
        "Meta": {
            "ID": info.id, "Size": info.size, "Index": info.index, "Term": info.term, "Version": info.version,
        },
        "Stats": tables,
        "TotalSize": info.tables.iter().map(|table| table.bytes).sum::<u64>(),
    })
}

/// The same for people; the largest tables first.
fn text(info: &SnapshotInfo) -> String {
    let head = output::key_values(&[
        ("ID", info.id.clone()),
        ("Size", info.size.to_string()),
        ("Index", info.index.to_string()),
        ("Term", info.term.to_string()),
        ("Version", info.version.to_string()),
    ]);
    let mut tables: Vec<_> = info.tables.iter().collect();
    tables.sort_by_key(|table| std::cmp::Reverse(table.bytes));
    let mut rows = vec![["Type", "Count", "Size"].map(str::to_owned)];
    rows.extend(
        tables.iter().map(|table| [table.name.to_owned(), table.rows.to_string(), size(table.bytes)]),
    );
    let total = info.tables.iter().map(|table| table.bytes).sum();
    let rest = [("Total", size(total))];
    format!("{head}\n\n{}\n\n{}", output::list(&rows), output::key_values(&rest))
}

/// Bytes with a unit of 1024.
fn size(bytes: u64) -> String {
    let mut amount = bytes as f64;
    let mut unit = "B";
    for larger in ["KiB", "MiB", "GiB"] {
        if amount < 1024.0 {
            break;
        }
        (amount, unit) = (amount / 1024.0, larger);
    }
    if unit == "B" { format!("{bytes}B") } else { format!("{amount:.1}{unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use server::SnapshotTable;

    #[test]
    fn faults_of_files_are_told() {
        let missing = describe("missing.snap").unwrap_err().message;
        assert_eq!(missing, "Error opening snapshot file: open missing.snap: no such file or directory");
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("x.snap").display().to_string();
        for (bytes, why) in [
            (&b"x"[..], "damaged at offset 0: not a snapshot"),
            (b"DRVRSNP\x02", "damaged at offset 0: a snapshot in a format that this version does not know"),
            (b"DRVRSNP\x01", "damaged at offset 8: cut short"),
        ] {
            std::fs::write(&file, bytes).unwrap();
            let fault = describe(&file).unwrap_err().message;
            assert_eq!(fault, format!("Error inspecting snapshot: {file}: {why}"));
        }
        assert_eq!(day(1_795_224_071), "20261121");
    }

    #[test]
    fn what_a_file_says_of_itself_is_laid_out() {
        let table = |name, rows, bytes| SnapshotTable { name, rows, bytes };
        let info = SnapshotInfo {
            id: "3-40-x".to_owned(),
            size: 4_000,
            index: 41,
            term: 3,
            version: 1,
            tables: vec![table("Counters", 1, 100), table("Jobs", 2, 3_072)],
        };
        let expected = "ID      = 3-40-x\nSize    = 4000\nIndex   = 41\nTerm    = 3\nVersion = 1\n\n\
                        Type      Count  Size\nJobs      2      3.0KiB\nCounters  1      100B\n\nTotal = 3.1KiB";
        assert_eq!(text(&info), expected);
        assert_eq!(document(&info)["Stats"][1], json!({ "Name": "Jobs", "Count": 2, "Size": 3072 }));
    }
}
