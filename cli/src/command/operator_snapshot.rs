//! `operator snapshot save|inspect|restore|state`.
//!
//! What is in a snapshot is the servers' business: files are carried there and back. As long as servers make none, there
//! is no file whose inside could be shown.

use super::job_file::reason;
use super::{now_ns, of};
use crate::args::{SnapshotCommand, SnapshotFile, SnapshotSave};
use crate::console::{Console, Failure, client};
use crate::http::Request;
use futures::StreamExt;
use std::io::Write;

const PATH: &str = "/v1/operator/snapshot";

pub(super) async fn run(command: &SnapshotCommand) -> Result<u8, Failure> {
    match command {
        SnapshotCommand::Save(args) => save(args, of(&args.general)).await,
        SnapshotCommand::Restore(args) => restore(args, of(&args.general)).await,
        SnapshotCommand::Inspect(args) => unreadable(&args.file),
        SnapshotCommand::State(args) => unreadable(&args.file),
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

fn unreadable(file: &str) -> Result<u8, Failure> {
    if let Err(error) = std::fs::File::open(file) {
        return Err(Failure::new(format!("Error opening snapshot file: open {file}: {}", reason(&error))));
    }
    Err(Failure::new("Reading snapshot files is not supported yet: servers do not write any"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn faults_of_files_come_first() {
        let missing = super::unreadable("missing.snap").unwrap_err().message;
        assert_eq!(missing, "Error opening snapshot file: open missing.snap: no such file or directory");
        assert_eq!(super::day(1_795_224_071), "20261121");
    }
}
