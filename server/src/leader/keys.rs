//! Sees to it that the cluster has a root key that this server holds. Beside the tenure and not before it: making a
//! key takes a moment, and only variables and identities wait for it.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;

/// How long until a failed attempt is repeated.
const RETRY: Duration = Duration::from_secs(1);

/// Runs until there is a key, or until it is dropped with its tenure.
pub(crate) async fn run(app: Arc<App>) {
    loop {
        let active = app.state().root_keys().find(|key| key.active && !key.modulus.is_empty()).cloned();
        if let Some(key) = active
            && app.key(&key.id).await.is_some()
        {
            return;
        }
        match app.rotate_key().await {
            Ok((_, id)) => tracing::info!(key = id, "a root key was made"),
            Err(error) => {
                tracing::warn!(?error, "no root key could be made yet");
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}
