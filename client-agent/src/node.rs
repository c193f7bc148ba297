//! This node as servers are told of it: what was found at the start, and the metadata that was set since.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use model::{Node, NodeId};
use tokio::sync::watch;

use crate::store::{Store, StoreError};

/// Metadata set at run time; `None` takes a key of the configuration away.
pub(crate) type DynamicMeta = BTreeMap<String, Option<String>>;

/// Keys that may be set at run time.
const KEYS_MAX: usize = 1024;
/// Longest key or value, bytes.
const TEXT_MAX: usize = 16 << 10;

/// Metadata that cannot be set.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MetaError {
    #[error("missing required Meta object")]
    Missing,
    #[error("metadata keys must not be empty")]
    EmptyKey,
    #[error("{0:?} is invalid; metadata keys must be valid dotted hcl identifiers")]
    Key(String),
    #[error("metadata is limited to {KEYS_MAX} keys of {TEXT_MAX} bytes")]
    TooMuch,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The node as it is now.
pub(crate) struct LiveNode {
    /// As configured and found at the start.
    fixed: Node,
    dynamic: Mutex<DynamicMeta>,
    now: watch::Sender<Arc<Node>>,
}

impl LiveNode {
    pub(crate) fn new(fixed: Node, dynamic: DynamicMeta) -> Self {
        let now = watch::Sender::new(Arc::new(merged(&fixed, &dynamic)));
        LiveNode { fixed, dynamic: Mutex::new(dynamic), now }
    }

    /// Its id, which never changes.
    pub(crate) fn id(&self) -> NodeId {
        self.fixed.id
    }

    /// As it is now.
    pub(crate) fn now(&self) -> Arc<Node> {
        self.now.borrow().clone()
    }

    /// As it is now and will be.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Arc<Node>> {
        self.now.subscribe()
    }

    /// The metadata as the client page shows it.
    pub(crate) fn metadata(&self) -> serde_json::Value {
        let dynamic = self.dynamic.lock().unwrap_or_else(PoisonError::into_inner);
        serde_json::json!({"Dynamic": *dynamic, "Meta": self.now().meta, "Static": self.fixed.meta})
    }

    /// Sets and takes away metadata, on disk before anybody sees it.
    pub(crate) async fn apply(&self, changes: &DynamicMeta, store: &Store) -> Result<(), MetaError> {
        check(changes)?;
        {
            let mut dynamic = self.dynamic.lock().unwrap_or_else(PoisonError::into_inner);
            let mut next = dynamic.clone();
            next.extend(changes.clone());
            // What was never configured needs no note that it is gone.
            next.retain(|key, value| value.is_some() || self.fixed.meta.contains_key(key));
            if next.len() > KEYS_MAX {
                return Err(MetaError::TooMuch);
            }
            store.put_dynamic_meta(&next)?;
            *dynamic = next;
        }
        store.flush().await?;
        let dynamic = self.dynamic.lock().unwrap_or_else(PoisonError::into_inner);
        self.now.send_replace(Arc::new(merged(&self.fixed, &dynamic)));
        Ok(())
    }
}

fn merged(fixed: &Node, dynamic: &DynamicMeta) -> Node {
    let mut node = fixed.clone();
    for (key, value) in dynamic {
        match value {
            Some(value) => drop(node.meta.insert(key.clone(), value.clone())),
            None => drop(node.meta.remove(key)),
        }
    }
    node.computed_class = model::node::class::computed_class(&node);
    node
}

fn check(changes: &DynamicMeta) -> Result<(), MetaError> {
    if changes.is_empty() {
        return Err(MetaError::Missing);
    }
    for (key, value) in changes {
        if key.is_empty() {
            return Err(MetaError::EmptyKey);
        }
        if !key.split('.').all(identifier) {
            return Err(MetaError::Key(key.clone()));
        }
        if key.len() > TEXT_MAX || value.as_ref().is_some_and(|value| value.len() > TEXT_MAX) {
            return Err(MetaError::TooMuch);
        }
    }
    Ok(())
}

/// An identifier of job files: a letter, then letters, digits, `_` and `-`.
fn identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(char::is_alphabetic)
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(pairs: &[(&str, Option<&str>)]) -> DynamicMeta {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), value.map(str::to_owned))).collect()
    }

    #[tokio::test]
    async fn metadata_is_set_and_taken_away() {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(dir.path()).unwrap();
        let mut fixed = Node::default();
        fixed.meta.insert("rack".into(), "r1".into());
        let node = LiveNode::new(fixed, DynamicMeta::new());
        node.apply(&set(&[("a.b", Some("1")), ("rack", None)]), &store).await.unwrap();
        assert_eq!(node.now().meta, BTreeMap::from([("a.b".into(), "1".into())]));
        node.apply(&set(&[("a.b", None)]), &store).await.unwrap();
        let shown = node.metadata();
        assert_eq!(shown["Dynamic"], serde_json::json!({"rack": null}));
        assert_eq!(shown["Static"]["rack"], "r1");
        drop(node);
        drop(store);
        let (_, restored) = Store::open(dir.path()).unwrap();
        assert_eq!(restored.dynamic_meta, set(&[("rack", None)]));
    }

    #[test]
    fn keys_are_identifiers() {
        let refused = |key: &str| check(&set(&[(key, None)])).unwrap_err().to_string();
        assert_eq!(refused(""), "metadata keys must not be empty");
        assert_eq!(
            refused("bad key"),
            "\"bad key\" is invalid; metadata keys must be valid dotted hcl identifiers"
        );
        assert!(check(&set(&[("contract.a-b_1", Some(""))])).is_ok());
        assert!(check(&set(&[("a..b", None)])).is_err() && check(&set(&[("1a", None)])).is_err());
    }
}
