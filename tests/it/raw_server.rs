//! A server of bytes over TCP that fails in ways no HTTP library would. It shares no code with the
//! sandbox, so that the two can't be wrong alike.

use crate::harness::HANG_GUARD;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What is done with every connection.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Reads nothing of the body and breaks the connection.
    BreakBeforeBody,
    /// Reads half of the body and breaks the connection.
    BreakDuringBody,
    /// Lets the whole body come, and breaks the connection without an answer.
    BreakAfterBody,
    /// Reads nothing of the body, and keeps the connection.
    Stall,
    /// Reads everything and says nothing.
    Silence,
    /// Reads everything, and answers these bytes, whatever they are.
    Say(Vec<u8>),
    /// Answers a head, and then a byte now and then.
    Drip,
    /// Answers without end.
    Flood,
}

/// The server; its threads end with the test process.
pub(crate) struct RawServer {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl RawServer {
    pub(crate) fn start(act: Act) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (count, log) = (Arc::clone(&connections), Arc::clone(&requests));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                count.fetch_add(1, Ordering::SeqCst);
                let (act, log) = (act.clone(), Arc::clone(&log));
                std::thread::spawn(move || serve(stream.unwrap(), &act, &log));
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

    /// Connections accepted so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Heads and what was read of the bodies, as text.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// An answer with a body and its length.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> Act {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n");
    Act::Say(format!("{head}{body}").into_bytes())
}

fn serve(mut stream: TcpStream, act: &Act, log: &Mutex<Vec<String>>) {
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
        let wanted = name.eq_ignore_ascii_case("content-length");
        wanted.then(|| value.trim().parse::<usize>().unwrap())
    });
    let length = length.unwrap_or(0);
    // A socket closed with bytes unread resets its connection.
    let wanted = match act {
        Act::BreakBeforeBody | Act::Stall => 0,
        Act::BreakDuringBody => length / 2,
        Act::BreakAfterBody => length.saturating_sub(1),
        _ => length,
    };
    let mut body = vec![0; wanted];
    let read = stream.read_exact(&mut body);
    let text = text + &String::from_utf8_lossy(&body);
    log.lock().unwrap().push(text);
    if read.is_err() {
        return;
    }
    match act {
        Act::BreakBeforeBody | Act::BreakDuringBody => {}
        // The last byte must have come, or the reset would hit the body.
        Act::BreakAfterBody => drop(stream.peek(&mut byte)),
        Act::Stall | Act::Silence => std::thread::sleep(HANG_GUARD),
        Act::Say(bytes) => drop(stream.write_all(bytes)),
        Act::Drip => {
            drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"));
            while stream.write_all(b" ").is_ok() {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        Act::Flood => {
            drop(stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n"));
            let spaces = vec![b' '; 65536];
            while stream.write_all(&spaces).is_ok() {}
        }
    }
}
