//! A server of uploads over TCP that counts what it takes, and fails as it is told, connection by
//! connection. It shares no code with the client or the sandbox.

use crate::harness::HANG_GUARD;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What is done with one upload.
#[derive(Debug, Clone)]
pub(crate) enum Turn {
    /// Takes it and says so, after a while.
    Take(Duration),
    /// Reads nothing of the body and resets the connection.
    ResetBefore,
    /// Reads half of the body and resets the connection.
    ResetDuring,
    /// Takes it and says nothing.
    TakeAndReset,
    /// Takes it, and answers with something that does not say so.
    TakeAndSay(&'static str),
    /// Does not take it, and answers.
    Say(String),
    /// Takes it, but first puts other bytes into a file.
    Swap(std::path::PathBuf),
}

#[derive(Default)]
struct Ledger {
    turns: VecDeque<Turn>,
    /// How often the bytes with a hash were taken.
    taken: BTreeMap<String, usize>,
    /// The names that they came under.
    names: Vec<String>,
    requests: Vec<String>,
}

/// The server; its threads end with the test process.
pub(crate) struct CountingServer {
    address: SocketAddr,
    ledger: Arc<Mutex<Ledger>>,
}

impl CountingServer {
    /// Takes these turns with the first uploads, and the last turn with all others.
    pub(crate) fn start(turns: impl IntoIterator<Item = Turn>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let ledger = Arc::new(Mutex::new(Ledger {
            turns: turns.into_iter().collect(),
            ..Ledger::default()
        }));
        let shared = Arc::clone(&ledger);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let ledger = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream.unwrap(), &ledger));
            }
        });
        Self { address, ledger }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/bank-connect", self.address)
    }

    /// How often each content was taken.
    pub(crate) fn taken(&self) -> BTreeMap<String, usize> {
        self.ledger.lock().unwrap().taken.clone()
    }

    /// Requests with what was read of their bodies.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.ledger.lock().unwrap().requests.clone()
    }
}

/// An answer of JSON.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
}

fn serve(mut stream: TcpStream, ledger: &Mutex<Ledger>) {
    let patience = Some(HANG_GUARD);
    stream.set_read_timeout(patience).unwrap();
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    if head.starts_with("GET") {
        let answered = stream.write_all(status(ledger).as_bytes());
        return drop(answered);
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let wanted = name.eq_ignore_ascii_case("content-length");
        wanted.then(|| value.trim().parse::<usize>().unwrap())
    });
    let turn = {
        let mut ledger = ledger.lock().unwrap();
        if ledger.turns.len() > 1 {
            ledger.turns.pop_front().unwrap()
        } else {
            ledger.turns.front().unwrap().clone()
        }
    };
    let wanted = match turn {
        Turn::ResetBefore => 0,
        Turn::ResetDuring => length.unwrap() / 2,
        _ => length.unwrap(),
    };
    let mut body = vec![0; wanted];
    let whole = stream.read_exact(&mut body).is_ok();
    let text = head + &String::from_utf8_lossy(&body);
    ledger.lock().unwrap().requests.push(text);
    if !whole || wanted < length.unwrap() {
        return;
    }
    let answer = match turn {
        Turn::ResetBefore | Turn::ResetDuring => return,
        Turn::Say(answer) => answer,
        Turn::Take(wait) => {
            let receipt = take(ledger, &body);
            std::thread::sleep(wait);
            receipt
        }
        Turn::Swap(path) => {
            std::fs::write(path, b"%PDF-1.4 not what was screened").unwrap();
            take(ledger, &body)
        }
        Turn::TakeAndReset => {
            take(ledger, &body);
            return;
        }
        Turn::TakeAndSay(answer) => {
            take(ledger, &body);
            answer.to_owned()
        }
    };
    drop(stream.write_all(answer.as_bytes()));
}

/// Counts the file of a form as taken, and gives the answer that says so.
fn take(ledger: &Mutex<Ledger>, body: &[u8]) -> String {
    let find = |what: &[u8], from: usize| {
        let rest = &body[from..];
        from + rest.windows(what.len()).position(|w| w == what).unwrap()
    };
    let boundary = &body[..find(b"\r\n", 0)];
    let name_at = find(b"filename=\"", 0) + 10;
    let name = String::from_utf8_lossy(&body[name_at..find(b"\"", name_at)]).into_owned();
    let begin = find(b"\r\n\r\n", name_at) + 4;
    let end = find(&[b"\r\n".as_slice(), boundary].concat(), begin);
    let mut hash = String::new();
    for byte in Sha256::digest(&body[begin..end]) {
        write!(hash, "{byte:02x}").unwrap();
    }
    let mut ledger = ledger.lock().unwrap();
    *ledger.taken.entry(hash.clone()).or_default() += 1;
    ledger.names.push(name);
    let receipt = format!(r#"{{"statement_id": "s-{hash:.8}", "bank_name": "axis", "status": 1}}"#);
    answer("200 OK", "", &receipt)
}

fn status(ledger: &Mutex<Ledger>) -> String {
    let names = ledger.lock().unwrap().names.clone();
    let statements = names.iter().map(|name| {
        serde_json::json!({
            "statement_id": format!("of-{name}"), "upload_file_name": name
        })
    });
    let body = serde_json::json!({
        "upload_status": "IN_PROGRESS",
        "accounts": [{ "bank_name": "axis", "statements": statements.collect::<Vec<_>>() }],
    });
    answer("200 OK", "", &body.to_string())
}
