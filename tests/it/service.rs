//! A service with keys and sessions, whose answers a test can replace.
//!
//! It shares no code with the client or the sandbox.

use crate::counting_server::read_head;
use crate::harness::HANG_GUARD;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request: its path, its API key, and for an upload the session and the content.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) key: String,
    pub(crate) session: String,
    /// SHA-256 of the file, in hex; empty if the request has none.
    pub(crate) content: String,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn is_upload(&self) -> bool {
        self.path.contains("/upload_session/")
    }
}

/// Returns the answer to a request, or `None` for the usual one.
type Handler = Box<dyn Fn(&Request) -> Option<String> + Send>;

#[derive(Default)]
struct State {
    /// The key that each session belongs to.
    sessions: BTreeMap<String, String>,
    /// How often each file was accepted, by session and content.
    accepted: BTreeMap<(String, String), usize>,
    requests: Vec<Request>,
    handler: Option<Handler>,
}

/// The service. Its threads end with the test process.
#[derive(Clone)]
pub(crate) struct Service {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Service {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let service = Self {
            address: listener.local_addr().unwrap(),
            state: Arc::default(),
        };
        let shared = service.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let service = shared.clone();
                std::thread::spawn(move || service.serve(stream.unwrap()));
            }
        });
        service
    }

    /// Replaces answers from now on.
    pub(crate) fn answer(&self, handler: impl Fn(&Request) -> Option<String> + Send + 'static) {
        self.state.lock().unwrap().handler = Some(Box::new(handler));
    }

    /// Gives the usual answers from now on.
    pub(crate) fn answer_as_usual(&self) {
        self.state.lock().unwrap().handler = None;
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/bank-connect", self.address)
    }

    /// Returns how often each file was accepted, by session and content.
    pub(crate) fn accepted(&self) -> BTreeMap<(String, String), usize> {
        self.state.lock().unwrap().accepted.clone()
    }

    /// Returns the number of requests so far.
    pub(crate) fn calls(&self) -> usize {
        self.state.lock().unwrap().requests.len()
    }

    /// Returns the number of uploads so far, whatever the answer.
    pub(crate) fn uploads(&self) -> usize {
        let state = self.state.lock().unwrap();
        state.requests.iter().filter(|r| r.is_upload()).count()
    }

    fn serve(&self, mut stream: TcpStream) {
        let Some(request) = read(&mut stream) else {
            return;
        };
        let answer = {
            let mut state = self.state.lock().unwrap();
            state.requests.push(request.clone());
            let own = state.handler.as_ref().and_then(|handler| handler(&request));
            own.unwrap_or_else(|| state.usual_answer(&request))
        };
        drop(stream.write_all(answer.as_bytes()));
    }
}

impl State {
    fn usual_answer(&mut self, request: &Request) -> String {
        if request.path.ends_with("/v1/session/") {
            let session = format!("session-{}", self.sessions.len());
            self.sessions.insert(session.clone(), request.key.clone());
            let body = format!(
                r#"{{"session_id": "{session}", "redirect_url": "https://journey.example/"}}"#
            );
            return response("200 OK", "", &body);
        }
        if self.sessions.get(&request.session) != Some(&request.key) {
            return rejection("404 Not Found", "SESSION_NOT_FOUND");
        }
        let file = (request.session.clone(), request.content.clone());
        let times = self.accepted.entry(file).or_default();
        *times += 1;
        if *times > 1 {
            return rejection("400 Bad Request", "STATEMENT_DUPLICATE");
        }
        response("200 OK", "", &receipt(request, ""))
    }
}

/// Returns the receipt of an accepted file with further fields, such as `, "is_fraud": true`.
pub(crate) fn receipt(request: &Request, fields: &str) -> String {
    let Request {
        content, session, ..
    } = request;
    format!(
        r#"{{"statement_id": "s-{session}-{content:.12}", "bank_name": "axis",
            "session_id": "{session}", "status": 1{fields}}}"#
    )
}

/// Returns a response with a body and its length.
pub(crate) fn response(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
}

/// Returns a refusal with a code.
pub(crate) fn rejection(status: &str, code: &str) -> String {
    let body = format!(r#"{{"error": {{"code": "{code}", "message": "refused"}}}}"#);
    response(status, "", &body)
}

fn read(stream: &mut TcpStream) -> Option<Request> {
    stream.set_read_timeout(Some(HANG_GUARD)).unwrap();
    let (head, length) = read_head(stream)?;
    let header = |wanted: &str| {
        head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted)
                .then(|| value.trim().to_owned())
        })
    };
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    let path = head.split(' ').nth(1).unwrap_or_default();
    let mut request = Request {
        path: path.to_owned(),
        key: header("x-api-key").unwrap_or_default(),
        body: String::from_utf8_lossy(&body).into_owned(),
        ..Request::default()
    };
    if request.is_upload() {
        request.session = field(&body, b"name=\"session_id\"").map_or_else(String::new, |value| {
            String::from_utf8_lossy(value).into_owned()
        });
        if let Some(file) = field(&body, b"name=\"file\"") {
            for byte in Sha256::digest(file) {
                write!(request.content, "{byte:02x}").unwrap();
            }
        }
    }
    Some(request)
}

/// Returns the value of a field of a form.
fn field<'b>(body: &'b [u8], name: &[u8]) -> Option<&'b [u8]> {
    let find = |pattern: &[u8], from: usize| {
        let found = memchr::memmem::find(body.get(from..)?, pattern)?;
        Some(from + found)
    };
    let boundary = &body[..find(b"\r\n", 0)?];
    let start = find(b"\r\n\r\n", find(name, 0)?)? + 4;
    let end = find(&[b"\r\n".as_slice(), boundary].concat(), start)?;
    body.get(start..end)
}
