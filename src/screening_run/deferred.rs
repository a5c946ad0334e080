//! The entries of a run that are written at its end, compressed: what all files together show, such
//! as a missing month, is not known before, and a run may have 100,000 files.

use crate::batch::Input;
use crate::report::{FileName, ReportEntry, UploadRecord};
use crate::screen::{Code, Finding, Policy, Screening, Verdict};
use crate::statement::BankRegistry;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

/// The entries of a run in input order, until they are written.
pub(crate) struct DeferredEntries<'r> {
    inputs: &'r [Input],
    entries: Vec<DeferredEntry>,
    codec: RefCell<ScreeningCodec>,
}

/// An entry without what its input has.
struct DeferredEntry {
    /// The index of the input.
    index: usize,
    bytes: Option<u64>,
    verdict: Verdict,
    screening: Box<[u8]>,
    duplicate_of: Option<Box<FileName>>,
    case: Option<Arc<str>>,
    elapsed_ms: Option<f64>,
    upload: Option<Box<UploadRecord>>,
}

impl<'r> DeferredEntries<'r> {
    pub(super) fn new(inputs: &'r [Input], policy: &Policy) -> Self {
        Self {
            inputs,
            entries: Vec::new(),
            codec: RefCell::new(ScreeningCodec::new(policy.banks.clone())),
        }
    }

    /// Appends the entry of the input with an index.
    pub(super) fn push(&mut self, index: usize, entry: ReportEntry) {
        let deferred = DeferredEntry {
            index,
            bytes: entry.bytes,
            verdict: entry.screening.verdict,
            screening: self.codec.get_mut().pack(&entry.screening),
            duplicate_of: entry.duplicate_of.map(Box::new),
            case: entry.case,
            elapsed_ms: entry.elapsed_ms,
            upload: entry.upload.map(Box::new),
        };
        self.entries.push(deferred);
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns the index of the input of the entry at a position.
    pub(super) fn index(&self, position: usize) -> Option<usize> {
        Some(self.entries.get(position)?.index)
    }

    /// Returns the input of the entry at a position.
    pub(crate) fn input(&self, position: usize) -> Option<&'r Input> {
        self.inputs.get(self.index(position)?)
    }

    /// Returns the case of the entry at a position; `None` if it is in none.
    pub(crate) fn case_of(&self, position: usize) -> Option<usize> {
        self.input(position)?.case
    }

    /// Returns the verdicts in input order.
    pub(crate) fn verdicts(&self) -> impl Iterator<Item = Verdict> {
        self.entries.iter().map(|entry| entry.verdict)
    }

    /// Returns the upload of the entry at a position, if it has one.
    pub(crate) fn upload(&self, position: usize) -> Option<&UploadRecord> {
        self.entries.get(position)?.upload.as_deref()
    }

    /// Sets the upload of the entry at a position; its screening stays as it is.
    pub(crate) fn set_upload(&mut self, position: usize, upload: UploadRecord) {
        if let Some(entry) = self.entries.get_mut(position) {
            entry.upload = Some(Box::new(upload));
        }
    }

    /// Frees the memory of an entry that was written and is not read again.
    pub(crate) fn forget(&mut self, position: usize) {
        if let Some(entry) = self.entries.get_mut(position) {
            entry.screening = Box::default();
            entry.upload = None;
        }
    }

    /// Returns the entry at a position, without its upload, and the index of its input.
    pub(crate) fn screened(&self, position: usize) -> Option<(usize, ReportEntry)> {
        let deferred = self.entries.get(position)?;
        let input = self.inputs.get(deferred.index)?;
        let entry = ReportEntry {
            name: FileName::of(&input.path),
            bytes: deferred.bytes,
            screening: self.codec.borrow_mut().unpack(&deferred.screening),
            duplicate_of: deferred.duplicate_of.as_deref().cloned(),
            case: deferred.case.clone(),
            elapsed_ms: deferred.elapsed_ms,
            upload: None,
        };
        Some((deferred.index, entry))
    }

    /// Replaces the screening of the entry at a position.
    pub(super) fn set_screening(&mut self, position: usize, screening: &Screening) {
        let packed = self.codec.get_mut().pack(screening);
        if let Some(entry) = self.entries.get_mut(position) {
            entry.verdict = screening.verdict;
            entry.screening = packed;
        }
    }

    /// Returns the positions of the entries of a case; of those in no case for `None`.
    pub(crate) fn of_case(&self, case: Option<usize>) -> Range<usize> {
        // Inputs are in the order of the cases, those in none last.
        let key = |case: Option<usize>| case.unwrap_or(usize::MAX);
        let case_of = |entry: &DeferredEntry| {
            let input = self.inputs.get(entry.index);
            key(input.and_then(|input| input.case))
        };
        let wanted = key(case);
        let start = self
            .entries
            .partition_point(|entry| case_of(entry) < wanted);
        let end = self
            .entries
            .partition_point(|entry| case_of(entry) <= wanted);
        start..end
    }
}

/// Compresses screenings; the states and buffers are used for all of them.
struct ScreeningCodec {
    banks: BankRegistry,
    /// The first screening, to which all others refer: most of their text is the same.
    dictionary: Option<Vec<u8>>,
    /// Created on demand, as the other state: most runs defer nothing, and each has some hundred
    /// kilobytes.
    compress: Option<Compress>,
    decompress: Option<Decompress>,
    json: Vec<u8>,
    packed: Vec<u8>,
}

impl ScreeningCodec {
    fn new(banks: BankRegistry) -> Self {
        Self {
            banks,
            dictionary: None,
            compress: None,
            decompress: None,
            json: Vec::new(),
            packed: Vec::new(),
        }
    }

    /// Returns a screening in less memory.
    fn pack(&mut self, screening: &Screening) -> Box<[u8]> {
        // A screening has no map with keys other than text, and the output has room for data that
        // can't be compressed. If it failed all the same, unpacking the empty result reports it.
        self.try_pack(screening).unwrap_or_default()
    }

    fn try_pack(&mut self, screening: &Screening) -> Option<Box<[u8]>> {
        self.json.clear();
        serde_json::to_writer(&mut self.json, screening).ok()?;
        let length = u32::try_from(self.json.len()).ok()?;
        self.packed.clear();
        self.packed.extend_from_slice(&length.to_le_bytes());
        self.packed
            .reserve(self.json.len() + self.json.len() / 8 + 64);
        let new = || Compress::new(Compression::fast(), false);
        let compress = self.compress.get_or_insert_with(new);
        compress.reset();
        let dictionary = self.dictionary.get_or_insert_with(|| self.json.clone());
        compress.set_dictionary(dictionary).ok()?;
        let finish = FlushCompress::Finish;
        let status = compress.compress_vec(&self.json, &mut self.packed, finish);
        (status.ok()? == Status::StreamEnd).then(|| self.packed.as_slice().into())
    }

    fn unpack(&mut self, packed: &[u8]) -> Screening {
        let screening = self.try_unpack(packed);
        screening.unwrap_or_else(|| {
            let finding = Finding::error(Code::InternalError, "The result could not be kept");
            Screening::not_screened(finding)
        })
    }

    fn try_unpack(&mut self, packed: &[u8]) -> Option<Screening> {
        let (length, packed) = packed.split_first_chunk()?;
        self.json.clear();
        self.json.reserve(u32::from_le_bytes(*length) as usize);
        let dictionary = self.dictionary.as_deref()?;
        let new = || Decompress::new(false);
        let decompress = self.decompress.get_or_insert_with(new);
        decompress.reset(false);
        decompress.set_dictionary(dictionary).ok()?;
        let finish = FlushDecompress::Finish;
        let decompressed = decompress.decompress_vec(packed, &mut self.json, finish);
        decompressed.ok()?;
        let screening: Screening = serde_json::from_slice(&self.json).ok()?;
        screening.resolve_banks(&self.banks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::Issuer;

    #[test]
    fn a_packed_screening_is_smaller_and_stays_the_same() {
        let banks = BankRegistry::default();
        let mut codec = ScreeningCodec::new(banks.clone());
        let finding = Finding::error(Code::EmptyFile, "The file is empty");
        let mut long = Screening::not_screened(finding.clone());
        long.statement.issuer = Some(Issuer {
            bank: banks.by_id("hdfc").unwrap().clone(),
            confidence: 0.99,
            evidence: vec!["the name".into(); 200],
            alternatives: Vec::new(),
        });
        let noise = (0..5_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 7) as u8 as char);
        let dense = Finding::error(Code::EmptyFile, noise.collect::<String>());
        for screening in [
            long,
            Screening::not_screened(dense),
            Screening::not_screened(finding),
        ] {
            let json = serde_json::to_vec(&screening).unwrap();
            let packed = codec.pack(&screening);
            assert!(packed.len() < json.len(), "{} {}", packed.len(), json.len());
            assert_eq!(codec.unpack(&packed), screening);
        }
    }

    #[test]
    fn what_can_not_be_unpacked_is_an_internal_error() {
        let mut codec = ScreeningCodec::new(BankRegistry::default());
        for packed in [&b""[..], b"\0\0\0\0", b"\x09\0\0\0nonsense"] {
            let screening = codec.unpack(packed);
            assert_eq!(screening.verdict, Verdict::Fail);
            assert_eq!(screening.findings[0].code, Code::InternalError);
        }
    }
}
