//! Inflates a stream a piece at a time, so that its reader can stop early.
//!
//! Unlike the engines' own decoders, this one never produces more than it is asked for.
//! It is as forgiving as viewers are: a broken zlib header is skipped, and what came out before
//! damage is kept.

use flate2::{Decompress, FlushDecompress, Status};
use std::cell::RefCell;

/// Bytes that one step may give. Room for them is zeroed first, so more would cost those who ask
/// for far more than the stream holds.
const STEP: usize = 16 << 10;

/// How a call to [`Inflate::read`] ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// As much as was asked for came out, and there may be more.
    More,
    /// The stream is finished, or its input is used up.
    End,
    /// The data is damaged here; what came out before is good.
    Damaged,
}

/// States that a thread keeps for the streams to come: as many as a file needs at a time.
const MOST_SPARE: usize = 4;

thread_local! {
    /// A state is tens of kilobytes, which are zeroed when it is made: as much work as a page.
    static SPARE: RefCell<Vec<Decompress>> = const { RefCell::new(Vec::new()) };
}

/// One inflating stream. Its state is reused for many streams: see [`Inflate::restart`].
#[derive(Debug, Default)]
pub(super) struct Inflate {
    /// Taken on demand, as most files have nothing for some of them.
    zlib: Option<Decompress>,
    /// Used instead where the zlib header is broken.
    raw: Option<Decompress>,
    use_raw: bool,
    consumed: usize,
    produced: bool,
}

impl Inflate {
    /// Forgets the stream so far and gets ready for another.
    pub(super) fn restart(&mut self) {
        if let Some(zlib) = &mut self.zlib {
            zlib.reset(true);
        }
        self.use_raw = false;
        self.consumed = 0;
        self.produced = false;
    }

    /// Appends up to `want` bytes of the inflated form of `input` to `out`.
    ///
    /// `input` is the whole stream at every call; how much of it was used is remembered.
    pub(super) fn read(&mut self, input: &[u8], out: &mut Vec<u8>, want: usize) -> Progress {
        let target = out.len() + want;
        while out.len() < target {
            let rest = input.get(self.consumed..).unwrap_or_default();
            let before_out = out.len();
            let spare = (target - before_out).min(STEP);
            let step = self.step(rest, out, spare);
            let grew = out.len() > before_out;
            self.produced |= grew;
            match step {
                Ok((Status::StreamEnd, _)) => return Progress::End,
                Ok((_, used)) if used == 0 && !grew => return Progress::End,
                Ok(_) => {}
                Err(()) if self.produced || self.use_raw => return Progress::Damaged,
                Err(()) => self.skip_header(),
            }
        }
        Progress::More
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

    /// Goes on behind the two bytes of the zlib header, as raw deflate data.
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
        // A thread that ends has no use for it.
        let _gone = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < MOST_SPARE {
                spare.push(zlib);
            }
        });
    }
}

/// A state for a stream with a zlib header, at its beginning.
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
    fn a_bomb_costs_no_more_than_was_asked_for() {
        let bomb = deflate(&vec![0; 8 << 20]);
        let mut inflate = Inflate::default();
        let mut out = Vec::new();
        assert_eq!(inflate.read(&bomb, &mut out, 100), Progress::More);
        assert_eq!(out.len(), 100);
    }

    #[test]
    fn pieces_add_up_to_the_whole() {
        let data: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
        let packed = deflate(&data);
        let mut inflate = Inflate::default();
        let mut out = Vec::new();
        while inflate.read(&packed, &mut out, 1000) == Progress::More {}
        assert!(out == data);
    }

    #[test]
    fn a_state_left_in_the_middle_of_a_stream_begins_anew_with_the_next() {
        let data: Vec<u8> = (0..10_000u32).flat_map(u32::to_le_bytes).collect();
        let packed = deflate(&data);
        let mut out = Vec::new();
        assert_eq!(
            Inflate::default().read(&packed, &mut out, 100),
            Progress::More
        );
        out.clear();
        assert_eq!(
            Inflate::default().read(&packed, &mut out, 1 << 20),
            Progress::End
        );
        assert!(out == data);
    }

    #[test]
    fn a_broken_header_is_skipped_and_damage_keeps_what_came_before() {
        let mut packed = deflate(b"BT (opening balance) Tj ET");
        packed[0] = 0;
        let mut inflate = Inflate::default();
        let mut out = Vec::new();
        assert_eq!(inflate.read(&packed, &mut out, 1000), Progress::End);
        assert_eq!(out, b"BT (opening balance) Tj ET");

        inflate.restart();
        out.clear();
        let data: Vec<u8> = (0..20_000u32).flat_map(u32::to_le_bytes).collect();
        let mut packed = deflate(&data);
        let middle = packed.len() / 2;
        packed[middle..middle + 64].fill(0xFF);
        assert_eq!(inflate.read(&packed, &mut out, 1 << 20), Progress::Damaged);
        assert!(out.len() > 1000 && data.starts_with(&out[..1000]));
    }
}
