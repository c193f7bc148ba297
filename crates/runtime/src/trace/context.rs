//! The trace a span belongs to, as the W3C `traceparent` text: read from the current span, set on a new one.
//!
//! Malformed text is ignored: a caller with a broken tracer must not lose its request over it.

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use std::sync::atomic::{AtomicBool, Ordering};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The header that carries the trace.
const HEADER: &str = "traceparent";

/// Whether any layer records spans; read before anything costs something.
static ENABLED: AtomicBool = AtomicBool::new(false);

pub(super) fn set_enabled(enabled: bool) {
    ENABLED.store(enabled, Ordering::Relaxed);
}

/// The current span as `00-<trace>-<span>-<flags>`; empty when nothing is traced.
pub fn current_traceparent() -> String {
    if !ENABLED.load(Ordering::Relaxed) {
        return String::new();
    }
    let context = tracing::Span::current().context();
    let span = context.span();
    let span = span.span_context();
    if !span.is_valid() {
        return String::new();
    }
    format!("00-{}-{}-{:02x}", span.trace_id(), span.span_id(), span.trace_flags().to_u8())
}

/// Make a span, before it is entered, the child of a span of another process. Does nothing when `traceparent` is empty
/// or malformed, or when nothing is traced.
pub fn set_parent(span: &tracing::Span, traceparent: &str) {
    if !ENABLED.load(Ordering::Relaxed) {
        return;
    }
    if let Some(parent) = parse(traceparent) {
        // Fails when the span is filtered out or was entered before; it then stays in its own trace.
        let _untraced = span.set_parent(Context::new().with_remote_span_context(parent));
    }
}

/// Hand the current trace to `put(header, value)`, which sets a header of an outgoing request. Not called when
/// nothing is traced.
pub fn inject(put: impl FnOnce(&'static str, String)) {
    let value = current_traceparent();
    if !value.is_empty() {
        put(HEADER, value);
    }
}

/// Ask `get(header)` of an incoming request for its trace; empty when there is none.
pub fn extract<'a>(get: impl FnOnce(&'static str) -> Option<&'a str>) -> String {
    get(HEADER).unwrap_or("").to_owned()
}

/// The four fields of version 00. Later versions may append fields, which are ignored.
fn parse(text: &str) -> Option<SpanContext> {
    let mut fields = text.trim().split('-');
    let (version, trace, span, flags) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let sized =
        |field: &str, length: usize| field.len() == length && field.bytes().all(|b| b.is_ascii_hexdigit());
    if !(sized(version, 2) && sized(trace, 32) && sized(span, 16) && sized(flags, 2)) || version == "ff" {
        return None;
    }
    if version == "00" && fields.next().is_some() {
        return None;
    }
    let context = SpanContext::new(
        TraceId::from_hex(trace).ok()?,
        SpanId::from_hex(span).ok()?,
        TraceFlags::new(u8::from_str_radix(flags, 16).ok()? & 1),
        true,
        TraceState::default(),
    );
    context.is_valid().then_some(context)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn only_well_formed_texts_are_parents() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let parent = parse(good).unwrap();
        assert_eq!(parent.trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
        assert!(parent.is_remote() && parent.is_sampled());
        assert!(parse("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-more").is_some());
        for bad in [
            "",
            "x",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c8031-b7ad6b7169203331-01",
            "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
