//! Where the marks of a file's structure stand in its bytes.
//!
//! Five questions are asked of all bytes of a file, each by marks of its own, and where streams
//! begin and end can't be believed before they are answered. A search through all of a large scan
//! costs a tenth of hashing it, so it is read once, for the blocks that may hold any mark, and only
//! they are searched: three in a hundred of image data, which is what scans consist of.

use crate::prefetch;
use memchr::memmem::Finder;
use std::ops::Range;
use std::slice;

/// Bytes that are searched or left out together.
const BLOCK: usize = 512;
const _: () = assert!(prefetch::PIECE.is_multiple_of(BLOCK));
/// Bytes that a processor compares at once, whichever it is.
const LANES: usize = 16;

/// What structure is told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// The head of an object, behind its numbers.
    Object,
    /// The beginning of a stream's data, or a part of the word that ends it.
    Stream,
    DictionaryStart,
    DictionaryEnd,
    /// The place of the cross-reference, once a revision.
    CrossReference,
    /// The key of the encryption dictionary, or one that begins like it.
    Encryption,
}

impl Mark {
    /// Their first two bytes are those of [`may_hold_a_mark`].
    fn bytes(self) -> &'static [u8] {
        match self {
            Self::Object => b" obj",
            Self::Stream => b"stream",
            Self::DictionaryStart => b"<<",
            Self::DictionaryEnd => b">>",
            Self::CrossReference => b"startxref",
            Self::Encryption => b"/Encrypt",
        }
    }
}

/// The bytes of a file, and which of them can hold marks.
pub(super) struct Marks<'b> {
    bytes: &'b [u8],
    /// Where marks can begin, in order and apart from one another.
    runs: Vec<Range<usize>>,
}

impl<'b> Marks<'b> {
    pub(super) fn of(bytes: &'b [u8]) -> Self {
        let mut runs: Vec<Range<usize>> = Vec::new();
        for start in blocks_with_marks(bytes) {
            let end = bytes.len().min(start + BLOCK);
            match runs.last_mut() {
                Some(run) if run.end == start => run.end = end,
                _ => runs.push(start..end),
            }
        }
        Self { bytes, runs }
    }

    /// The whole file.
    pub(super) fn bytes(&self) -> &'b [u8] {
        self.bytes
    }

    /// Where a mark stands, from the start of the file on.
    pub(super) fn places(&self, mark: Mark) -> Places<'_> {
        Places {
            bytes: self.bytes,
            finder: Finder::new(mark.bytes()),
            run: 0..0,
            behind: self.runs.iter(),
        }
    }
}

/// The places of one mark.
pub(super) struct Places<'m> {
    bytes: &'m [u8],
    finder: Finder<'static>,
    /// What is left of the run that is searched.
    run: Range<usize>,
    behind: slice::Iter<'m, Range<usize>>,
}

impl Iterator for Places<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        loop {
            let len = self.finder.needle().len();
            // The last mark of a run may end behind it.
            let end = self.bytes.len().min(self.run.end + len - 1);
            let left = self.bytes.get(self.run.start..end).unwrap_or_default();
            if let Some(found) = self.finder.find(left) {
                let place = self.run.start + found;
                self.run.start = place + len;
                return Some(place);
            }
            self.run = self.behind.next()?.clone();
        }
    }
}

/// Where the blocks start in which a mark may begin.
fn blocks_with_marks(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let blocks = prefetch::pieces(bytes).flat_map(|piece| piece.chunks(BLOCK));
    let starts = (0..).step_by(BLOCK);
    let found = starts.zip(blocks).filter(move |(start, block)| {
        let next = bytes.get(start + 1..).and_then(<[u8]>::first_chunk);
        // The last block is searched whatever it holds.
        next.zip(block.first_chunk())
            .is_none_or(|(next, block)| may_hold_a_mark(block, next))
    });
    found.map(|(start, _)| start)
}

/// Whether a mark may begin in a block; `next` is the block that begins one byte later.
///
/// Has no branch, so that the compiler compares [`LANES`] bytes at once.
fn may_hold_a_mark(block: &[u8; BLOCK], next: &[u8; BLOCK]) -> bool {
    let mut found = [0_u8; LANES];
    let blocks = block.as_chunks::<LANES>().0;
    for (bytes, nexts) in blocks.iter().zip(next.as_chunks::<LANES>().0) {
        for ((found, byte), next) in found.iter_mut().zip(bytes).zip(nexts) {
            let is = |pair: &[u8; 2]| u8::from(*byte == pair[0]) & u8::from(*next == pair[1]);
            // What begins and ends a dictionary differs in one bit.
            let twice = u8::from(byte == next) & u8::from(*byte | (b'<' ^ b'>') == b'>');
            *found |= is(b" o") | is(b"st") | is(b"/E") | twice;
        }
    }
    found != [0; LANES]
}

#[cfg(test)]
mod tests {
    use super::*;
    use memchr::memmem;
    use proptest::prelude::*;

    const ALL: [Mark; 6] = [
        Mark::Object,
        Mark::Stream,
        Mark::DictionaryStart,
        Mark::DictionaryEnd,
        Mark::CrossReference,
        Mark::Encryption,
    ];

    /// Marks and parts of them, between stretches that hold none.
    fn pieces() -> impl Strategy<Value = Vec<u8>> {
        let marks = prop::sample::select(ALL.to_vec()).prop_map(|mark| mark.bytes().to_vec());
        let part = (marks.clone(), 1..9_usize)
            .prop_map(|(mark, len)| mark.into_iter().take(len).collect::<Vec<_>>());
        let stretch = (0..2 * BLOCK).prop_map(|len| vec![0xA5; len]);
        let piece = prop_oneof![marks, part, stretch];
        prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn every_mark_is_found_wherever_blocks_end(bytes in pieces()) {
            let marks = Marks::of(&bytes);
            for mark in ALL {
                let found: Vec<_> = marks.places(mark).collect();
                let all: Vec<_> = memmem::find_iter(&bytes, mark.bytes()).collect();
                prop_assert_eq!(found, all, "{:?}", mark);
            }
        }
    }

    #[test]
    fn stretches_without_marks_are_left_out() {
        let mut bytes = vec![b'x'; 10 * BLOCK];
        bytes.splice(3 * BLOCK + 7..3 * BLOCK + 9, *b">>");
        assert_eq!(
            Marks::of(&bytes).runs,
            [3 * BLOCK..4 * BLOCK, 9 * BLOCK..10 * BLOCK]
        );
    }
}
