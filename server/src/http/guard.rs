//! A panic in a handler is our fault, and not the end of the server: it is counted, logged and answered.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use runtime::metrics::Metrics;

use super::error::ApiError;

/// What is counted of panics.
const COUNTER: &str = "nomad.http.panic";

/// Runs a handler for `target`; a panic becomes an error of ours.
pub(crate) async fn caught<T>(
    metrics: &Metrics,
    target: &str,
    work: impl Future<Output = Result<T, ApiError>>,
) -> Result<T, ApiError> {
    // What a handler shares with others is behind locks that say when they were left in a panic.
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(answered) => answered,
        Err(panic) => {
            metrics.counter(COUNTER, &[]).increment();
            tracing::error!(target, panic = text(&*panic), "a handler panicked");
            Err(ApiError::Internal("internal error: the request could not be answered".to_owned()))
        }
    }
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a text")
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use axum::extract::{Request as AxumRequest, State};
    use http::StatusCode;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio_util::sync::CancellationToken;

    use super::super::message::Response;
    use super::super::serve::{accept, outgoing};
    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            Write::write(&mut *self.0.lock().unwrap(), bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    async fn handler(path: &str) -> Result<Response, ApiError> {
        assert!(path != "/broken", "nobody thought of {path}");
        Ok(Response::text(StatusCode::OK, "fine"))
    }

    async fn ask(stream: &mut TcpStream, path: &str) -> String {
        let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = vec![0; 4096];
        let length = stream.read(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer[..length]).into_owned()
    }

    #[tokio::test]
    async fn a_panic_is_answered_counted_and_logged_and_the_server_goes_on() {
        let (metrics, log) = (Metrics::default(), Log::default());
        let writer = log.clone();
        let subscriber =
            tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
        let answer = async |State(metrics): State<Metrics>, request: AxumRequest| {
            let path = request.uri().path().to_owned();
            let answered = caught(&metrics, &path, handler(&path)).await;
            outgoing(answered.unwrap_or_else(ApiError::into_response))
        };
        let router = axum::Router::new().fallback(answer).with_state(metrics.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let cancel = CancellationToken::new();
        let asking = async {
            let mut stream = TcpStream::connect(address).await.unwrap();
            for _ in 0..2 {
                let broken = ask(&mut stream, "/broken").await;
                assert!(broken.starts_with("HTTP/1.1 500") && broken.contains("internal error"), "{broken}");
                let fine = ask(&mut stream, "/other").await;
                assert!(fine.starts_with("HTTP/1.1 200") && fine.ends_with("fine"), "{fine}");
            }
            drop(stream);
            cancel.cancel();
        };
        let serving = accept(router, listener, 0, cancel.clone());
        // Everything runs on the thread of the test, whose log is its own.
        let _logging = tracing::subscriber::set_default(subscriber);
        tokio::join!(serving, asking);
        assert_eq!(metrics.counter(COUNTER, &[]).total(), 2);
        let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
        assert!(log.contains("a handler panicked") && log.contains("nobody thought of /broken"), "{log}");
    }
}
