//! `monitor`: the log of an agent, as it is written.

use crate::args::Monitor;
use crate::console::{Console, Failure, client};
use crate::find;
use futures::StreamExt;

pub(super) async fn run(args: &Monitor, console: Console) -> Result<u8, Failure> {
    let doing = "Error starting monitor";
    let client = client(&args.general)?;
    let level = args.log_level.as_deref().filter(|level| !level.is_empty()).unwrap_or("INFO");
    let mut query = vec![("log_level", level), ("plain", "true")];
    if args.json {
        query.push(("log_json", "true"));
    }
    query.extend(args.server_id.as_deref().filter(|id| !id.is_empty()).map(|id| ("server_id", id)));
    let node;
    if let Some(prefix) = args.node_id.as_deref().filter(|id| !id.is_empty()) {
        node = find::node(&client, prefix).await.map_err(find::or_id)?.id;
        query.push(("node_id", &node));
    }
    let stream = client.stream("/v1/agent/monitor", &query).await;
    let mut stream = std::pin::pin!(stream.map_err(|e| Failure::because(doing, &e))?);
    loop {
        tokio::select! {
            // The user has seen enough; that is no failure.
            _ = tokio::signal::ctrl_c() => return Ok(0),
            piece = stream.next() => match piece {
                Some(piece) => console.write(&piece.map_err(|e| Failure::because("Error monitoring logs", &e))?),
                None => return Ok(0),
            },
        }
    }
}
