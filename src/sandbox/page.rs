//! Pages for people: what was received, and the end of a customer's journey.

use super::world::{Received, Session, World};
use crate::report::clean;
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
    code{font-size:13px}.accepted{color:#1a6e35}.refused{color:#a3261b}\
    @media(prefers-color-scheme:dark){body{background:#14171a;color:#e6e8ea}\
    th,td{border-color:#33393f}.accepted{color:#6cc788}.refused{color:#f0877d}}";

/// `GET /`: sessions and uploads.
pub(super) async fn overview(State(world): State<Arc<World>>) -> Response {
    let memory = world.memory();
    let mut text = String::from("<h1>bankscreen sandbox</h1>");
    let _infallible = write!(
        text,
        "<p>{} sessions, {} uploads received. Nothing leaves this machine.</p>\
         <h2>Sessions</h2><table><tr><th>session<th>link id<th>period<th>statements<th>state",
        memory.sessions.len(),
        memory.count
    );
    for (id, session) in &memory.sessions {
        write_session(&mut text, id, session);
    }
    text.push_str(
        "</table><h2>Uploads</h2><table><tr><th>at (UTC)<th>file<th>bytes<th>SHA-256\
         <th>session<th>outcome",
    );
    for received in memory.received.iter().rev() {
        write_received(&mut text, received);
    }
    text.push_str("</table>");
    html(StatusCode::OK, &text, "<meta http-equiv=refresh content=2>")
}

fn write_session(text: &mut String, id: &str, session: &Session) {
    let state = if session.processing_since.is_some() {
        "processing or done"
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

fn write_received(text: &mut String, received: &Received) {
    let accepted = received.outcome == "accepted";
    let class = if accepted { "accepted" } else { "refused" };
    let _infallible = write!(
        text,
        "<tr><td>{}<td>{}<td>{}<td><code>{:.12}</code><td><code>{}</code><td class={class}>{}",
        received.at.strftime("%H:%M:%S"),
        escape(&received.file_name),
        received.bytes,
        received.sha256,
        escape(&received.session_id),
        escape(&received.outcome)
    );
}

/// `GET /journey`: stands for the service's own pages, where a customer would go on.
pub(super) async fn journey(
    State(world): State<Arc<World>>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let id = pairs
        .find(|(name, _)| name == "session_id")
        .map(|(_, id)| id);
    let id = id.unwrap_or_default();
    let memory = world.memory();
    let Some(session) = memory.sessions.get(id.as_ref()) else {
        let text = "<h1>bankscreen sandbox</h1><p>There is no such session.";
        return html(StatusCode::NOT_FOUND, text, "");
    };
    let mut text = String::from("<h1>bankscreen sandbox</h1><p>Here a customer would upload.</p>");
    match session
        .redirect_url
        .as_deref()
        .and_then(|url| Url::parse(url).ok())
    {
        Some(back) => {
            let (mut finished, mut left) = (back.clone(), back);
            let pairs = [("success", "true"), ("session_id", id.as_ref())];
            finished.query_pairs_mut().extend_pairs(pairs);
            left.query_pairs_mut().append_pair("success", "false");
            let _infallible = write!(
                text,
                "<p><a href=\"{}\">Finish</a> · <a href=\"{}\">Leave</a>",
                escape(finished.as_str()),
                escape(left.as_str())
            );
        }
        None => text.push_str("<p>The session names no address to return to."),
    }
    html(StatusCode::OK, &text, "")
}

/// Text of strangers in HTML: cleaned, then escaped.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in clean(text).chars() {
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
    fn text_of_strangers_stays_text() {
        assert_eq!(
            escape("<img onerror='x' src=\"y\">&\x1b[1m"),
            "&lt;img onerror=&#39;x&#39; src=&quot;y&quot;&gt;&amp;^[[1m"
        );
    }
}
