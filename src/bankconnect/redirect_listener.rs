//! A page on this machine to which the browser returns after the customer's journey.

use super::client::random_word;
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

/// Time for the last page to reach the browser.
const FAREWELL: Duration = Duration::from_secs(2);

/// A listener on loopback that waits for one return. Its path can't be guessed by others.
#[derive(Debug)]
pub struct RedirectListener {
    listener: TcpListener,
    path: String,
}

/// How the journey ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JourneyEnd {
    /// `?success=true&session_id=…`: the customer finished.
    Finished(SanitizedText),
    /// `?success=false`: the customer left.
    Cancelled,
}

impl RedirectListener {
    /// Listens on a free port.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub async fn bind() -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?,
            path: format!("/{}", random_word()?),
        })
    }

    /// The address to return to.
    ///
    /// # Errors
    ///
    /// When the system does not tell the port.
    pub fn url(&self) -> io::Result<String> {
        let port = self.listener.local_addr()?.port();
        Ok(format!("http://127.0.0.1:{port}{}", self.path))
    }

    /// Waits for the return of a session, and answers the browser. Returns that name another
    /// session are turned away.
    ///
    /// # Errors
    ///
    /// When the listener fails.
    pub async fn wait(self, session_id: &str) -> io::Result<JourneyEnd> {
        let (sender, mut receiver) = mpsc::channel(1);
        let expected = Arc::new((session_id.to_owned(), sender));
        let router = Router::new()
            .route(&self.path, get(land))
            .with_state(expected);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = axum::serve(self.listener, router).with_graceful_shutdown(async {
            // A sender that is gone stops the page just as well.
            drop(stopped.await);
        });
        let serving = tokio::spawn(serving.into_future());
        let landed = receiver.recv().await;
        drop(stop);
        // A browser that keeps its connection open is not waited for.
        drop(timeout(FAREWELL, serving).await);
        landed.ok_or_else(|| io::Error::other("the page ended before the browser returned"))
    }
}

async fn land(
    State(expected): State<Arc<(String, mpsc::Sender<JourneyEnd>)>>,
    RawQuery(query): RawQuery,
) -> (StatusCode, Html<&'static str>) {
    let (session_id, sender) = &*expected;
    let landed = match read(query.as_deref().unwrap_or_default()) {
        Some(JourneyEnd::Finished(id)) if id.as_str() != session_id => None,
        landed => landed,
    };
    let Some(landed) = landed else {
        return (
            StatusCode::BAD_REQUEST,
            Html("<p>This return belongs to another session."),
        );
    };
    // A second return while the first is handled changes nothing.
    drop(sender.try_send(landed));
    (
        StatusCode::OK,
        Html("<!doctype html><title>Done</title><p>Done. You can close this page."),
    )
}

fn read(query: &str) -> Option<JourneyEnd> {
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
    fn a_return_tells_how_the_journey_ended() {
        let finished = JourneyEnd::Finished(SanitizedText::new("s-1"));
        assert_eq!(read("success=true&session_id=s-1"), Some(finished));
        assert_eq!(read("success=false"), Some(JourneyEnd::Cancelled));
        for other in [
            "",
            "success=true",
            "success=maybe&session_id=s-1",
            "session_id=s-1",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
