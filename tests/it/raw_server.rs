//! A TCP server that fails in ways that no HTTP library would.
//!
//! It shares no code with the sandbox, so that the two cannot have the same bug.

use crate::harness::HANG_GUARD;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the server does with every connection.
#[derive(Debug, Clone)]
pub(crate) enum Action {
    /// Resets the connection before reading the body.
    ResetBeforeBody,
    /// Resets the connection after reading half of the body.
    ResetDuringBody,
    /// Resets the connection after the complete body arrived, without a response.
    ResetAfterBody,
    /// Reads nothing of the body and keeps the connection open.
    ReadNothing,
    /// Reads the complete request and sends no response.
    NoResponse,
    /// Reads the complete request and responds with these bytes.
    Respond(Vec<u8>),
    /// Responds with a head, and then with one byte at a time.
    RespondSlowly,
    /// Responds with an endless body.
    RespondEndlessly,
}

/// The server. Its threads end with the test process.
pub(crate) struct RawServer {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl RawServer {
    pub(crate) fn start(action: Action) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (count, log) = (Arc::clone(&connections), Arc::clone(&requests));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                count.fetch_add(1, Ordering::SeqCst);
                let (action, log) = (action.clone(), Arc::clone(&log));
                std::thread::spawn(move || serve(stream.unwrap(), &action, &log));
            }
        });
        Self {
            address,
            connections,
            requests,
        }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/bank-connect", self.address)
    }

    /// Returns the number of accepted connections.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Returns all requests as text: the head and the part of the body that was read.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// Returns an action that responds with a body and its length.
pub(crate) fn response(status: &str, headers: &str, body: &str) -> Action {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n");
    Action::Respond(format!("{head}{body}").into_bytes())
}

fn serve(mut stream: TcpStream, action: &Action, log: &Mutex<Vec<String>>) {
    stream.set_read_timeout(Some(HANG_GUARD)).unwrap();
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse::<usize>().unwrap())
    });
    let length = length.unwrap_or(0);
    // Closing a socket with unread bytes resets the connection.
    let bytes_to_read = match action {
        Action::ResetBeforeBody | Action::ReadNothing => 0,
        Action::ResetDuringBody => length / 2,
        Action::ResetAfterBody => length.saturating_sub(1),
        _ => length,
    };
    let mut body = vec![0; bytes_to_read];
    let read = stream.read_exact(&mut body);
    let text = text + &String::from_utf8_lossy(&body);
    log.lock().unwrap().push(text);
    if read.is_err() {
        return;
    }
    match action {
        Action::ResetBeforeBody | Action::ResetDuringBody => {}
        // Waits for the last byte, so that the reset cannot cut the body.
        Action::ResetAfterBody => drop(stream.peek(&mut byte)),
        Action::ReadNothing | Action::NoResponse => std::thread::sleep(HANG_GUARD),
        Action::Respond(bytes) => drop(stream.write_all(bytes)),
        Action::RespondSlowly => {
            drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"));
            while stream.write_all(b" ").is_ok() {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        Action::RespondEndlessly => {
            drop(stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n"));
            let spaces = vec![b' '; 65536];
            while stream.write_all(&spaces).is_ok() {}
        }
    }
}
