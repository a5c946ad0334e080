//! Reads the validation data of a file: certificates and answers about them, so that a signature
//! can be checked later (ISO 32000-2, 12.8.4.3).

use super::comparison::reference_list;
use super::dictionary::{Dictionary, references};
use super::revision::Revision;
use std::collections::HashSet;

/// Objects of the validation data.
const MAX_OBJECTS: usize = 5_000;
/// Depth of the validation data: the dictionary, one dictionary per signature, arrays, streams.
const MAX_DEPTH: usize = 6;
/// The lists of certificates, revocation lists and answers for the whole file.
const LISTS: [&[u8]; 3] = [b"Certs", b"CRLs", b"OCSPs"];
/// The same lists for one signature.
const SIGNATURE_LISTS: [&[u8]; 3] = [b"Cert", b"CRL", b"OCSP"];

/// Returns whether a catalog has validation data and nothing else in its place, or none.
///
/// How much it is does not count: many writers replace earlier data by newer data.
pub(super) fn is_well_formed(revision: &Revision<'_>, catalog: &Dictionary<'_>) -> bool {
    let is_absent = !catalog.keys().any(|key| key == b"DSS");
    is_absent || has_data(revision, catalog) == Some(true)
}

fn has_data(revision: &Revision<'_>, catalog: &Dictionary<'_>) -> Option<bool> {
    let store = revision.resolved(catalog.value(b"DSS")?)?;
    let store = Dictionary::parse(&store)?;
    if let Some(signatures) = store.value(b"VRI") {
        let signatures = revision.resolved(signatures)?;
        let signatures = Dictionary::parse(&signatures)?;
        for key in signatures.keys().filter(|key| *key != b"Type") {
            let signature = revision.resolved(signatures.value(key)?)?;
            let signature = Dictionary::parse(&signature)?;
            if !has_only(
                revision,
                &signature,
                SIGNATURE_LISTS,
                &[b"Type", b"TU", b"TS"],
            )? {
                return Some(false);
            }
        }
    }
    has_only(revision, &store, LISTS, &[b"Type", b"VRI"])
}

/// Returns whether a dictionary has lists of streams and certain other keys only. Writers also list
/// streams that the file lacks.
fn has_only(
    revision: &Revision<'_>,
    dictionary: &Dictionary<'_>,
    lists: [&[u8]; 3],
    others: &[&[u8]],
) -> Option<bool> {
    let is_stream = |number: &u32| !revision.has(*number) || revision.is_stream(*number);
    for key in dictionary.keys().filter(|key| !others.contains(key)) {
        let list = reference_list(&revision.resolved(dictionary.value(key)?)?)?;
        if !lists.contains(&key) || !list.iter().all(is_stream) {
            return Some(false);
        }
    }
    Some(true)
}

/// Returns the objects of the validation data.
pub(super) fn objects(revision: &Revision<'_>) -> HashSet<u32> {
    let root = revision.trailer_reference(b"Root");
    let root = root.and_then(|root| revision.object(root));
    let catalog = root.as_deref().and_then(Dictionary::parse);
    let store = catalog.as_ref().and_then(|catalog| catalog.value(b"DSS"));
    let mut found = HashSet::new();
    let mut level = store.map(references).unwrap_or_default();
    for _ in 0..MAX_DEPTH {
        let mut next = Vec::new();
        for number in level {
            if found.len() < MAX_OBJECTS
                && found.insert(number)
                && let Some(object) = revision.object(number)
            {
                next.extend(references(&object));
            }
        }
        level = next;
    }
    found
}
