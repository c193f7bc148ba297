//! Finished spans as JSON lines in a file, so that a test can join the spans of several processes.
//!
//! Every span is one `write` to a file opened for appending, so processes may share one. It is for tests and for
//! looking closely at one run, not for production: each span costs a system call where it ends.

use opentelemetry::trace::SpanId;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Appends spans to one file.
#[derive(Debug)]
pub(super) struct FileExporter {
    file: File,
}

impl FileExporter {
    pub(super) fn open(path: &Path) -> io::Result<FileExporter> {
        Ok(FileExporter { file: OpenOptions::new().create(true).append(true).open(path)? })
    }
}

impl SpanExporter for FileExporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        for span in batch {
            let mut line = line(&span).to_string();
            line.push('\n');
            // One call per line: appends of several processes do not mix within it.
            (&self.file)
                .write_all(line.as_bytes())
                .map_err(|e| OTelSdkError::InternalFailure(e.to_string()))?;
        }
        Ok(())
    }
}

fn line(span: &SpanData) -> serde_json::Value {
    let attributes: serde_json::Map<String, serde_json::Value> = span
        .attributes
        .iter()
        .map(|attribute| (attribute.key.to_string(), attribute.value.as_str().into()))
        .collect();
    let parent =
        if span.parent_span_id == SpanId::INVALID { String::new() } else { span.parent_span_id.to_string() };
    serde_json::json!({
        "trace_id": span.span_context.trace_id().to_string(),
        "span_id": span.span_context.span_id().to_string(),
        "parent_id": parent,
        "name": span.name,
        "pid": std::process::id(),
        "start_ns": ns(span.start_time),
        "end_ns": ns(span.end_time),
        "attributes": attributes,
    })
}

fn ns(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
