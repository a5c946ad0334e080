//! A local HTTP listener that receives the browser's redirect at the end of the upload journey.

use super::client::random_hex;
use super::wire::SanitizedText;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::get;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;
use url::form_urlencoded;

/// Maximum time to deliver the final page to the browser.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

/// A loopback listener that waits for one redirect. Its path is random, so that other programs
/// cannot send a redirect to it.
#[derive(Debug)]
pub struct RedirectListener {
    listener: TcpListener,
    path: String,
}

/// The end of the applicant's upload journey in the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JourneyEnd {
    /// `?success=true&session_id=…`: the applicant finished the journey. Holds the session ID.
    Finished(SanitizedText),
    /// `?success=false`: the applicant cancelled the journey.
    Cancelled,
}

impl RedirectListener {
    /// Binds to a free port on loopback.
    ///
    /// # Errors
    ///
    /// Returns an error if no port can be bound or no random path can be generated.
    pub async fn bind() -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?,
            path: format!("/{}", random_hex()?),
        })
    }

    /// Returns the redirect URL to pass to the service.
    ///
    /// # Errors
    ///
    /// Returns an error if the operating system does not report the port.
    pub fn url(&self) -> io::Result<String> {
        let port = self.listener.local_addr()?.port();
        Ok(format!("http://127.0.0.1:{port}{}", self.path))
    }

    /// Waits for the redirect of a session and sends a final page to the browser.
    ///
    /// Redirects of another session are rejected.
    ///
    /// # Errors
    ///
    /// Returns an error if the listener fails.
    pub async fn wait(self, session_id: &str) -> io::Result<JourneyEnd> {
        // One message is enough: the first valid redirect ends the wait.
        let (sender, mut receiver) = mpsc::channel(1);
        let expected = Arc::new((session_id.to_owned(), sender));
        let router = Router::new()
            .route(&self.path, get(handle_redirect))
            .with_state(expected);
        let (stop, stop_requested) = tokio::sync::oneshot::channel::<()>();
        let server = axum::serve(self.listener, router).with_graceful_shutdown(async {
            // Resolves when the sender is dropped.
            drop(stop_requested.await);
        });
        let server = tokio::spawn(server.into_future());
        let journey_end = receiver.recv().await;
        drop(stop);
        // The timeout ends the wait for browsers that keep their connection open.
        drop(timeout(SHUTDOWN_TIMEOUT, server).await);
        journey_end.ok_or_else(|| io::Error::other("the listener stopped before the redirect"))
    }
}

async fn handle_redirect(
    State(expected): State<Arc<(String, mpsc::Sender<JourneyEnd>)>>,
    RawQuery(query): RawQuery,
) -> (StatusCode, Html<&'static str>) {
    let (session_id, sender) = &*expected;
    let journey_end = match parse_query(query.as_deref().unwrap_or_default()) {
        Some(JourneyEnd::Finished(id)) if id.as_str() != session_id => None,
        journey_end => journey_end,
    };
    let Some(journey_end) = journey_end else {
        return (
            StatusCode::BAD_REQUEST,
            Html("<p>This redirect belongs to another session."),
        );
    };
    // Fails for a second redirect, which is ignored.
    drop(sender.try_send(journey_end));
    (
        StatusCode::OK,
        Html("<!doctype html><title>Done</title><p>Done. You can close this page."),
    )
}

fn parse_query(query: &str) -> Option<JourneyEnd> {
    let value = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value)
    };
    match value("success")?.as_ref() {
        "true" => Some(JourneyEnd::Finished(SanitizedText::new(&value(
            "session_id",
        )?))),
        "false" => Some(JourneyEnd::Cancelled),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_queries_are_parsed_or_rejected() {
        let finished = JourneyEnd::Finished(SanitizedText::new("s-1"));
        assert_eq!(parse_query("success=true&session_id=s-1"), Some(finished));
        assert_eq!(parse_query("success=false"), Some(JourneyEnd::Cancelled));
        for invalid in [
            "",
            "success=true",
            "success=maybe&session_id=s-1",
            "session_id=s-1",
        ] {
            assert_eq!(parse_query(invalid), None, "{invalid}");
        }
    }
}
