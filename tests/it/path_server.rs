//! A TCP server with one response per path, which records the requests.
//!
//! It shares no code with the client or the sandbox.

use crate::harness::HANG_GUARD;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Responses by the path of the request, or a part of it.
type Routes = Vec<(&'static str, Vec<u8>)>;

/// The server. Its threads end with the test process.
pub(crate) struct PathServer {
    address: SocketAddr,
    routes: Arc<Mutex<Routes>>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl PathServer {
    /// Starts a server that answers 404 until it has routes.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Arc::new(Mutex::new(Vec::new()));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (shared_routes, log) = (Arc::clone(&routes), Arc::clone(&requests));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (routes, log) = (Arc::clone(&shared_routes), Arc::clone(&log));
                std::thread::spawn(move || serve(stream.unwrap(), &routes, &log));
            }
        });
        Self {
            address,
            routes,
            requests,
        }
    }

    /// Sets the response to requests whose path contains `part`.
    pub(crate) fn route(&self, part: &'static str, response: Vec<u8>) {
        let mut routes = self.routes.lock().unwrap();
        routes.retain(|(existing, _)| *existing != part);
        routes.push((part, response));
    }

    /// Returns the URL of a path on this server.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns all requests as text: the head and the body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// Returns a response with a body and its length.
pub(crate) fn respond(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn serve(mut stream: TcpStream, routes: &Mutex<Routes>, log: &Mutex<Vec<String>>) {
    stream.set_read_timeout(Some(HANG_GUARD)).unwrap();
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse::<usize>().unwrap())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).unwrap();
    let path = head.split(' ').nth(1).unwrap().to_owned();
    log.lock()
        .unwrap()
        .push(head + &String::from_utf8_lossy(&body));
    let routes = routes.lock().unwrap();
    let response = routes.iter().find(|(part, _)| path.contains(part));
    let missing = respond("404 Not Found", "", b"");
    let response = response.map_or(&missing, |(_, response)| response);
    // Fails if the client has closed the connection because the response is too long.
    drop(stream.write_all(response));
}
