//! Our document, lopdf and `pdf` on damaged files: they agree, or the record tells of the damage.

use crate::harness::project;
use bankscreen::pdf::{EncryptionStatus, Engines};
use bankscreen::screen::{Code, Policy, Screening, Severity, screen};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::time::Duration;

/// What a reader says of a file that it opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Opinion {
    pages: usize,
    encrypted: bool,
}

/// The record of the program, which has the jail for what wants all engines.
fn record(bytes: &[u8]) -> Screening {
    let bytes = Arc::new(bytes.to_vec());
    let mut policy = Policy::default();
    let first = screen(&bytes, &policy, &|| Duration::ZERO);
    if !first.needs_isolation {
        return first;
    }
    policy.engines = Engines::All;
    screen(&bytes, &policy, &|| Duration::ZERO)
}

/// Our opinion, where nothing at all is said against the file.
fn sound(record: &Screening) -> Option<Opinion> {
    let fails = record
        .findings
        .iter()
        .any(|f| f.severity == Severity::Error);
    let document = record.document.as_ref()?;
    (!fails && document.damage.is_empty()).then(|| Opinion {
        pages: document.page_count,
        encrypted: record.encryption.as_ref().unwrap().status != EncryptionStatus::None,
    })
}

/// What lopdf counts, page by page, where it had nothing to recover.
fn lopdf(bytes: &[u8]) -> Option<Opinion> {
    let read = || {
        let document = lopdf::Document::load_mem(bytes).ok()?;
        document.xref_recovery.is_none().then(|| Opinion {
            pages: document.get_pages().len(),
            encrypted: document.was_encrypted() || document.is_encrypted(),
        })
    };
    catch_unwind(read).ok().flatten()
}

/// What lopdf reads without loading the pages. It overlooks less: of a damaged file the whole
/// document may load without those pages that lopdf can't make sense of.
fn summary(bytes: &[u8]) -> Option<Opinion> {
    let read = || {
        let metadata = lopdf::Document::load_metadata_mem(bytes).ok()?;
        metadata.xref_recovery.is_none().then_some(Opinion {
            pages: metadata.page_count as usize,
            encrypted: metadata.encrypted,
        })
    };
    catch_unwind(read).ok().flatten()
}

/// That of `pdf`, which repairs nothing.
fn strict(bytes: &[u8]) -> Option<Opinion> {
    let read = || {
        let file = pdf::file::FileOptions::cached().load(bytes).ok()?;
        Some(Opinion {
            pages: file.num_pages() as usize,
            encrypted: file.trailer.encrypt_dict.is_some(),
        })
    };
    catch_unwind(read).ok().flatten()
}

/// What speaks against the record, if anything does.
///
/// Where nothing is said against the file, one of the readers that find pages in it must say the
/// same, the strict one must not say otherwise, and all must agree whether it is encrypted.
fn silent_difference(bytes: &[u8]) -> Option<String> {
    let ours = sound(&record(bytes))?;
    let strict = strict(bytes);
    let contradicts = strict.is_some_and(|strict| strict != ours);
    let peers = [strict, summary(bytes), lopdf(bytes)];
    let opened: Vec<_> = peers
        .into_iter()
        .flatten()
        .filter(|peer| peer.pages > 0)
        .collect();
    let agrees = opened.is_empty() || opened.contains(&ours);
    let torn = opened.iter().any(|peer| peer.encrypted != ours.encrypted);
    (!agrees || contradicts || torn).then(|| format!("{ours:?}, but {peers:?}"))
}

const SEEDS: [&str; 10] = [
    "banks/hdfc.pdf",
    "structure/object_streams.pdf",
    "structure/hybrid.pdf",
    "structure/inherited.pdf",
    "structure/deep_tree.pdf",
    "structure/linearised.pdf",
    "structure/revised_twice.pdf",
    "structure/split_content.pdf",
    "encrypted/owner_rc4_40.pdf",
    "encrypted/owner_aes_256_r6.pdf",
];

fn seed(name: &str) -> Vec<u8> {
    std::fs::read(project().join("testdata").join(name)).unwrap()
}

/// One way to damage a file.
#[derive(Debug, Clone)]
enum Damage {
    Byte(Index, u8),
    /// Another digit in place of one.
    Digit(Index, u8),
    /// A token of structure in place of another.
    Token(Index, Index),
    Cut(Index),
    Lose(Index, usize),
    Repeat(Index, usize),
    /// The end of one file behind the front of another.
    Splice(Index, &'static str, Index),
}

const TOKENS: [&[u8]; 22] = [
    b"/Page",
    b"/Pages",
    b"/Kids",
    b"/Count",
    b"/Type",
    b"/Root",
    b"/Prev",
    b"/Size",
    b"/W",
    b"/Index",
    b"/Length",
    b"/Filter",
    b"/Encrypt",
    b"/ObjStm",
    b"/XRef",
    b"obj",
    b"endobj",
    b"stream",
    b"xref",
    b"trailer",
    b"<<",
    b">>",
];

fn damages() -> impl Strategy<Value = Damage> {
    let place = any::<Index>();
    prop_oneof![
        (place.clone(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        (place.clone(), b'0'..=b'9').prop_map(|(at, digit)| Damage::Digit(at, digit)),
        (place.clone(), any::<Index>()).prop_map(|(at, token)| Damage::Token(at, token)),
        place.clone().prop_map(Damage::Cut),
        (place.clone(), 1..200_usize).prop_map(|(at, bytes)| Damage::Lose(at, bytes)),
        (place.clone(), 1..200_usize).prop_map(|(at, bytes)| Damage::Repeat(at, bytes)),
        (place.clone(), select(SEEDS.to_vec()), place)
            .prop_map(|(at, other, from)| Damage::Splice(at, other, from)),
    ]
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        match self {
            Self::Byte(at, byte) => {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            Self::Digit(at, digit) => {
                let digits: Vec<_> = places(bytes, |byte| byte.is_ascii_digit());
                if !digits.is_empty() {
                    bytes[digits[at.index(digits.len())]] = *digit;
                }
            }
            Self::Token(at, token) => replace_token(bytes, *at, TOKENS[token.index(TOKENS.len())]),
            Self::Cut(at) => bytes.truncate(at.index(bytes.len())),
            Self::Lose(at, count) => {
                let at = at.index(bytes.len());
                bytes.drain(at..(at + count).min(bytes.len()));
            }
            Self::Repeat(at, count) => {
                let at = at.index(bytes.len());
                let twice = bytes[at..(at + count).min(bytes.len())].to_vec();
                bytes.splice(at..at, twice);
            }
            Self::Splice(at, other, from) => {
                let other = seed(other);
                bytes.truncate(at.index(bytes.len()));
                bytes.extend_from_slice(&other[from.index(other.len())..]);
            }
        }
    }
}

fn places(bytes: &[u8], is_wanted: impl Fn(u8) -> bool) -> Vec<usize> {
    (0..bytes.len())
        .filter(|at| is_wanted(bytes[*at]))
        .collect()
}

fn replace_token(bytes: &mut Vec<u8>, at: Index, new: &[u8]) {
    let found: Vec<(usize, usize)> = TOKENS
        .iter()
        .flat_map(|token| memchr::memmem::find_iter(bytes, token).map(|at| (at, token.len())))
        .collect();
    if !found.is_empty() {
        let (at, length) = found[at.index(found.len())];
        bytes.splice(at..at + length, new.iter().copied());
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        failure_persistence: None,
        // The readers compared can't all be stopped: the same files every time.
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn readers_agree_or_the_record_says_why_not(
        name in select(SEEDS.to_vec()),
        damages in proptest::collection::vec(damages(), 1..4),
    ) {
        let mut bytes = seed(name);
        for damage in &damages {
            damage.apply(&mut bytes);
        }
        prop_assert_eq!(silent_difference(&bytes), None);
    }
}

#[test]
fn readers_agree_on_sound_files() {
    for name in SEEDS {
        assert_eq!(silent_difference(&seed(name)), None, "{name}");
    }
}

fn replaced(name: &str, old: &str, new: &str) -> Vec<u8> {
    let bytes = seed(name);
    let at = memchr::memmem::find(&bytes, old.as_bytes()).unwrap();
    assert_eq!(old.len(), new.len(), "the table of objects stays right");
    [&bytes[..at], new.as_bytes(), &bytes[at + old.len()..]].concat()
}

#[track_caller]
fn assert_damaged(bytes: &[u8]) {
    let record = record(bytes);
    let codes: Vec<_> = record.findings.iter().map(|f| f.code).collect();
    assert!(codes.contains(&Code::DamagedPdf), "{codes:?}");
}

#[test]
fn a_page_that_says_it_is_something_else_is_damage() {
    assert_damaged(&replaced(
        "structure/inherited.pdf",
        "/Page /Par",
        "/Font /Par",
    ));
}

#[test]
fn a_page_tree_that_announces_less_than_nothing_is_damage() {
    assert_damaged(&replaced(
        "structure/inherited.pdf",
        " /Count 3",
        "/Count -3",
    ));
}
