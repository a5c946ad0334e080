//! What parent and child say to each other: a length, a request in JSON, the passwords, then the
//! bytes of the file. The answer is JSON, and the pixels of a picture behind it.
//!
//! Both ends are the same executable, so there are no versions. Passwords go through the pipe only,
//! and as they are: a form of them that is made for the way would be one more copy to wipe.
//!
//! The child has read a hostile file, so its answer may be anything. The parent takes numbers and
//! known words from it, and the text that screening takes from a document, untrusted as ever.

use crate::pdf::{Engines, LimitHit, Limits, Password, Picture, PictureSize};
use crate::screen::{CandidatePassword, Policy};
use crate::statement::custom_banks::{self, CustomBank};
use crate::statement::{Bank, DateRange, banks};
use serde::{Deserialize, Serialize};
use std::io::{self, Read};
use std::mem;
use zeroize::Zeroizing;

/// A request larger than this is no request.
const MOST_REQUEST: u64 = 16 << 20;

/// What is wanted of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Work {
    /// Its screening.
    Screen,
    /// A picture of a page, from 0, of at most so many pixels each way.
    Draw {
        page: usize,
        width: u32,
        height: u32,
    },
}

/// The policy without its passwords, and the bounds of the process.
#[derive(Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) work: Work,
    policy: PolicyOnWire,
    /// Address space in bytes.
    pub(super) memory: u64,
    /// Bytes of the file.
    pub(super) file_bytes: usize,
    /// The process that waits for the answer.
    pub(super) parent: u32,
}

/// A policy but for its passwords.
#[derive(Serialize, Deserialize)]
struct PolicyOnWire {
    limits: Limits,
    /// Length in bytes and origin of each password.
    candidates: Vec<(usize, String)>,
    untried: usize,
    expected_bank: Option<String>,
    account_category: Option<String>,
    /// What the user added to the registry.
    custom_banks: Vec<CustomBank>,
    requested_period: Option<DateRange>,
    strict: bool,
}

impl PolicyOnWire {
    fn of(policy: &Policy) -> Self {
        let candidate = |candidate: &CandidatePassword| {
            (candidate.password.expose().len(), candidate.origin.clone())
        };
        Self {
            limits: policy.limits.clone(),
            candidates: policy.candidates.iter().map(candidate).collect(),
            untried: policy.untried,
            expected_bank: policy.expected_bank.map(|bank| bank.id.to_owned()),
            account_category: policy.account_category.clone(),
            custom_banks: custom_banks::added().to_vec(),
            requested_period: policy.requested_period,
            strict: policy.strict,
        }
    }

    /// The policy of the child: that of the parent, with all engines.
    fn with(&self, candidates: Vec<CandidatePassword>) -> Policy {
        custom_banks::add(self.custom_banks.clone());
        let bank: Option<&'static Bank> = self.expected_bank.as_deref().and_then(banks::by_id);
        Policy {
            limits: self.limits.clone(),
            candidates,
            untried: self.untried,
            expected_bank: bank,
            account_category: self.account_category.clone(),
            requested_period: self.requested_period,
            strict: self.strict,
            engines: Engines::All,
        }
    }
}

impl Request {
    pub(super) fn new(work: Work, policy: &Policy, file_bytes: usize, memory: u64) -> Self {
        Self {
            work,
            policy: PolicyOnWire::of(policy),
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

    /// Reads a request, and the policy of the child.
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
        let mut candidates = Vec::with_capacity(request.policy.candidates.len());
        for (length, origin) in &request.policy.candidates {
            candidates.push(CandidatePassword {
                password: read_password(input, *length)?,
                origin: origin.clone(),
            });
        }
        let policy = request.policy.with(candidates);
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

/// Why the child has drawn no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Refusal {
    Locked,
    Unreadable,
    NoSuchPage,
    Limit(LimitHit),
}

/// Begins the answer to [`Work::Draw`]; a line feed and the pixels come after it.
#[derive(Serialize, Deserialize)]
struct PictureHead {
    width: u32,
    height: u32,
}

/// The answer to [`Work::Draw`].
pub(super) fn write_drawn(drawn: &Result<Picture, Refusal>) -> io::Result<Vec<u8>> {
    let head = drawn.as_ref().map(|picture| PictureHead {
        width: picture.width(),
        height: picture.height(),
    });
    let mut answer = serde_json::to_vec(&head)?;
    answer.push(b'\n');
    if let Ok(picture) = drawn {
        answer.extend_from_slice(picture.pixels().as_flattened());
    }
    Ok(answer)
}

/// Reads what [`write_drawn`] wrote; `None` for anything else, and for more than was asked for.
pub(super) fn read_drawn(answer: &[u8], most: PictureSize) -> Option<Result<Picture, Refusal>> {
    let end = memchr::memchr(b'\n', answer)?;
    let (head, pixels) = answer.split_at_checked(end + 1)?;
    let head = match serde_json::from_slice::<Result<PictureHead, Refusal>>(head).ok()? {
        Ok(head) => head,
        Err(refusal) => return pixels.is_empty().then_some(Err(refusal)),
    };
    if head.width > most.width() || head.height > most.height() {
        return None;
    }
    let (pixels, rest) = pixels.as_chunks::<3>();
    let picture = Picture::new(head.width, pixels.to_vec())?;
    (rest.is_empty() && picture.height() == head.height).then_some(Ok(picture))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_arrives_as_it_was_sent_and_its_json_holds_no_password() {
        let candidate = |secret: &str, line: usize| CandidatePassword {
            password: Password::new(secret),
            origin: format!("password-file:{line}"),
        };
        let policy = Policy {
            candidates: vec![candidate("sécret", 3), candidate("\"\\ other", 5)],
            untried: 7,
            expected_bank: banks::by_id("hdfc"),
            strict: true,
            ..Policy::default()
        };
        let work = Work::Draw {
            page: 3,
            width: 80,
            height: 50,
        };
        let request = Request::new(work, &policy, 5, 1 << 20);
        let head = request.head().unwrap();
        assert!(memchr::memmem::find(&head, "cret".as_bytes()).is_none());
        let secrets = policy.candidates.iter().map(|c| c.password.expose());
        let sent = [&head[..], secrets.collect::<String>().as_bytes(), b"%PDF-"].concat();
        let mut rest = sent.as_slice();
        let (arrived, child) = Request::read(&mut rest).unwrap();
        assert_eq!(rest, b"%PDF-");
        assert_eq!(arrived.work, work);
        assert_eq!((arrived.file_bytes, arrived.memory), (5, 1 << 20));
        assert_eq!(child.candidates, policy.candidates);
        assert_eq!(
            (child.expected_bank, child.untried),
            (policy.expected_bank, 7)
        );
        assert!(child.strict);
        assert_eq!(child.engines, Engines::All);
        assert_eq!(child.limits, policy.limits);
    }

    #[test]
    fn a_picture_arrives_as_it_was_drawn() {
        let most = PictureSize::new(2, 3);
        let picture = Picture::new(2, (0..6).map(|n| [n, 10, b'\n']).collect()).unwrap();
        let refusal = Refusal::Limit(LimitHit::Nesting);
        for drawn in [Ok(picture), Err(refusal), Err(Refusal::NoSuchPage)] {
            let answer = write_drawn(&drawn).unwrap();
            assert_eq!(read_drawn(&answer, most), Some(drawn));
        }
    }

    #[test]
    fn an_answer_that_does_not_hold_what_it_says_is_none() {
        let most = PictureSize::new(2, 3);
        let is_none = |answer: &[u8]| read_drawn(answer, most).is_none();
        let head = |width: u64, height: u64| {
            format!("{{\"Ok\":{{\"width\":{width},\"height\":{height}}}}}\n").into_bytes()
        };
        assert!(!is_none(&[head(2, 2), vec![0; 12]].concat()));
        assert!(is_none(&[head(2, 2), vec![0; 11]].concat()));
        assert!(is_none(&[head(2, 2), vec![0; 13]].concat()));
        assert!(is_none(&[head(2, 2), vec![0; 18]].concat()));
        assert!(is_none(&[head(0, 2), vec![0; 6]].concat()));
        assert!(is_none(&head(0, 0)));
        assert!(
            is_none(&[head(3, 2), vec![0; 18]].concat()),
            "wider than asked for"
        );
        assert!(
            is_none(&[head(1, 4), vec![0; 12]].concat()),
            "higher than asked for"
        );
        assert!(is_none(&head(u64::MAX, 1)));
        assert!(is_none(b"{\"Err\":\"Locked\"}\nmore"));
        assert!(is_none(b"{\"Err\":\"Cheerful\"}\n"));
        assert!(is_none(b""));
    }
}
