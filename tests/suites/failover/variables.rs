//! Variables survive the loss of a leader, and no server's disk holds their values in the clear.

use std::path::Path;

use serde_json::json;
use tests::eventually::eventually;

use super::servers;

/// Long enough that it cannot stand anywhere by chance.
const SECRET: &str = "correct-horse-battery-staple-0417";

/// Files below a directory that hold the bytes.
fn files_with(dir: &Path, needle: &[u8], found: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_with(&path, needle, found);
        } else if std::fs::read(&path)
            .is_ok_and(|bytes| bytes.windows(needle.len()).any(|part| part == needle))
        {
            found.push(path.display().to_string());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn variables_are_read_on_every_server_and_lie_nowhere_in_the_clear() {
    let mut cluster = servers(3).await;
    let body = json!({ "Items": { "password": SECRET } });
    let written = cluster.put(1, "/v1/var/app/db", &body).await.unwrap();
    assert_eq!(written["Items"]["password"], SECRET);
    for server in 0..3 {
        let read = cluster.get(server, "/v1/var/app/db").await.unwrap();
        assert_eq!(read["Items"]["password"], SECRET, "server {server}");
    }
    let leader = cluster.leader().await.unwrap();
    cluster.kill(leader).unwrap();
    let other = (leader + 1) % 3;
    let lock = json!({ "Items": { "password": SECRET, "more": "x" } });
    eventually("a write after the loss", || async {
        cluster.put(other, "/v1/var/app/db", &lock).await.map_err(|error| error.to_string())
    })
    .await;
    let read = cluster.get((leader + 2) % 3, "/v1/var/app/db").await.unwrap();
    assert_eq!(read["Items"]["more"], "x");
    cluster.spawn(leader).unwrap();
    eventually("the server that came back", || async {
        let read = cluster.get(leader, "/v1/var/app/db").await.map_err(|error| error.to_string())?;
        if read["Items"]["more"] == "x" { Ok(()) } else { Err(read.to_string()) }
    })
    .await;
    let mut found = Vec::new();
    files_with(cluster.dir(), SECRET.as_bytes(), &mut found);
    assert!(found.is_empty(), "the value stands in {found:?}");
}
