//! Spans are joined across an imagined process boundary, and without a layer nothing happens.

use super::*;

#[test]
fn a_child_in_another_process_joins_the_trace() {
    let recorder = init_for_test();
    let sent = {
        let root = tracing::info_span!("root", job = "web");
        let _entered = root.enter();
        let mut headers = Vec::new();
        inject(|name, value| headers.push((name, value)));
        assert_eq!(headers.len(), 1);
        assert_eq!(current_traceparent(), headers[0].1);
        headers.remove(0)
    };
    let received = extract(|name| (name == sent.0).then_some(sent.1.as_str()));
    let child = tracing::info_span!("child");
    set_parent(&child, &received);
    child.in_scope(|| assert!(current_traceparent().starts_with(&received[..35])));
    drop(child);
    let orphan = tracing::info_span!("orphan");
    set_parent(&orphan, "nonsense");
    drop(orphan);
    tracing::debug_span!("below the level").in_scope(|| ());

    let spans = recorder.get_finished_spans().unwrap();
    let find = |name: &str| spans.iter().find(|s| s.name == name);
    let (root, child, orphan) = (find("root").unwrap(), find("child").unwrap(), find("orphan").unwrap());
    assert_eq!(child.span_context.trace_id(), root.span_context.trace_id());
    assert_eq!(child.parent_span_id, root.span_context.span_id());
    assert_ne!(orphan.span_context.trace_id(), root.span_context.trace_id());
    assert!(find("below the level").is_none());
}

#[test]
fn the_file_holds_one_line_a_span() {
    use opentelemetry::trace::TracerProvider;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("spans.jsonl");
    let exporter = file::FileExporter::open(&path).unwrap();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    tracing::subscriber::with_default(Registry::default().with(layer), || {
        tracing::info_span!("outer", node = "n1").in_scope(|| tracing::info_span!("inner").in_scope(|| ()));
    });
    provider.shutdown().unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["name"], &lines[1]["name"]), (&"inner".into(), &"outer".into()));
    assert_eq!(lines[0]["parent_id"], lines[1]["span_id"]);
    assert_eq!(lines[0]["trace_id"], lines[1]["trace_id"]);
    assert_eq!((&lines[1]["parent_id"], &lines[1]["attributes"]["node"]), (&"".into(), &"n1".into()));
    assert!(lines[1]["end_ns"].as_u64() >= lines[1]["start_ns"].as_u64());
    assert_eq!(lines[0]["pid"], std::process::id());
}

#[test]
fn levels_are_words_in_any_case() {
    for word in ["trace", "DEBUG", "Info", "warn", "ERROR", "off", ""] {
        assert!(filter(word).is_ok(), "{word}");
    }
    assert!(matches!(filter("loud"), Err(InitError::Level(_))));
}
