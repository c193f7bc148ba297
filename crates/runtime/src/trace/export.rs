//! Where spans go: to a collector over gRPC, to a file, to memory in tests, or nowhere.

use super::{InitError, context, file::FileExporter};
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{InMemorySpanExporter, InMemorySpanExporterBuilder, SdkTracerProvider};
use std::path::PathBuf;
use std::sync::OnceLock;
use tracing::Subscriber;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// Names the file to which finished spans are appended.
const TRACE_FILE: &str = "DROVER_TRACE_FILE";

/// The provider that the environment asks for, or none.
pub(super) fn provider(instance: &str) -> Result<Option<SdkTracerProvider>, InitError> {
    let trace_file = variable(TRACE_FILE).map(PathBuf::from);
    let to_collector = collector_wanted();
    if trace_file.is_none() && !to_collector {
        return Ok(None);
    }
    let mut builder = SdkTracerProvider::builder().with_resource(resource(instance));
    if to_collector {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(InitError::Exporter("sending spans over gRPC needs a tokio runtime".to_owned()));
        }
        let exporter = opentelemetry_otlp::SpanExporter::builder().with_tonic().build();
        builder = builder.with_batch_exporter(exporter.map_err(|e| InitError::Exporter(e.to_string()))?);
    }
    if let Some(path) = trace_file {
        let exporter = FileExporter::open(&path).map_err(|source| InitError::File { file: path, source })?;
        builder = builder.with_simple_exporter(exporter);
    }
    Ok(Some(builder.build()))
}

/// The standard variables: an endpoint, or the exporter by name; `OTEL_SDK_DISABLED` and the name `none` win.
fn collector_wanted() -> bool {
    if variable("OTEL_SDK_DISABLED").is_some_and(|v| v.eq_ignore_ascii_case("true")) {
        return false;
    }
    match variable("OTEL_TRACES_EXPORTER").as_deref() {
        Some("none") => false,
        Some(names) if names.split(',').any(|n| n.trim() == "otlp") => true,
        _ => {
            variable("OTEL_EXPORTER_OTLP_ENDPOINT").is_some()
                || variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT").is_some()
        }
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn resource(instance: &str) -> Resource {
    let service = variable("OTEL_SERVICE_NAME").unwrap_or_else(|| "drover".to_owned());
    Resource::builder()
        .with_service_name(service)
        .with_attributes([
            KeyValue::new("service.instance.id", instance.to_owned()),
            KeyValue::new("service.version", crate::version::DROVER_VERSION),
        ])
        .build()
}

/// The layer that turns spans at INFO and above into OpenTelemetry's. The exporter's own libraries are left out, or
/// sending a span would make spans to send.
pub(super) fn span_layer<S>(provider: &SdkTracerProvider) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync + 'static,
{
    const LIBRARIES: &[&str] =
        &["h2", "hyper", "tonic", "tower", "reqwest", "opentelemetry", "openraft", "sled"];
    let ours = filter_fn(|metadata| {
        let root = metadata.target().split("::").next().unwrap_or("");
        *metadata.level() <= tracing::Level::INFO && !LIBRARIES.iter().any(|l| root.starts_with(l))
    });
    tracing_opentelemetry::layer().with_tracer(provider.tracer("drover")).with_filter(ours).boxed()
}

/// For tests: record every span of this process in memory. The first call installs the recorder for the whole
/// process, later ones give the same; tests tell their spans apart by trace id. Call it before any other subscriber is
/// installed; afterwards it records nothing.
pub fn init_for_test() -> InMemorySpanExporter {
    static RECORDER: OnceLock<(InMemorySpanExporter, SdkTracerProvider)> = OnceLock::new();
    let (exporter, _provider) = RECORDER.get_or_init(|| {
        let exporter = InMemorySpanExporterBuilder::new().build();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        let subscriber = tracing_subscriber::Registry::default().with(span_layer(&provider));
        if tracing::subscriber::set_global_default(subscriber).is_ok() {
            context::set_enabled(true);
        }
        (exporter, provider)
    });
    exporter.clone()
}
