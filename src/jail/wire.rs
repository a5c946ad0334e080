//! What parent and child say to each other: a length, a request in JSON, then the bytes of the
//! file.
//!
//! Both ends are the same executable, so there are no versions. Passwords go through the pipe only.

use crate::pdf::{Engines, Limits, Password};
use crate::screen::{Candidate, Policy};
use crate::statement::{Bank, DateRange, banks};
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};
use zeroize::Zeroizing;

/// A request larger than this is no request.
const MOST_REQUEST: u64 = 16 << 20;

/// The policy, and the bounds of the process.
#[derive(Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) limits: Limits,
    /// Secret and origin.
    candidates: Vec<(Zeroizing<String>, String)>,
    bank: Option<String>,
    range: Option<DateRange>,
    strict: bool,
    /// Address space in bytes.
    pub(super) memory: u64,
}

impl Request {
    pub(super) fn new(policy: &Policy, memory: u64) -> Self {
        let candidate = |candidate: &Candidate| {
            let secret = Zeroizing::new(candidate.password.expose().to_owned());
            (secret, candidate.origin.clone())
        };
        Self {
            limits: policy.limits.clone(),
            candidates: policy
                .candidates
                .iter()
                .take(policy.limits.candidates)
                .map(candidate)
                .collect(),
            bank: policy.bank.map(|bank| bank.id.to_owned()),
            range: policy.range,
            strict: policy.strict,
            memory,
        }
    }

    /// The policy of the child: that of the parent, with all engines.
    pub(super) fn policy(&self) -> Policy {
        let candidate = |(secret, origin): &(Zeroizing<String>, String)| Candidate {
            password: Password::new(secret.as_str()),
            origin: origin.clone(),
        };
        let bank: Option<&'static Bank> = self.bank.as_deref().and_then(banks::by_id);
        Policy {
            limits: self.limits.clone(),
            candidates: self.candidates.iter().map(candidate).collect(),
            bank,
            range: self.range,
            strict: self.strict,
            engines: Engines::All,
        }
    }

    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let json = Zeroizing::new(serde_json::to_vec(self)?);
        out.write_all(&(json.len() as u64).to_le_bytes())?;
        out.write_all(&json)
    }

    pub(super) fn read(input: &mut impl Read) -> io::Result<Self> {
        let mut length = [0; 8];
        input.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        if length > MOST_REQUEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut json = Zeroizing::new(Vec::with_capacity(length as usize));
        input.take(length).read_to_end(&mut json)?;
        serde_json::from_slice(&json).map_err(io::Error::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_arrives_as_it_was_sent() {
        let policy = Policy {
            candidates: vec![Candidate {
                password: Password::new("sécret"),
                origin: "password-file:3".to_owned(),
            }],
            bank: banks::by_id("hdfc"),
            strict: true,
            ..Policy::default()
        };
        let mut sent = Vec::new();
        let request = Request::new(&policy, 1 << 20);
        request.write(&mut sent).unwrap();
        let arrived = Request::read(&mut sent.as_slice()).unwrap().policy();
        assert_eq!(arrived.candidates, policy.candidates);
        assert_eq!(arrived.bank, policy.bank);
        assert!(arrived.strict);
        assert_eq!(arrived.engines, Engines::All);
        assert_eq!(arrived.limits, policy.limits);
    }
}
