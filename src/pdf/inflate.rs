//! Inflates a stream in pieces, so that its reader can stop early.
//!
//! Unlike the engines' own decoders, this one never produces more than requested. It is as tolerant
//! as viewers are: it skips a broken zlib header, and keeps the data before damage.

use flate2::{Decompress, FlushDecompress, Status};
use std::cell::RefCell;

/// Bytes per call to the decoder. The output buffer is zeroed first, so larger steps would waste
/// time on streams that are shorter than requested.
const STEP: usize = 16 << 10;

/// The result of a call to [`Inflate::read`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InflateStatus {
    /// The requested bytes were produced, and there may be more.
    More,
    /// The stream has ended.
    End,
    /// The input is used up before the end of the stream.
    Cut,
    /// The data is damaged at this point; everything before it is valid.
    Damaged,
}

/// Decoder states that a thread keeps for reuse: as many as one file uses at a time.
const MAX_SPARE: usize = 4;

thread_local! {
    /// Creating a state zeroes tens of kilobytes, which takes as long as reading a page.
    static SPARE: RefCell<Vec<Decompress>> = const { RefCell::new(Vec::new()) };
}

/// Inflates one stream at a time. [`Inflate::restart`] prepares for the next stream.
#[derive(Debug, Default)]
pub(super) struct Inflate {
    /// Created on demand: many instances never inflate anything.
    zlib: Option<Decompress>,
    /// Replaces `zlib` if the zlib header is broken.
    raw: Option<Decompress>,
    use_raw: bool,
    consumed: usize,
    produced: bool,
}

impl Inflate {
    /// Discards the current stream and prepares for the next one.
    pub(super) fn restart(&mut self) {
        if let Some(zlib) = &mut self.zlib {
            zlib.reset(true);
        }
        self.use_raw = false;
        self.consumed = 0;
        self.produced = false;
    }

    /// Appends up to `max` inflated bytes to `out`.
    ///
    /// Every call takes the whole stream as `input`; the position in it is kept between calls.
    pub(super) fn read(&mut self, input: &[u8], out: &mut Vec<u8>, max: usize) -> InflateStatus {
        let target = out.len() + max;
        while out.len() < target {
            let rest = input.get(self.consumed..).unwrap_or_default();
            let before_out = out.len();
            let spare = (target - before_out).min(STEP);
            let step = self.step(rest, out, spare);
            let grew = out.len() > before_out;
            self.produced |= grew;
            match step {
                Ok((Status::StreamEnd, _)) => return InflateStatus::End,
                Ok((_, used)) if used == 0 && !grew => {
                    return Self::unless_complete(input, InflateStatus::Cut);
                }
                Ok(_) => {}
                Err(()) if self.produced || self.use_raw => {
                    return Self::unless_complete(input, InflateStatus::Damaged);
                }
                Err(()) => self.skip_header(),
            }
        }
        InflateStatus::More
    }

    fn step(
        &mut self,
        rest: &[u8],
        out: &mut Vec<u8>,
        spare: usize,
    ) -> Result<(Status, usize), ()> {
        let state = match (&mut self.raw, self.use_raw) {
            (Some(raw), true) => raw,
            _ => self.zlib.get_or_insert_with(spare_state),
        };
        let start = out.len();
        let (before_in, before_out) = (state.total_in(), state.total_out());
        // `decompress_vec` would use all spare capacity; the caller's bound is exact instead.
        out.resize(start + spare, 0);
        let window = out.get_mut(start..).unwrap_or_default();
        let status = state.decompress(rest, window, FlushDecompress::None);
        let used = (state.total_in() - before_in) as usize;
        out.truncate(start + (state.total_out() - before_out) as usize);
        self.consumed += used;
        status.map(|status| (status, used)).map_err(|_damage| ())
    }

    /// Returns a status, or the end if only the checksum behind the data is missing or wrong.
    ///
    /// Viewers ignore the checksum.
    fn unless_complete(input: &[u8], status: InflateStatus) -> InflateStatus {
        // Some writers declare a filter for an empty stream.
        let Some(deflated) = input.get(2..).filter(|deflated| !deflated.is_empty()) else {
            return InflateStatus::End;
        };
        let mut raw = Decompress::new(false);
        let mut discarded = vec![0; STEP];
        loop {
            let rest = deflated.get(raw.total_in() as usize..).unwrap_or_default();
            let before = raw.total_in() + raw.total_out();
            match raw.decompress(rest, &mut discarded, FlushDecompress::None) {
                Ok(Status::StreamEnd) => return InflateStatus::End,
                Ok(_) if raw.total_in() + raw.total_out() > before => {}
                _ => return status,
            }
        }
    }

    /// Restarts after the two bytes of the zlib header and reads raw deflate data.
    fn skip_header(&mut self) {
        self.raw
            .get_or_insert_with(|| Decompress::new(false))
            .reset(false);
        self.use_raw = true;
        self.consumed = 2;
    }
}

impl Drop for Inflate {
    fn drop(&mut self) {
        let Some(zlib) = self.zlib.take() else { return };
        // Fails while the thread ends; the state is then dropped.
        let _unavailable = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < MAX_SPARE {
                spare.push(zlib);
            }
        });
    }
}

/// Returns a decoder state for the start of a stream with a zlib header.
fn spare_state() -> Decompress {
    let spare = SPARE.try_with(|spare| spare.borrow_mut().pop());
    let Some(mut state) = spare.ok().flatten() else {
        return Decompress::new(true);
    };
    state.reset(true);
    state
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::ZlibEncoder};
    use std::io::Write;

    fn deflate(data: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_bomb_produces_no_more_than_requested() {
        let bomb = deflate(&vec![0; 8 << 20]);
        let mut inflate = Inflate::default();
        let mut out = Vec::new();
        assert_eq!(inflate.read(&bomb, &mut out, 100), InflateStatus::More);
        assert_eq!(out.len(), 100);
    }

    #[test]
    fn pieces_join_to_the_whole_stream() {
        let data: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
        let packed = deflate(&data);
        let mut inflate = Inflate::default();
        let mut out = Vec::new();
        while inflate.read(&packed, &mut out, 1000) == InflateStatus::More {}
        assert!(out == data);
    }

    #[test]
    fn a_reused_state_starts_at_the_next_stream() {
        let data: Vec<u8> = (0..10_000u32).flat_map(u32::to_le_bytes).collect();
        let packed = deflate(&data);
        let mut out = Vec::new();
        assert_eq!(
            Inflate::default().read(&packed, &mut out, 100),
            InflateStatus::More
        );
        out.clear();
        assert_eq!(
            Inflate::default().read(&packed, &mut out, 1 << 20),
            InflateStatus::End
        );
        assert!(out == data);
    }

    #[test]
    fn a_broken_header_is_skipped_and_data_before_damage_is_kept() {
        let mut packed = deflate(b"BT (opening balance) Tj ET");
        packed[0] = 0;
        let mut inflate = Inflate::default();
        let mut out = Vec::new();
        assert_eq!(inflate.read(&packed, &mut out, 1000), InflateStatus::End);
        assert_eq!(out, b"BT (opening balance) Tj ET");

        inflate.restart();
        out.clear();
        let data: Vec<u8> = (0..20_000u32).flat_map(u32::to_le_bytes).collect();
        let mut packed = deflate(&data);
        let middle = packed.len() / 2;
        packed[middle..middle + 64].fill(0xFF);
        assert_eq!(
            inflate.read(&packed, &mut out, 1 << 20),
            InflateStatus::Damaged
        );
        assert!(out.len() > 1000 && data.starts_with(&out[..1000]));
    }

    #[test]
    fn data_that_is_cut_short_differs_from_data_without_a_checksum() {
        let data: Vec<u8> = (0..20_000u32).flat_map(u32::to_le_bytes).collect();
        let packed = deflate(&data);
        let check = |input: &[u8], expected| {
            let mut out = Vec::new();
            let status = Inflate::default().read(input, &mut out, 1 << 20);
            assert_eq!(status, expected, "{} bytes", input.len());
            assert!(data.starts_with(&out));
        };
        check(&packed, InflateStatus::End);
        for missing in 1..=4 {
            check(&packed[..packed.len() - missing], InflateStatus::End);
        }
        for length in [3, 30, packed.len() / 2, packed.len() - 5] {
            check(&packed[..length], InflateStatus::Cut);
        }
        check(b"", InflateStatus::End);
        let mut wrong = packed.clone();
        *wrong.last_mut().unwrap() ^= 1;
        check(&wrong, InflateStatus::End);
    }
}
