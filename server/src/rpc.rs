//! Where tonic ends: raft peers, other servers, client agents.

mod agent;
mod peer;

use std::sync::Arc;
use std::time::Duration;

use proto::MESSAGE_MAX;
use proto::v1::node_agent_server::NodeAgentServer;
use proto::v1::server_server::ServerServer;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::transport::server::TcpIncoming;

use crate::app::App;

/// How long a silent connection is kept before it is asked whether it is there.
const KEEPALIVE: Duration = Duration::from_secs(5);

/// Serves gRPC on one listener until the server stops.
pub(crate) async fn serve(app: Arc<App>, listener: TcpListener, cancel: CancellationToken) {
    let peers = ServerServer::new(peer::PeerService::new(app.clone(), cancel.clone()));
    let agents = NodeAgentServer::new(agent::AgentService::new(app.clone(), cancel.clone()));
    // Without it a hello waits for the peer's delayed acknowledgement, 40 ms.
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true)).with_keepalive(Some(KEEPALIVE));
    let served = raft::tune(tonic::transport::Server::builder())
        .add_service(app.raft.service())
        .add_service(peers.max_decoding_message_size(MESSAGE_MAX).max_encoding_message_size(MESSAGE_MAX))
        .add_service(agents.max_decoding_message_size(MESSAGE_MAX).max_encoding_message_size(MESSAGE_MAX))
        .serve_with_incoming_shutdown(incoming, cancel.cancelled_owned())
        .await;
    if let Err(error) = served {
        tracing::error!(%error, "gRPC ended");
    }
}
