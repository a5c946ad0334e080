//! A server for the uploads of cases: it creates sessions, counts the files of each, and injects
//! faults. It shares no code with the client or the sandbox.

use crate::counting_server::{file_of_form, listen, read_head, response};
use crate::harness::HANG_GUARD;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What goes wrong.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Faults {
    /// Every n-th upload is accepted without an answer; 0 for none.
    pub(crate) lost: usize,
    /// Every n-th upload is refused because the service is busy; 0 for none.
    pub(crate) busy: usize,
    /// Whether the status of a session can't be read.
    pub(crate) hides_status: bool,
    /// Time that every upload takes.
    pub(crate) delay: Duration,
}

#[derive(Default)]
struct State {
    faults: Faults,
    uploads: usize,
    /// The requests of sessions, in the order of their creation: session `s-N` has index N.
    sessions: Vec<Value>,
    /// How often each session has each file, by content hash.
    accepted: BTreeMap<(String, String), usize>,
    /// Sessions that accept no more files.
    expired: BTreeSet<String>,
    /// Sessions that are processed.
    processed: Vec<String>,
    /// Link IDs whose uploads take this time.
    slow: BTreeMap<String, Duration>,
    /// What every request is answered with; an empty answer closes the connection.
    outage: Option<String>,
    active: usize,
    max_active: usize,
    /// The link IDs of the sessions in the order of accepted uploads.
    order: Vec<String>,
}

/// The server. Its threads end with the test process.
#[derive(Clone)]
pub(crate) struct CaseServer {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl CaseServer {
    pub(crate) fn start(faults: Faults) -> Self {
        let state = State {
            faults,
            ..State::default()
        };
        let (address, state) = listen(state, serve);
        Self { address, state }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/bank-connect", self.address)
    }

    /// Returns how often each case has each file, by link ID and content hash.
    pub(crate) fn accepted(&self) -> BTreeMap<(String, String), usize> {
        let state = self.state.lock().unwrap();
        let mut by_case: BTreeMap<(String, String), usize> = BTreeMap::new();
        for ((session, content), times) in &state.accepted {
            let link = state.link_of(session);
            *by_case.entry((link, content.clone())).or_default() += times;
        }
        by_case
    }

    /// Returns the requests of all sessions.
    pub(crate) fn sessions(&self) -> Vec<Value> {
        self.state.lock().unwrap().sessions.clone()
    }

    /// Returns the number of sessions that have a file.
    pub(crate) fn used_sessions(&self) -> usize {
        let state = self.state.lock().unwrap();
        let used: BTreeSet<&String> = state.accepted.keys().map(|(session, _)| session).collect();
        used.len()
    }

    /// Ends the sessions of a case.
    pub(crate) fn expire(&self, link: &str) {
        let mut state = self.state.lock().unwrap();
        let all: Vec<String> = (0..state.sessions.len())
            .map(|n| format!("s-{n}"))
            .collect();
        let ended = all.into_iter().filter(|id| state.link_of(id) == link);
        let ended: Vec<String> = ended.collect();
        state.expired.extend(ended);
    }

    /// Answers every request with this, until it is `None`. An empty answer closes the connection.
    pub(crate) fn answer_all(&self, answer: Option<String>) {
        self.state.lock().unwrap().outage = answer;
    }

    /// Lets the uploads of a case take this time.
    pub(crate) fn slow_down(&self, link: &str, delay: Duration) {
        let mut state = self.state.lock().unwrap();
        state.slow.insert(link.to_owned(), delay);
    }

    /// Returns the link IDs of processed sessions, sorted.
    pub(crate) fn processed(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        let links = state.processed.iter().map(|session| state.link_of(session));
        let mut links: Vec<String> = links.collect();
        links.sort();
        links
    }

    /// Returns the largest number of simultaneous uploads.
    pub(crate) fn max_active(&self) -> usize {
        self.state.lock().unwrap().max_active
    }

    /// Returns the link IDs in the order of accepted uploads.
    pub(crate) fn order(&self) -> Vec<String> {
        self.state.lock().unwrap().order.clone()
    }
}

impl State {
    fn link_of(&self, session: &str) -> String {
        let index: usize = session.trim_start_matches("s-").parse().unwrap();
        self.sessions[index]["link_id"].as_str().unwrap().to_owned()
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) {
    stream.set_read_timeout(Some(HANG_GUARD)).unwrap();
    let Some((head, length)) = read_head(&mut stream) else {
        return;
    };
    let mut body = vec![0; length];
    if stream.read_exact(&mut body).is_err() {
        return;
    }
    if let Some(answer) = state.lock().unwrap().outage.clone() {
        drop(stream.write_all(answer.as_bytes()));
        return;
    }
    let path = head.split(' ').nth(1).unwrap().to_owned();
    let answer = if path.ends_with("/v1/session/") {
        Some(create(state, &body))
    } else if let Some(session) = session_of(&path, "/initiate_processing/") {
        state.lock().unwrap().processed.push(session);
        Some(response("200 OK", "", r#"{"message": "started"}"#))
    } else if let Some(session) = session_of(&path, "/session_upload_status/") {
        Some(status(state, &session))
    } else {
        upload(state, &body)
    };
    if let Some(answer) = answer {
        drop(stream.write_all(answer.as_bytes()));
    }
}

fn session_of(path: &str, end: &str) -> Option<String> {
    let session = path.strip_suffix(end)?.rsplit('/').next()?;
    Some(session.to_owned())
}

fn create(state: &Mutex<State>, body: &[u8]) -> String {
    let mut state = state.lock().unwrap();
    let id = format!("s-{}", state.sessions.len());
    state.sessions.push(serde_json::from_slice(body).unwrap());
    let body = serde_json::json!({
        "session_id": id, "redirect_url": format!("https://example.com/{id}"),
    });
    response("200 OK", "", &body.to_string())
}

/// Returns `None` if the answer is lost.
fn upload(state: &Mutex<State>, body: &[u8]) -> Option<String> {
    let (name, content) = file_of_form(body);
    let session = form_field(body, "session_id");
    let (number, faults, delay) = {
        let mut state = state.lock().unwrap();
        state.uploads += 1;
        state.active += 1;
        state.max_active = state.max_active.max(state.active);
        let link = state.link_of(&session);
        let slow = state.slow.get(&link).copied();
        (
            state.uploads,
            state.faults,
            slow.unwrap_or(state.faults.delay),
        )
    };
    std::thread::sleep(delay);
    let mut state = state.lock().unwrap();
    state.active -= 1;
    if state.expired.contains(&session) {
        let body = r#"{"error": {"code": "SESSION_EXPIRED", "message": "Session expired"}}"#;
        return Some(response("400 Bad Request", "", body));
    }
    let is_nth = |n: usize| n > 0 && number.is_multiple_of(n);
    if is_nth(faults.busy) {
        let head = "Retry-After: 0\r\n";
        return Some(response("429 Too Many Requests", head, "{}"));
    }
    let key = (session.clone(), content.clone());
    *state.accepted.entry(key).or_default() += 1;
    let link = state.link_of(&session);
    state.order.push(link);
    if is_nth(faults.lost) {
        return None;
    }
    let receipt = serde_json::json!({
        "statement_id": format!("{name}-{session}"), "bank_name": "hdfc", "status": 1,
        "months": [], "missing_months": ["2024-02"],
    });
    Some(response("200 OK", "", &receipt.to_string()))
}

fn status(state: &Mutex<State>, session: &str) -> String {
    let state = state.lock().unwrap();
    if state.faults.hides_status {
        let body = r#"{"error": {"code": "PAYMENT_REQUIRED", "message": "no plan"}}"#;
        return response("402 Payment Required", "", body);
    }
    let own = state.accepted.keys().filter(|(id, _)| id == session);
    let statements = own.map(|(_, content)| {
        serde_json::json!({
            "statement_id": format!("{content}-{session}"),
            "upload_file_name": format!("{content}.pdf"),
        })
    });
    let body = serde_json::json!({
        "upload_status": "IN_PROGRESS",
        "accounts": [{ "bank_name": "hdfc", "statements": statements.collect::<Vec<_>>() }],
    });
    response("200 OK", "", &body.to_string())
}

/// Returns the value of a text field of a form.
fn form_field(body: &[u8], name: &str) -> String {
    let text = String::from_utf8_lossy(body);
    let (_, rest) = text.split_once(&format!("name=\"{name}\"")).unwrap();
    let (_, value) = rest.split_once("\r\n\r\n").unwrap();
    value.split("\r\n").next().unwrap().to_owned()
}
