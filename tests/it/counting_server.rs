//! An upload server that counts the files it accepts, with a scripted reaction per upload.
//!
//! It shares no code with the client or the sandbox.

use crate::harness::HANG_GUARD;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The reaction to one upload.
#[derive(Debug, Clone)]
pub(crate) enum Reaction {
    /// Accepts the file and responds after a delay.
    Accept(Duration),
    /// Resets the connection before reading the body.
    ResetBeforeBody,
    /// Resets the connection after reading half of the body.
    ResetDuringBody,
    /// Accepts the file and resets the connection without a response.
    AcceptAndReset,
    /// Accepts the file, and responds with something else.
    AcceptAndRespond(&'static str),
    /// Responds without accepting the file.
    Respond(String),
    /// Accepts the file after replacing the content of another file.
    ReplaceFile(std::path::PathBuf),
}

#[derive(Default)]
struct State {
    reactions: VecDeque<Reaction>,
    /// How often each file was accepted, by content hash.
    accepted: BTreeMap<String, usize>,
    /// The file names of accepted files.
    names: Vec<String>,
    requests: Vec<String>,
}

/// The server. Its threads end with the test process.
pub(crate) struct CountingServer {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl CountingServer {
    /// Starts a server with one reaction per upload. The last reaction repeats.
    pub(crate) fn start(reactions: impl IntoIterator<Item = Reaction>) -> Self {
        let (address, state) = listen(
            State {
                reactions: reactions.into_iter().collect(),
                ..State::default()
            },
            serve,
        );
        Self { address, state }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/bank-connect", self.address)
    }

    /// Returns how often each file was accepted, by content hash.
    pub(crate) fn accepted(&self) -> BTreeMap<String, usize> {
        self.state.lock().unwrap().accepted.clone()
    }

    /// Returns all requests as text: the head and the part of the body that was read.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.state.lock().unwrap().requests.clone()
    }
}

/// Returns a response with a body and its length.
pub(crate) fn response(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) {
    stream.set_read_timeout(Some(HANG_GUARD)).unwrap();
    let Some((head, length)) = read_head(&mut stream) else {
        return;
    };
    if head.starts_with("GET") {
        let written = stream.write_all(upload_status(state).as_bytes());
        return drop(written);
    }
    let reaction = {
        let mut state = state.lock().unwrap();
        if state.reactions.len() > 1 {
            state.reactions.pop_front().unwrap()
        } else {
            state.reactions.front().unwrap().clone()
        }
    };
    let bytes_to_read = match reaction {
        Reaction::ResetBeforeBody => 0,
        Reaction::ResetDuringBody => length / 2,
        _ => length,
    };
    let mut body = vec![0; bytes_to_read];
    let is_complete = stream.read_exact(&mut body).is_ok();
    let text = head + &String::from_utf8_lossy(&body);
    state.lock().unwrap().requests.push(text);
    if !is_complete || bytes_to_read < length {
        return;
    }
    let response = match reaction {
        Reaction::ResetBeforeBody | Reaction::ResetDuringBody => return,
        Reaction::Respond(response) => response,
        Reaction::Accept(wait) => {
            let receipt = accept(state, &body);
            std::thread::sleep(wait);
            receipt
        }
        Reaction::ReplaceFile(path) => {
            std::fs::write(path, b"%PDF-1.4 other content").unwrap();
            accept(state, &body)
        }
        Reaction::AcceptAndReset => {
            accept(state, &body);
            return;
        }
        Reaction::AcceptAndRespond(response) => {
            accept(state, &body);
            response.to_owned()
        }
    };
    drop(stream.write_all(response.as_bytes()));
}

/// Serves each connection on a thread of its own, with a shared state.
pub(crate) fn listen<S: Send + 'static>(
    state: S,
    serve: fn(TcpStream, &Mutex<S>),
) -> (SocketAddr, Arc<Mutex<S>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let state = Arc::new(Mutex::new(state));
    let shared = Arc::clone(&state);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let state = Arc::clone(&shared);
            std::thread::spawn(move || serve(stream.unwrap(), &state));
        }
    });
    (address, state)
}

/// Reads the head of a request; returns it with the length of the body.
pub(crate) fn read_head(stream: &mut TcpStream) -> Option<(String, usize)> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return None,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse::<usize>().unwrap())
    });
    Some((head, length.unwrap_or_default()))
}

/// Returns name and content hash of the file in a form.
pub(crate) fn file_of_form(body: &[u8]) -> (String, String) {
    let find = |pattern: &[u8], from: usize| {
        let rest = &body[from..];
        from + rest
            .windows(pattern.len())
            .position(|w| w == pattern)
            .unwrap()
    };
    let boundary = &body[..find(b"\r\n", 0)];
    let name_start = find(b"filename=\"", 0) + 10;
    let name = String::from_utf8_lossy(&body[name_start..find(b"\"", name_start)]).into_owned();
    let start = find(b"\r\n\r\n", name_start) + 4;
    let end = find(&[b"\r\n".as_slice(), boundary].concat(), start);
    let mut hash = String::new();
    for byte in Sha256::digest(&body[start..end]) {
        write!(hash, "{byte:02x}").unwrap();
    }
    (name, hash)
}

/// Counts the file of a form as accepted, and returns the response.
fn accept(state: &Mutex<State>, body: &[u8]) -> String {
    let (name, hash) = file_of_form(body);
    let mut state = state.lock().unwrap();
    *state.accepted.entry(hash.clone()).or_default() += 1;
    state.names.push(name);
    let receipt = format!(r#"{{"statement_id": "s-{hash:.8}", "bank_name": "axis", "status": 1}}"#);
    response("200 OK", "", &receipt)
}

fn upload_status(state: &Mutex<State>) -> String {
    let names = state.lock().unwrap().names.clone();
    let statements = names.iter().map(|name| {
        serde_json::json!({
            "statement_id": format!("of-{name}"), "upload_file_name": name
        })
    });
    let body = serde_json::json!({
        "upload_status": "IN_PROGRESS",
        "accounts": [{ "bank_name": "axis", "statements": statements.collect::<Vec<_>>() }],
    });
    response("200 OK", "", &body.to_string())
}
