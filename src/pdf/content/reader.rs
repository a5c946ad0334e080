//! The bytes of a page's content streams, joined, inflated only as far as they are read.

use crate::pdf::filter::{self, Encoded, Undecodable};
use crate::pdf::inflate::{Inflate, Progress};
use crate::pdf::limits::{Budget, LimitHit};
use crate::pdf::repair::Damage;
use hayro_syntax::object::Stream;
use std::borrow::Cow;
use std::collections::VecDeque;

const LARGEST_PIECE: usize = 256 << 10;
/// Bytes already read that may wait in the buffer before it is moved up.
const SLACK: usize = 64 << 10;

/// Buffers that are used again for the next page or form.
#[derive(Debug, Default)]
pub(in crate::pdf) struct Buffers {
    bytes: Vec<u8>,
    inflate: Inflate,
}

/// Reads the streams of one page, or the one of a form, as a single run of bytes.
pub(super) struct ContentReader<'s> {
    waiting: VecDeque<Stream<'s>>,
    current: Option<Part<'s>>,
    buffers: Buffers,
    piece: usize,
    stream_bytes: usize,
    /// Whether a stream could not be read, or not to its end.
    pub(super) damaged: bool,
}

enum Part<'s> {
    Plain { data: Cow<'s, [u8]>, taken: usize },
    Flate(Cow<'s, [u8]>),
}

impl<'s> ContentReader<'s> {
    /// Inflates `piece` bytes at first, and then ever larger pieces.
    pub(super) fn new(
        streams: impl IntoIterator<Item = Stream<'s>>,
        mut buffers: Buffers,
        piece: usize,
    ) -> Self {
        buffers.bytes.clear();
        Self {
            waiting: streams.into_iter().collect(),
            current: None,
            buffers,
            piece,
            stream_bytes: 0,
            damaged: false,
        }
    }

    /// Everything inflated and not yet discarded.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffers.bytes
    }

    /// Whether everything is in [`ContentReader::bytes`] by now.
    pub(super) fn is_exhausted(&self) -> bool {
        self.current.is_none() && self.waiting.is_empty()
    }

    pub(super) fn into_buffers(self) -> Buffers {
        self.buffers
    }

    /// Drops what was read, once it is worth it, and returns how far everything moved up.
    pub(super) fn discard(&mut self, read: usize) -> usize {
        if read < SLACK {
            return 0;
        }
        self.buffers.bytes.drain(..read);
        read
    }

    /// Appends another piece; `false` once there is nothing more.
    pub(super) fn fill(&mut self, budget: &mut Budget<'_>) -> Result<bool, LimitHit> {
        loop {
            if self.current.is_none() && !self.open_next(budget)? {
                return Ok(false);
            }
            let before = self.buffers.bytes.len();
            let more = self.read_piece();
            let grown = self.buffers.bytes.len() - before;
            self.stream_bytes += grown;
            budget.spend_inflated(grown)?;
            budget.check_time()?;
            // A token that never ends keeps everything in the buffer, over all streams.
            let held = self.stream_bytes.max(self.buffers.bytes.len());
            if held > budget.limits().stream_bytes {
                return Err(LimitHit::StreamBytes(budget.limits().stream_bytes));
            }
            if !more {
                self.current = None;
                // Tokens never run over from one stream to the next (ISO 32000-2, 7.8.2).
                self.buffers.bytes.push(b'\n');
                return Ok(true);
            }
            if grown > 0 {
                return Ok(true);
            }
        }
    }

    fn open_next(&mut self, budget: &mut Budget<'_>) -> Result<bool, LimitHit> {
        while let Some(stream) = self.waiting.pop_front() {
            let part = match filter::open(&stream, budget) {
                Ok(Encoded::Plain(data)) => Part::Plain { data, taken: 0 },
                Ok(Encoded::Flate(packed)) => {
                    self.buffers.inflate.restart();
                    Part::Flate(packed)
                }
                Err(Undecodable::Limit(hit)) => return Err(hit),
                Err(Undecodable::Damaged) => {
                    budget.check_time()?;
                    budget.notice(Damage::Content);
                    self.damaged = true;
                    continue;
                }
            };
            self.stream_bytes = 0;
            self.current = Some(part);
            return Ok(true);
        }
        Ok(false)
    }

    /// Whether the current stream may have more.
    fn read_piece(&mut self) -> bool {
        let want = self.piece;
        self.piece = (want * 2).min(LARGEST_PIECE);
        match &mut self.current {
            None => false,
            Some(Part::Plain { data, taken }) => {
                let rest = data.get(*taken..).unwrap_or_default();
                let piece = rest.get(..want).unwrap_or(rest);
                self.buffers.bytes.extend_from_slice(piece);
                *taken += piece.len();
                piece.len() < rest.len()
            }
            Some(Part::Flate(packed)) => {
                let Buffers { bytes, inflate } = &mut self.buffers;
                match inflate.read(packed, bytes, want) {
                    Progress::More => true,
                    Progress::End => false,
                    Progress::Damaged => {
                        self.damaged = true;
                        false
                    }
                }
            }
        }
    }
}
