//! Writing and reading variables. What they hold leaves a server only encrypted.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::Variable;
use state::Operation;

use super::App;
use crate::http::error::ApiError;

/// Keys and values of a variable.
pub(crate) type Items = BTreeMap<String, String>;

impl App {
    /// Encrypts items for a variable. No items need no key.
    pub(crate) async fn seal(&self, variable: &mut Variable, items: &Items) -> Result<(), ApiError> {
        if items.is_empty() {
            return Ok(());
        }
        let secrets = self.active_key().await?;
        let plain = serde_json::to_vec(items).map_err(|error| ApiError::Internal(error.to_string()))?;
        let sealed = secrets.seal(&self.mint, &plain, &context(variable));
        variable.data = sealed.ok_or_else(|| ApiError::Internal("a variable was not encrypted".into()))?;
        variable.key_id = secrets.public().id;
        Ok(())
    }

    /// Encrypts every variable anew that another key was used for, until none is left or this server leads no more.
    /// A variable that is written meanwhile has the new key already.
    pub(crate) async fn encrypt_anew(self: Arc<Self>, key_id: String) {
        self.fetch_missing_keys().await;
        let state = self.state();
        let old = state.variables_with_prefix(None, "").into_iter().filter(|one| one.key_id != key_id);
        let old: Vec<Arc<Variable>> = old.filter(|one| !one.data.is_empty()).cloned().collect();
        let count = old.len();
        for variable in old {
            if let Err(error) = self.encrypt_one_anew(&variable).await {
                let path = &variable.path;
                tracing::warn!(path, ?error, "a variable keeps its old key");
                if !self.leads() {
                    return;
                }
            }
        }
        tracing::info!(count, key = key_id, "variables were encrypted anew");
    }

    async fn encrypt_one_anew(&self, variable: &Variable) -> Result<(), ApiError> {
        let items = self.open(variable)?;
        let mut fresh = variable.clone();
        self.seal(&mut fresh, &items).await?;
        let cas = Some(variable.modify_index);
        // A conflict means that somebody has just written it, with the new key.
        let variable = Box::new(fresh);
        self.operate(Operation::PutVariable { variable, cas, acquire: false }).await.map(drop)
    }

    /// What a variable holds. The key has to be here: see [`App::fetch_missing_keys`].
    pub(crate) fn open(&self, variable: &Variable) -> Result<Items, ApiError> {
        if variable.data.is_empty() {
            return Ok(Items::new());
        }
        let secrets = self.keystore.get(&variable.key_id);
        let plain = secrets.and_then(|secrets| secrets.open(&variable.data, &context(variable)));
        let items = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
        items.ok_or_else(|| {
            ApiError::Server(format!("root key {} of the variable is not on this server", variable.key_id))
        })
    }
}

/// Ciphertext means something only where it was written.
fn context(variable: &Variable) -> Vec<u8> {
    format!("{}\0{}", variable.namespace, variable.path).into_bytes()
}
