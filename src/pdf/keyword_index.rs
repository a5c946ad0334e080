//! Finds the keywords of a file's structure in its bytes.
//!
//! Object scan, guard, encryption and incremental updates each search for keywords of their own.
//! They must search the whole file, because the boundaries of streams are not known yet. One search
//! of a large scan costs a tenth of hashing it. The index therefore reads the file once, marks the
//! blocks that may contain a keyword, and later searches read only those. In image data, which is
//! most of a scan, these are 3 % of all blocks.

use crate::prefetch;
use memchr::memmem::Finder;
use std::ops::Range;
use std::slice;

/// Bytes per block: the unit that is searched or skipped.
const BLOCK: usize = 512;
const _: () = assert!(prefetch::PIECE.is_multiple_of(BLOCK));
/// Bytes per comparison: the vector width that every supported processor has.
const LANES: usize = 16;

/// A keyword that shows where structure begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    /// The word after an object's number and generation, with the space before it.
    Obj,
    /// The start of a stream's data, or the second part of `endstream`.
    Stream,
    DictionaryStart,
    DictionaryEnd,
    /// Precedes the offset of a cross-reference section; one per revision.
    StartXref,
    /// The key of the encryption dictionary, or a longer key with this prefix.
    Encrypt,
}

impl Keyword {
    /// [`may_hold_keyword`] compares the first two bytes of each of these.
    fn bytes(self) -> &'static [u8] {
        match self {
            Self::Obj => b" obj",
            Self::Stream => b"stream",
            Self::DictionaryStart => b"<<",
            Self::DictionaryEnd => b">>",
            Self::StartXref => b"startxref",
            Self::Encrypt => b"/Encrypt",
        }
    }
}

/// The bytes of a file, and the ranges that may contain keywords.
pub(super) struct KeywordIndex<'b> {
    bytes: &'b [u8],
    /// Ranges that may contain the start of a keyword: ascending, disjoint, not adjacent.
    ranges: Vec<Range<usize>>,
}

impl<'b> KeywordIndex<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for start in blocks_with_keywords(bytes) {
            let end = bytes.len().min(start + BLOCK);
            match ranges.last_mut() {
                Some(range) if range.end == start => range.end = end,
                _ => ranges.push(start..end),
            }
        }
        Self { bytes, ranges }
    }

    /// Returns the whole file.
    pub(super) fn bytes(&self) -> &'b [u8] {
        self.bytes
    }

    /// Returns the offsets of a keyword in the file, ascending.
    pub(super) fn offsets(&self, keyword: Keyword) -> Offsets<'_> {
        Offsets {
            bytes: self.bytes,
            finder: Finder::new(keyword.bytes()),
            range: 0..0,
            remaining: self.ranges.iter(),
        }
    }
}

/// Iterates over the offsets of one keyword.
pub(super) struct Offsets<'m> {
    bytes: &'m [u8],
    finder: Finder<'static>,
    /// The unsearched part of the current range.
    range: Range<usize>,
    remaining: slice::Iter<'m, Range<usize>>,
}

impl Iterator for Offsets<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        loop {
            let len = self.finder.needle().len();
            // A keyword that begins in the range may end after it.
            let end = self.bytes.len().min(self.range.end + len - 1);
            let unsearched = self.bytes.get(self.range.start..end).unwrap_or_default();
            if let Some(found) = self.finder.find(unsearched) {
                let offset = self.range.start + found;
                self.range.start = offset + len;
                return Some(offset);
            }
            self.range = self.remaining.next()?.clone();
        }
    }
}

/// Returns the start offsets of the blocks that may contain the start of a keyword.
fn blocks_with_keywords(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let blocks = prefetch::pieces(bytes).flat_map(|piece| piece.chunks(BLOCK));
    let starts = (0..).step_by(BLOCK);
    let found = starts.zip(blocks).filter(move |(start, block)| {
        let next = bytes.get(start + 1..).and_then(<[u8]>::first_chunk);
        // The last block may be shorter than the comparison needs, so it is always searched.
        next.zip(block.first_chunk())
            .is_none_or(|(next, block)| may_hold_keyword(block, next))
    });
    found.map(|(start, _)| start)
}

/// Returns whether a keyword may begin in a block; `next` is the block that begins one byte later.
///
/// Compares pairs of bytes. Without branches, the compiler compares [`LANES`] pairs at once.
fn may_hold_keyword(block: &[u8; BLOCK], next: &[u8; BLOCK]) -> bool {
    let mut found = [0_u8; LANES];
    let blocks = block.as_chunks::<LANES>().0;
    for (bytes, nexts) in blocks.iter().zip(next.as_chunks::<LANES>().0) {
        for ((found, byte), next) in found.iter_mut().zip(bytes).zip(nexts) {
            let is = |pair: &[u8; 2]| u8::from(*byte == pair[0]) & u8::from(*next == pair[1]);
            // `<<` or `>>`: the two characters differ in one bit only.
            let doubled = u8::from(byte == next) & u8::from(*byte | (b'<' ^ b'>') == b'>');
            *found |= is(b" o") | is(b"st") | is(b"/E") | doubled;
        }
    }
    found != [0; LANES]
}

#[cfg(test)]
mod tests {
    use super::*;
    use memchr::memmem;
    use proptest::prelude::*;

    const ALL: [Keyword; 6] = [
        Keyword::Obj,
        Keyword::Stream,
        Keyword::DictionaryStart,
        Keyword::DictionaryEnd,
        Keyword::StartXref,
        Keyword::Encrypt,
    ];

    /// Keywords and prefixes of keywords, with filler between them.
    fn files() -> impl Strategy<Value = Vec<u8>> {
        let keyword = prop::sample::select(ALL.to_vec()).prop_map(|word| word.bytes().to_vec());
        let prefix = (keyword.clone(), 1..9_usize)
            .prop_map(|(word, len)| word.into_iter().take(len).collect::<Vec<_>>());
        let filler = (0..2 * BLOCK).prop_map(|len| vec![0xA5; len]);
        let part = prop_oneof![keyword, prefix, filler];
        prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn keywords_are_found_across_block_boundaries(bytes in files()) {
            let keywords = KeywordIndex::new(&bytes);
            for keyword in ALL {
                let found: Vec<_> = keywords.offsets(keyword).collect();
                let all: Vec<_> = memmem::find_iter(&bytes, keyword.bytes()).collect();
                prop_assert_eq!(found, all, "{:?}", keyword);
            }
        }
    }

    #[test]
    fn blocks_without_keywords_are_skipped() {
        let mut bytes = vec![b'x'; 10 * BLOCK];
        bytes.splice(3 * BLOCK + 7..3 * BLOCK + 9, *b">>");
        assert_eq!(
            KeywordIndex::new(&bytes).ranges,
            [3 * BLOCK..4 * BLOCK, 9 * BLOCK..10 * BLOCK]
        );
    }
}
