//! Log lines as they come, for whoever watches an agent from afar.
//!
//! While nobody watches, the layer is off and costs nothing. A watcher that does not keep up misses lines; how many, it
//! is told with the next one.

use std::fmt::{self, Write};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::{Map, Value};
use tokio::sync::mpsc;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::{Registry, reload};

use super::parse_level;
use crate::clock::Clock;

/// Lines that wait for one watcher.
const WAITING_MAX: usize = 512;
/// Watchers of one process.
const WATCHERS_MAX: usize = 64;

static LEVEL: OnceLock<reload::Handle<LevelFilter, Registry>> = OnceLock::new();
static WATCHERS: Mutex<Vec<Watcher>> = Mutex::new(Vec::new());

struct Watcher {
    id: u64,
    level: LevelFilter,
    json: bool,
    missed: u64,
    lines: mpsc::Sender<String>,
}

/// Log lines of this process from now on, each with its line feed.
#[derive(Debug)]
pub struct Monitor {
    id: u64,
    lines: mpsc::Receiver<String>,
}

/// Why a process cannot be watched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MonitorError {
    /// Not a level.
    #[error("Unknown log level: {0}")]
    Level(String),
    /// Too many watch already.
    #[error("{WATCHERS_MAX} others watch this agent already")]
    Many,
}

impl Monitor {
    /// Begins to watch: lines of `level` and above, as hclog writes them, as text or as JSON.
    ///
    /// # Errors
    /// [`MonitorError`].
    pub fn watch(level: &str, json: bool) -> Result<Monitor, MonitorError> {
        let unknown = || MonitorError::Level(level.to_owned());
        let level = parse_level(level).filter(|level| *level != LevelFilter::OFF).ok_or_else(unknown)?;
        let mut watchers = WATCHERS.lock().unwrap_or_else(PoisonError::into_inner);
        if watchers.len() >= WATCHERS_MAX {
            return Err(MonitorError::Many);
        }
        let id = watchers.iter().map(|watcher| watcher.id).max().unwrap_or(0) + 1;
        let (sender, lines) = mpsc::channel(WAITING_MAX);
        watchers.push(Watcher { id, level, json, missed: 0, lines: sender });
        let wanted = widest(&watchers);
        drop(watchers);
        set_level(wanted);
        Ok(Monitor { id, lines })
    }

    /// The next line; waits for it.
    pub async fn next(&mut self) -> Option<String> {
        self.lines.recv().await
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        let mut watchers = WATCHERS.lock().unwrap_or_else(PoisonError::into_inner);
        watchers.retain(|watcher| watcher.id != self.id);
        let wanted = widest(&watchers);
        drop(watchers);
        set_level(wanted);
    }
}

fn widest(watchers: &[Watcher]) -> LevelFilter {
    watchers.iter().map(|watcher| watcher.level).max().unwrap_or(LevelFilter::OFF)
}

/// Never while the watchers are locked: changing a filter looks at every place that logs, which may log.
fn set_level(level: LevelFilter) {
    if let Some(handle) = LEVEL.get() {
        // Fails only when the subscriber is gone, and then nothing is logged any more.
        let _gone = handle.reload(level);
    }
}

/// The layer that hands out lines; off until somebody watches.
pub(super) fn layer() -> Box<dyn Layer<Registry> + Send + Sync> {
    let (filter, handle) = reload::Layer::new(LevelFilter::OFF);
    // A process logs once, so nobody has set it before.
    let _first = LEVEL.set(handle);
    HandOut.with_filter(filter).boxed()
}

struct HandOut;

impl<S: Subscriber> Layer<S> for HandOut {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        // Libraries below us are as noisy here as they would be in the log: only our own rooms are shown.
        let metadata = event.metadata();
        let library = ["openraft", "h2", "hyper", "tonic", "tower", "sled", "mio", "opentelemetry"];
        if library.iter().any(|name| metadata.target().starts_with(name)) {
            return;
        }
        let level = *metadata.level();
        let mut line = None;
        let mut watchers = WATCHERS.lock().unwrap_or_else(PoisonError::into_inner);
        for watcher in watchers.iter_mut().filter(|watcher| watcher.level >= level) {
            let line = line.get_or_insert_with(|| Line::of(event));
            let mut text = if watcher.json { line.json() } else { line.text() };
            if watcher.missed > 0 {
                let missed = watcher.missed;
                text = format!("[WARN] Monitor dropped {missed} logs during monitor request\n{text}");
            }
            match watcher.lines.try_send(text) {
                Ok(()) => watcher.missed = 0,
                Err(_full) => watcher.missed += 1,
            }
        }
    }
}

/// One line, taken apart.
struct Line {
    time: String,
    level: Level,
    target: &'static str,
    message: String,
    fields: Map<String, Value>,
}

impl Line {
    fn of(event: &Event<'_>) -> Self {
        let metadata = event.metadata();
        let mut line = Line {
            time: now(),
            level: *metadata.level(),
            target: metadata.target(),
            message: String::new(),
            fields: Map::new(),
        };
        event.record(&mut line);
        line
    }

    fn text(&self) -> String {
        let level = format!("[{}]", self.level);
        let mut text = format!("{} {level:<7} {}: {}", self.time, self.target, self.message);
        for (index, (name, value)) in self.fields.iter().enumerate() {
            let colon = if index == 0 { ":" } else { "" };
            let _infallible = match value {
                Value::String(plain) if !plain.contains(' ') => write!(text, "{colon} {name}={plain}"),
                value => write!(text, "{colon} {name}={value}"),
            };
        }
        text.push('\n');
        text
    }

    fn json(&self) -> String {
        let mut object = self.fields.clone();
        object.insert("@level".into(), self.level.to_string().to_lowercase().into());
        object.insert("@message".into(), self.message.clone().into());
        object.insert("@module".into(), self.target.into());
        object.insert("@timestamp".into(), self.time.clone().into());
        format!("{}\n", Value::Object(object))
    }
}

fn now() -> String {
    let time = jiff::Timestamp::from_nanosecond(i128::from(Clock::system().now_ns()));
    time.map(|time| time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()).unwrap_or_default()
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.message);
        } else {
            self.fields.insert(field.name().to_owned(), value.into());
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.fields.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.fields.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.fields.insert(field.name().to_owned(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[tokio::test]
    async fn watchers_get_the_lines_of_their_level() {
        let subscriber = Registry::default().with(vec![layer()]);
        let _guard = tracing::subscriber::set_default(subscriber);
        tracing::warn!("nobody watches yet");
        let mut text = Monitor::watch("info", false).unwrap();
        let mut json = Monitor::watch("DEBUG", true).unwrap();
        assert_eq!(Monitor::watch("nope", false).unwrap_err().to_string(), "Unknown log level: nope");
        tracing::debug!("only for one");
        tracing::info!(count = 3, name = "a b", "done");
        let line = text.next().await.unwrap();
        assert!(
            line.ends_with("tests: done: count=3 name=\"a b\"\n") && line.contains(" [INFO]  "),
            "{line}"
        );
        let first: Value = serde_json::from_str(&json.next().await.unwrap()).unwrap();
        assert_eq!((&first["@message"], &first["@level"]), (&"only for one".into(), &"debug".into()));
        let second: Value = serde_json::from_str(&json.next().await.unwrap()).unwrap();
        assert_eq!((&second["count"], &second["name"]), (&3.into(), &"a b".into()));
    }
}
