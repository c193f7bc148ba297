//! Logs and traces of a process.
//!
//! Log lines go to standard error. Spans go nowhere (and cost nothing beyond the log's own level) unless the standard
//! `OTEL_*` variables or `DROVER_TRACE_FILE` ask for them. What travels between processes is one text, the W3C
//! `traceparent`; nothing else of OpenTelemetry leaves this module.

mod context;
mod export;
mod file;
mod monitor;

pub use context::{current_traceparent, extract, inject, set_parent};
pub use export::init_for_test;
pub use monitor::{Monitor, MonitorError};
pub use opentelemetry_sdk::trace::InMemorySpanExporter;

use opentelemetry_sdk::trace::SdkTracerProvider;
use std::fs::OpenOptions;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Mutex;
use thiserror::Error;
use tracing_subscriber::filter::{EnvFilter, LevelFilter};
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::fmt::writer::MakeWriterExt;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::{Registry, reload};

/// How a process logs.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// As `Config::log_level`. `RUST_LOG` wins when it is set.
    pub level: String,
    /// JSON lines in place of human ones.
    pub json: bool,
    /// Also append to this file.
    pub log_file: Option<PathBuf>,
    /// What tells this process from others of the same service in a trace: the node's name.
    pub instance: String,
}

/// Why logging could not be started.
#[derive(Debug, Error)]
pub enum InitError {
    /// Not a level.
    #[error("log level {0:?} is none of TRACE, DEBUG, INFO, WARN, ERROR, OFF")]
    Level(String),
    /// `RUST_LOG` cannot be read.
    #[error("RUST_LOG: {0}")]
    RustLog(String),
    /// The log or trace file cannot be opened.
    #[error("opening {}: {source}", .file.display())]
    File {
        /// The path.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The exporter cannot be built.
    #[error("trace exporter: {0}")]
    Exporter(String),
    /// A process logs once.
    #[error("logging was started before")]
    Twice,
}

/// The running logs and traces of this process. Dropping it loses spans that were not sent yet; end it with `shutdown`.
pub struct Trace {
    provider: Option<SdkTracerProvider>,
    level: reload::Handle<EnvFilter, Registry>,
    fixed_by_environment: bool,
}

impl std::fmt::Debug for Trace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trace").field("exports_spans", &self.provider.is_some()).finish_non_exhaustive()
    }
}

/// Start logging and, when the environment asks for it, tracing. Once per process; inside a tokio runtime when spans
/// are sent over gRPC.
pub fn init(options: &Options) -> Result<Trace, InitError> {
    let rust_log = std::env::var("RUST_LOG").ok().filter(|text| !text.is_empty());
    let filter = match &rust_log {
        Some(text) => EnvFilter::try_new(text).map_err(|e| InitError::RustLog(e.to_string()))?,
        None => filter(&options.level)?,
    };
    let (filter, level) = reload::Layer::new(filter);
    let lines = line_layer(options)?.with_filter(filter).boxed();
    let provider = export::provider(&options.instance)?;
    let spans = provider.as_ref().map(export::span_layer);
    let subscriber = Registry::default().with(vec![lines, monitor::layer()]).with(spans);
    tracing::subscriber::set_global_default(subscriber).map_err(|_| InitError::Twice)?;
    context::set_enabled(provider.is_some());
    Ok(Trace { provider, level, fixed_by_environment: rust_log.is_some() })
}

impl Trace {
    /// Change the log level, on a reload. `RUST_LOG` still wins.
    pub fn set_level(&self, level: &str) -> Result<(), InitError> {
        let filter = filter(level)?;
        if !self.fixed_by_environment {
            // Fails only when the subscriber is gone, and then nobody is left to log for.
            let _gone = self.level.reload(filter);
        }
        Ok(())
    }

    /// Send what is left and stop. Takes as long as the exporter's own time limit at most (5 s).
    pub async fn shutdown(self) {
        if let Some(provider) = self.provider {
            // The SDK blocks until its worker is done, and that worker may need this runtime's threads.
            let flushed = tokio::task::spawn_blocking(move || provider.shutdown()).await;
            if let Ok(Err(error)) = flushed {
                tracing::warn!(%error, "spans were lost at the end");
            }
        }
    }
}

/// The level of a configured word, in any case.
pub(crate) fn parse_level(word: &str) -> Option<LevelFilter> {
    Some(match word.to_ascii_uppercase().as_str() {
        "TRACE" => LevelFilter::TRACE,
        "DEBUG" => LevelFilter::DEBUG,
        "" | "INFO" => LevelFilter::INFO,
        "WARN" => LevelFilter::WARN,
        "ERROR" | "ERR" => LevelFilter::ERROR,
        "OFF" => LevelFilter::OFF,
        _ => return None,
    })
}

/// Our own modules at the configured level; the libraries below them are quiet beyond INFO, where they would drown
/// everything else.
fn filter(level: &str) -> Result<EnvFilter, InitError> {
    let wanted = parse_level(level).ok_or_else(|| InitError::Level(level.to_owned()))?;
    // openraft repeats every unanswered message as an error, several times a second for each silent peer; what matters
    // of it (elections, a dead core) our own crates log. RUST_LOG brings it back.
    let mut text = format!("{wanted},openraft=off");
    if wanted >= LevelFilter::DEBUG {
        for library in ["h2", "hyper", "hyper_util", "tonic", "tower", "reqwest", "rustls", "sled", "mio"] {
            text.push_str(&format!(",{library}=info"));
        }
        text.push_str(",opentelemetry=warn,opentelemetry_sdk=warn,opentelemetry_otlp=warn");
    }
    EnvFilter::try_new(&text).map_err(|e| InitError::RustLog(e.to_string()))
}

fn line_layer(options: &Options) -> Result<Box<dyn Layer<Registry> + Send + Sync>, InitError> {
    let mut ansi = std::io::stderr().is_terminal();
    let writer = match &options.log_file {
        None => BoxMakeWriter::new(std::io::stderr),
        Some(path) => {
            let file = OpenOptions::new().create(true).append(true).open(path);
            let file = file.map_err(|source| InitError::File { file: path.clone(), source })?;
            ansi = false;
            BoxMakeWriter::new(std::io::stderr.and(Mutex::new(file)))
        }
    };
    let layer = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(ansi);
    Ok(if options.json { layer.json().flatten_event(true).boxed() } else { layer.boxed() })
}

#[cfg(test)]
mod tests;
