//! A backup with a single byte that is not as it was written is refused, wherever that byte is.

use serde_json::json;
use tests::job::unplaceable;

use super::{servers, succeeds};

/// Bytes at the beginning and at the end that are all tried: headers and sums.
const ENDS: usize = 96;
/// Further ones, spread over the file.
const SAMPLES: usize = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flipped_byte_is_refused_wherever_it_is() {
    let cluster = servers(1).await;
    for number in 0..40 {
        cluster.put(0, "/v1/jobs", &unplaceable(&format!("kept-{number}"))).await.unwrap();
    }
    cluster.put(0, "/v1/var/a/b", &json!({ "Items": { "c": "d" } })).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("whole.snap");
    succeeds(&cluster, 0, &["operator", "snapshot", "save", &file.display().to_string()]);
    let whole = std::fs::read(&file).unwrap();
    let before = cluster.get(0, "/v1/jobs").await.unwrap();

    let url = format!("{}/v1/operator/snapshot", cluster.address(0));
    let client = reqwest::Client::new();
    let spread = (0..SAMPLES).map(|sample| sample * whole.len() / SAMPLES);
    let ends = (0..ENDS).chain(whole.len() - ENDS..whole.len());
    for at in ends.chain(spread) {
        for bit in [0x01, 0x80] {
            let mut damaged = whole.clone();
            damaged[at] ^= bit;
            let answer = client.put(&url).body(damaged).send().await.unwrap();
            let (status, text) = (answer.status(), answer.text().await.unwrap());
            assert!(
                status == 400 && text.starts_with("invalid snapshot: "),
                "byte {at} of {} flipped with {bit:#x}: {status} {text}",
                whole.len()
            );
        }
    }
    for length in [0, 1, whole.len() / 2, whole.len() - 1] {
        let answer = client.put(&url).body(whole[..length].to_vec()).send().await.unwrap();
        assert_eq!(answer.status(), 400, "cut at {length}");
    }
    assert_eq!(cluster.get(0, "/v1/jobs").await.unwrap(), before, "a refused backup changes nothing");
    succeeds(&cluster, 0, &["operator", "snapshot", "restore", &file.display().to_string()]);
}
