//! Compares our reader with lopdf and `pdf` on damaged files: if they disagree, a finding reports
//! the damage.

use crate::harness::project;
use bankscreen::pdf::{EncryptionStatus, Engines};
use bankscreen::screen::{Code, Policy, Screening, Severity, screen};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::time::Duration;

/// What a reader finds in a file that it opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reading {
    pages: usize,
    encrypted: bool,
}

/// Screens a file, with all engines if it needs isolation.
fn screen_fully(bytes: &[u8]) -> Screening {
    let bytes = Arc::new(bytes.to_vec());
    let mut policy = Policy::default();
    let first = screen(&bytes, &policy, &|| Duration::ZERO);
    if !first.needs_isolation {
        return first;
    }
    policy.engines = Engines::All;
    screen(&bytes, &policy, &|| Duration::ZERO)
}

/// Our reading, if the screening has no error and reports no damage.
fn sound(screening: &Screening) -> Option<Reading> {
    let fails = screening
        .findings
        .iter()
        .any(|f| f.severity == Severity::Error);
    let document = screening.document.as_ref()?;
    (!fails && document.damage.is_empty()).then(|| Reading {
        pages: document.page_count,
        encrypted: screening.encryption.as_ref().unwrap().status != EncryptionStatus::None,
    })
}

/// lopdf's reading of the whole document, unless it recovered something.
fn lopdf(bytes: &[u8]) -> Option<Reading> {
    let read = || {
        let document = lopdf::Document::load_mem(bytes).ok()?;
        document.xref_recovery.is_none().then(|| Reading {
            pages: document.get_pages().len(),
            encrypted: document.was_encrypted() || document.is_encrypted(),
        })
    };
    catch_unwind(read).ok().flatten()
}

/// lopdf's reading of the metadata, unless it recovered something.
///
/// It can find more pages: when lopdf loads a whole damaged document, it skips pages that it can't
/// parse.
fn lopdf_metadata(bytes: &[u8]) -> Option<Reading> {
    let read = || {
        let metadata = lopdf::Document::load_metadata_mem(bytes).ok()?;
        metadata.xref_recovery.is_none().then_some(Reading {
            pages: metadata.page_count as usize,
            encrypted: metadata.encrypted,
        })
    };
    catch_unwind(read).ok().flatten()
}

/// Returns the reading of `pdf`, which repairs nothing.
fn strict(bytes: &[u8]) -> Option<Reading> {
    let read = || {
        let file = pdf::file::FileOptions::cached().load(bytes).ok()?;
        Some(Reading {
            pages: file.num_pages() as usize,
            encrypted: file.trailer.encrypt_dict.is_some(),
        })
    };
    catch_unwind(read).ok().flatten()
}

/// Returns the readings, if they differ although screening reports no damage.
///
/// For a file without findings, one of the readers that find pages must agree with ours, the strict
/// reader must not contradict it, and all must agree whether the file is encrypted.
fn unreported_difference(bytes: &[u8]) -> Option<String> {
    let ours = sound(&screen_fully(bytes))?;
    let strict = strict(bytes);
    let contradicts = strict.is_some_and(|strict| strict != ours);
    let others = [strict, lopdf_metadata(bytes), lopdf(bytes)];
    let opened: Vec<_> = others
        .into_iter()
        .flatten()
        .filter(|reading| reading.pages > 0)
        .collect();
    let agrees = opened.is_empty() || opened.contains(&ours);
    let disputed = opened
        .iter()
        .any(|reading| reading.encrypted != ours.encrypted);
    (!agrees || contradicts || disputed).then(|| format!("{ours:?}, but {others:?}"))
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

/// A mutation that damages a file.
#[derive(Debug, Clone)]
enum Mutation {
    ReplaceByte(Index, u8),
    ReplaceDigit(Index, u8),
    /// Replaces a structural token by another one.
    ReplaceToken(Index, Index),
    Truncate(Index),
    Remove(Index, usize),
    Repeat(Index, usize),
    /// Appends the end of another file to the start of the file.
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

fn mutations() -> impl Strategy<Value = Mutation> {
    let index = any::<Index>();
    prop_oneof![
        (index.clone(), any::<u8>()).prop_map(|(at, byte)| Mutation::ReplaceByte(at, byte)),
        (index.clone(), b'0'..=b'9').prop_map(|(at, digit)| Mutation::ReplaceDigit(at, digit)),
        (index.clone(), any::<Index>()).prop_map(|(at, token)| Mutation::ReplaceToken(at, token)),
        index.clone().prop_map(Mutation::Truncate),
        (index.clone(), 1..200_usize).prop_map(|(at, bytes)| Mutation::Remove(at, bytes)),
        (index.clone(), 1..200_usize).prop_map(|(at, bytes)| Mutation::Repeat(at, bytes)),
        (index.clone(), select(SEEDS.to_vec()), index)
            .prop_map(|(at, other, from)| Mutation::Splice(at, other, from)),
    ]
}

impl Mutation {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        match self {
            Self::ReplaceByte(at, byte) => {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            Self::ReplaceDigit(at, digit) => {
                let digits: Vec<_> = offsets(bytes, |byte| byte.is_ascii_digit());
                if !digits.is_empty() {
                    bytes[digits[at.index(digits.len())]] = *digit;
                }
            }
            Self::ReplaceToken(at, token) => {
                replace_token(bytes, *at, TOKENS[token.index(TOKENS.len())]);
            }
            Self::Truncate(at) => bytes.truncate(at.index(bytes.len())),
            Self::Remove(at, count) => {
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

fn offsets(bytes: &[u8], matches: impl Fn(u8) -> bool) -> Vec<usize> {
    (0..bytes.len()).filter(|at| matches(bytes[*at])).collect()
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
        // Some of these readers can't be interrupted, so every run uses the same known files.
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn readers_agree_or_the_damage_is_reported(
        name in select(SEEDS.to_vec()),
        mutations in proptest::collection::vec(mutations(), 1..4),
    ) {
        let mut bytes = seed(name);
        for mutation in &mutations {
            mutation.apply(&mut bytes);
        }
        prop_assert_eq!(unreported_difference(&bytes), None);
    }
}

#[test]
fn readers_agree_on_sound_files() {
    for name in SEEDS {
        assert_eq!(unreported_difference(&seed(name)), None, "{name}");
    }
}

fn replaced(name: &str, old: &str, new: &str) -> Vec<u8> {
    let bytes = seed(name);
    let at = memchr::memmem::find(&bytes, old.as_bytes()).unwrap();
    assert_eq!(
        old.len(),
        new.len(),
        "the offsets in the cross-reference table must stay valid"
    );
    [&bytes[..at], new.as_bytes(), &bytes[at + old.len()..]].concat()
}

#[track_caller]
fn assert_damaged(bytes: &[u8]) {
    let screening = screen_fully(bytes);
    let codes: Vec<_> = screening.findings.iter().map(|f| f.code).collect();
    assert!(codes.contains(&Code::DamagedPdf), "{codes:?}");
}

#[test]
fn a_page_with_another_type_is_damage() {
    assert_damaged(&replaced(
        "structure/inherited.pdf",
        "/Page /Par",
        "/Font /Par",
    ));
}

#[test]
fn a_page_tree_with_a_negative_count_is_damage() {
    assert_damaged(&replaced(
        "structure/inherited.pdf",
        " /Count 3",
        "/Count -3",
    ));
}
