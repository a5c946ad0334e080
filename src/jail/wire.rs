//! What parent and child say to each other: a length, a request in JSON, the passwords, then the
//! bytes of the file.
//!
//! Both ends are the same executable, so there are no versions. Passwords go through the pipe only,
//! and as they are: a form of them that is made for the way would be one more copy to wipe.

use crate::pdf::{Engines, Limits, Password};
use crate::screen::{Candidate, Policy};
use crate::statement::additions::{self, Addition};
use crate::statement::{Bank, DateRange, banks};
use serde::{Deserialize, Serialize};
use std::io::{self, Read};
use std::mem;
use zeroize::Zeroizing;

/// A request larger than this is no request.
const MOST_REQUEST: u64 = 16 << 20;

/// The policy without its passwords, and the bounds of the process.
#[derive(Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) limits: Limits,
    /// Length in bytes and origin of each password.
    candidates: Vec<(usize, String)>,
    untried: usize,
    bank: Option<String>,
    account_category: Option<String>,
    /// What the user added to the registry.
    additions: Vec<Addition>,
    range: Option<DateRange>,
    strict: bool,
    /// Address space in bytes.
    pub(super) memory: u64,
    /// Bytes of the file.
    pub(super) file_bytes: usize,
    /// The process that waits for the answer.
    pub(super) parent: u32,
}

impl Request {
    pub(super) fn new(policy: &Policy, file_bytes: usize, memory: u64) -> Self {
        let candidate =
            |candidate: &Candidate| (candidate.password.expose().len(), candidate.origin.clone());
        Self {
            limits: policy.limits.clone(),
            candidates: policy.candidates.iter().map(candidate).collect(),
            untried: policy.untried,
            bank: policy.bank.map(|bank| bank.id.to_owned()),
            account_category: policy.account_category.clone(),
            additions: additions::added().to_vec(),
            range: policy.range,
            strict: policy.strict,
            memory,
            file_bytes,
            parent: std::process::id(),
        }
    }

    /// The length and the JSON; what follows are the passwords of the policy, then the file.
    pub(super) fn head(&self) -> io::Result<Vec<u8>> {
        let json = serde_json::to_vec(self)?;
        let mut head = (json.len() as u64).to_le_bytes().to_vec();
        head.extend_from_slice(&json);
        Ok(head)
    }

    /// Reads a request, and the policy of the child: that of the parent, with all engines.
    ///
    /// `input` must not be buffered: a buffer would keep the passwords.
    pub(super) fn read(input: &mut impl Read) -> io::Result<(Self, Policy)> {
        let mut length = [0; 8];
        input.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        if length > MOST_REQUEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut json = vec![0; length as usize];
        input.read_exact(&mut json)?;
        let request: Self = serde_json::from_slice(&json)?;
        let mut candidates = Vec::with_capacity(request.candidates.len());
        for (length, origin) in &request.candidates {
            candidates.push(Candidate {
                password: read_password(input, *length)?,
                origin: origin.clone(),
            });
        }
        additions::add(request.additions.clone());
        let bank: Option<&'static Bank> = request.bank.as_deref().and_then(banks::by_id);
        let policy = Policy {
            limits: request.limits.clone(),
            candidates,
            untried: request.untried,
            bank,
            account_category: request.account_category.clone(),
            range: request.range,
            strict: request.strict,
            engines: Engines::All,
        };
        Ok((request, policy))
    }
}

fn read_password(input: &mut impl Read, length: usize) -> io::Result<Password> {
    let mut secret = Zeroizing::new(vec![0; length]);
    input.read_exact(&mut secret)?;
    // The buffer itself becomes the password; an error would give it back, and is wiped too.
    let secret = String::from_utf8(mem::take(&mut *secret)).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        io::Error::from(io::ErrorKind::InvalidData)
    })?;
    Ok(Password::new(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_arrives_as_it_was_sent_and_its_json_holds_no_password() {
        let candidate = |secret: &str, line: usize| Candidate {
            password: Password::new(secret),
            origin: format!("password-file:{line}"),
        };
        let policy = Policy {
            candidates: vec![candidate("sécret", 3), candidate("\"\\ other", 5)],
            untried: 7,
            bank: banks::by_id("hdfc"),
            strict: true,
            ..Policy::default()
        };
        let request = Request::new(&policy, 5, 1 << 20);
        let head = request.head().unwrap();
        assert!(memchr::memmem::find(&head, "cret".as_bytes()).is_none());
        let secrets = policy.candidates.iter().map(|c| c.password.expose());
        let sent = [&head[..], secrets.collect::<String>().as_bytes(), b"%PDF-"].concat();
        let mut rest = sent.as_slice();
        let (arrived, child) = Request::read(&mut rest).unwrap();
        assert_eq!(rest, b"%PDF-");
        assert_eq!((arrived.file_bytes, arrived.memory), (5, 1 << 20));
        assert_eq!(child.candidates, policy.candidates);
        assert_eq!((child.bank, child.untried), (policy.bank, 7));
        assert!(child.strict);
        assert_eq!(child.engines, Engines::All);
        assert_eq!(child.limits, policy.limits);
    }
}
