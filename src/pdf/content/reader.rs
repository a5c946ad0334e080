//! Joins the content streams of a page and inflates them incrementally, as the lexer needs bytes.

use crate::pdf::damage::Damage;
use crate::pdf::filter::{self, DecodeError, Encoded};
use crate::pdf::inflate::{Inflate, InflateStatus};
use crate::pdf::limits::{Budget, LimitHit};
use hayro_syntax::object::Stream;
use std::borrow::Cow;
use std::collections::VecDeque;

/// Size up to which chunks grow.
const MAX_CHUNK_BYTES: usize = 256 << 10;
/// Consumed bytes from which the buffer is compacted.
///
/// Compacting moves all remaining bytes, which is too expensive to do after every operator.
const COMPACT_BYTES: usize = 64 << 10;

/// Buffers that are reused for the next page or form.
#[derive(Debug, Default)]
pub(in crate::pdf) struct Buffers {
    bytes: Vec<u8>,
    inflate: Inflate,
}

/// Reads the streams of a page, or the stream of a form, as one byte sequence.
pub(super) struct ContentReader<'s> {
    pending: VecDeque<Stream<'s>>,
    current: Option<OpenStream<'s>>,
    buffers: Buffers,
    /// Size of the next chunk.
    chunk_bytes: usize,
    /// Bytes read from the current stream.
    stream_bytes: usize,
    /// Whether the current stream ended early.
    is_cut: bool,
    /// Whether a stream could not be read completely.
    pub(super) is_damaged: bool,
}

enum OpenStream<'s> {
    Plain {
        data: Cow<'s, [u8]>,
        consumed: usize,
    },
    Flate(Cow<'s, [u8]>),
}

impl<'s> ContentReader<'s> {
    /// Creates a reader with an initial chunk size, which doubles up to [`MAX_CHUNK_BYTES`].
    pub(super) fn new(
        streams: impl IntoIterator<Item = Stream<'s>>,
        mut buffers: Buffers,
        chunk_bytes: usize,
    ) -> Self {
        buffers.bytes.clear();
        Self {
            pending: streams.into_iter().collect(),
            current: None,
            buffers,
            chunk_bytes,
            stream_bytes: 0,
            is_cut: false,
            is_damaged: false,
        }
    }

    /// Returns all bytes that are inflated and not yet discarded.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffers.bytes
    }

    /// Whether all streams have been read into the buffer.
    pub(super) fn is_exhausted(&self) -> bool {
        self.current.is_none() && self.pending.is_empty()
    }

    pub(super) fn into_buffers(self) -> Buffers {
        self.buffers
    }

    /// Removes `consumed` bytes if compacting pays; returns the number of bytes removed.
    pub(super) fn discard(&mut self, consumed: usize) -> usize {
        if consumed < COMPACT_BYTES {
            return 0;
        }
        self.buffers.bytes.drain(..consumed);
        consumed
    }

    /// Appends a chunk; returns `false` if there are no more bytes.
    pub(super) fn fill(&mut self, budget: &mut Budget<'_>) -> Result<bool, LimitHit> {
        loop {
            if self.current.is_none() && !self.open_next(budget)? {
                return Ok(false);
            }
            let len_before = self.buffers.bytes.len();
            let has_more = self.read_chunk();
            if self.is_cut {
                self.is_cut = false;
                self.is_damaged = true;
                budget.record_damage(Damage::PageContent);
            }
            let grown = self.buffers.bytes.len() - len_before;
            self.stream_bytes += grown;
            budget.spend_inflated(grown)?;
            budget.check_time()?;
            // An unterminated token keeps the bytes of all streams in the buffer.
            let retained = self.stream_bytes.max(self.buffers.bytes.len());
            if retained > budget.limits().stream_bytes {
                return Err(LimitHit::StreamBytes(budget.limits().stream_bytes));
            }
            if !has_more {
                self.current = None;
                // A token never spans two streams (ISO 32000-2, 7.8.2).
                self.buffers.bytes.push(b'\n');
                return Ok(true);
            }
            if grown > 0 {
                return Ok(true);
            }
        }
    }

    fn open_next(&mut self, budget: &mut Budget<'_>) -> Result<bool, LimitHit> {
        while let Some(stream) = self.pending.pop_front() {
            let opened = match filter::open(&stream, budget) {
                Ok(Encoded::Plain { data, is_cut }) => {
                    self.is_cut = is_cut;
                    OpenStream::Plain { data, consumed: 0 }
                }
                Ok(Encoded::Flate(compressed)) => {
                    self.buffers.inflate.restart();
                    OpenStream::Flate(compressed)
                }
                Err(DecodeError::Limit(hit)) => return Err(hit),
                // Continue with the next stream: its content is still shown.
                Err(DecodeError::Damaged) => {
                    budget.check_time()?;
                    budget.record_damage(Damage::PageContent);
                    self.is_damaged = true;
                    continue;
                }
            };
            self.stream_bytes = 0;
            self.current = Some(opened);
            return Ok(true);
        }
        Ok(false)
    }

    /// Reads a chunk; returns whether the current stream may have more bytes.
    fn read_chunk(&mut self) -> bool {
        let requested = self.chunk_bytes;
        self.chunk_bytes = (requested * 2).min(MAX_CHUNK_BYTES);
        match &mut self.current {
            None => false,
            Some(OpenStream::Plain { data, consumed }) => {
                let rest = data.get(*consumed..).unwrap_or_default();
                let chunk = rest.get(..requested).unwrap_or(rest);
                self.buffers.bytes.extend_from_slice(chunk);
                *consumed += chunk.len();
                chunk.len() < rest.len()
            }
            Some(OpenStream::Flate(compressed)) => {
                let Buffers { bytes, inflate } = &mut self.buffers;
                match inflate.read(compressed, bytes, requested) {
                    InflateStatus::More => true,
                    InflateStatus::End => false,
                    // Bytes that were inflated before the damage are kept.
                    InflateStatus::Damaged | InflateStatus::Cut => {
                        self.is_cut = true;
                        false
                    }
                }
            }
        }
    }
}
