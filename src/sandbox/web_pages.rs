//! HTML pages for the browser: the overview of received uploads, and the journey of an applicant.

use super::state::{ReceivedOutcome, ReceivedUpload, ServerState, Session, Webhook};
use crate::text::sanitize;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use std::fmt::Write as _;
use std::sync::Arc;
use url::{Url, form_urlencoded};

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;\
    padding:0 1rem;color:#1b1f24;background:#fff}table{border-collapse:collapse;width:100%}\
    th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #d8dee4}\
    code{font-size:13px}.accepted{color:#1a6e35}.rejected{color:#a3261b}\
    @media(prefers-color-scheme:dark){body{background:#14171a;color:#e6e8ea}\
    th,td{border-color:#33393f}.accepted{color:#6cc788}.rejected{color:#f0877d}}";

/// `GET /`: lists sessions and received uploads.
pub(super) async fn overview(State(state): State<Arc<ServerState>>) -> Response {
    let store = state.store();
    let mut text = String::from("<h1>bankscreen sandbox</h1>");
    let _infallible = write!(
        text,
        "<p>This page refreshes every 2 seconds. No data leaves this machine.</p>\
         <h2>Sessions ({})</h2><table><tr><th>Session ID<th>Link ID<th>Period<th>Statements\
         <th>State",
        store.sessions.len()
    );
    for (id, session) in &store.sessions {
        write_session(&mut text, id, session);
    }
    let _infallible = write!(
        text,
        "</table><h2>Received uploads ({})</h2><table><tr><th>Time (UTC)<th>File<th>Size (bytes)\
         <th>SHA-256<th>Session ID<th>Outcome",
        store.received_count
    );
    for upload in store.received.iter().rev() {
        write_upload(&mut text, upload);
    }
    text.push_str("</table><h2>Webhook</h2>");
    match &store.webhook {
        Some(Webhook { url, mode }) => {
            let url = escape(url);
            let _infallible = write!(
                text,
                "<p>Registered: <code>{url}</code>, mode {mode}. The sandbox calls no webhook."
            );
        }
        None => text.push_str("<p>None is registered."),
    }
    html(StatusCode::OK, &text, "<meta http-equiv=refresh content=2>")
}

fn write_session(text: &mut String, id: &str, session: &Session) {
    let state = if session.processing_since.is_some() {
        "processing or completed"
    } else if session.is_closed() {
        "expired"
    } else {
        "open"
    };
    let (from, to) = session.period;
    let _infallible = write!(
        text,
        "<tr><td><code>{id}</code><td>{}<td>{from} – {to}<td>{}<td>{state}",
        escape(&session.link_id),
        session.statements.len()
    );
}

fn write_upload(text: &mut String, upload: &ReceivedUpload) {
    let class = match upload.outcome {
        ReceivedOutcome::Accepted => "accepted",
        ReceivedOutcome::Rejected(_) | ReceivedOutcome::Discarded => "rejected",
    };
    let _infallible = write!(
        text,
        "<tr><td>{}<td>{}<td>{}<td><code>{:.12}</code><td><code>{}</code><td class={class}>{}",
        upload.time.strftime("%H:%M:%S"),
        escape(&upload.file_name),
        upload.bytes,
        upload.sha256,
        escape(&upload.session_id),
        escape(&upload.outcome.to_string())
    );
}

/// `GET /journey`: replaces the service's web pages, on which an applicant uploads statements.
pub(super) async fn journey(
    State(state): State<Arc<ServerState>>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let id = pairs
        .find(|(name, _)| name == "session_id")
        .map(|(_, id)| id);
    let id = id.unwrap_or_default();
    let store = state.store();
    let Some(session) = store.sessions.get(id.as_ref()) else {
        let text = "<h1>bankscreen sandbox</h1><p>Session not found.";
        return html(StatusCode::NOT_FOUND, text, "");
    };
    let mut text = String::from(
        "<h1>bankscreen sandbox</h1><p>On this page of the real service, the applicant uploads \
         statements.</p>",
    );
    match session
        .redirect_url
        .as_deref()
        .and_then(|url| Url::parse(url).ok())
    {
        Some(redirect_url) => {
            let (mut finish, mut leave) = (redirect_url.clone(), redirect_url);
            let pairs = [("success", "true"), ("session_id", id.as_ref())];
            finish.query_pairs_mut().extend_pairs(pairs);
            leave.query_pairs_mut().append_pair("success", "false");
            let _infallible = write!(
                text,
                "<p><a href=\"{}\">Finish</a> · <a href=\"{}\">Leave</a>",
                escape(finish.as_str()),
                escape(leave.as_str())
            );
        }
        None => text.push_str("<p>This session has no redirect URL."),
    }
    html(StatusCode::OK, &text, "")
}

/// Sanitizes and escapes untrusted text for HTML.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in sanitize(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

fn html(status: StatusCode, text: &str, head: &str) -> Response {
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>bankscreen sandbox</title>{head}\
         <style>{STYLE}</style>{text}"
    );
    // No scripts: file names and link IDs on the page are untrusted.
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'",
        ),
    ];
    (status, headers, page).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn untrusted_text_is_sanitized_and_escaped() {
        assert_eq!(
            escape("<img onerror='x' src=\"y\">&\x1b[1m"),
            "&lt;img onerror=&#39;x&#39; src=&quot;y&quot;&gt;&amp;^[[1m"
        );
    }
}
