//! Encodes a bitmap as a JBIG2 stream for embedding in a PDF (ISO/IEC 14492).
//!
//! The stream has page information and one immediate generic region, arithmetically coded with
//! template 0. MMR coding would need less code, but decoders interpret it differently.

/// A state of the probability estimator (table E.1).
///
/// The fields are the estimate, the next state after the likely and after the unlikely symbol, and
/// whether the unlikely symbol swaps the two.
type State = (u32, u8, u8, bool);

const STATES: [State; 47] = [
    (0x5601, 1, 1, true),
    (0x3401, 2, 6, false),
    (0x1801, 3, 9, false),
    (0x0AC1, 4, 12, false),
    (0x0521, 5, 29, false),
    (0x0221, 38, 33, false),
    (0x5601, 7, 6, true),
    (0x5401, 8, 14, false),
    (0x4801, 9, 14, false),
    (0x3801, 10, 14, false),
    (0x3001, 11, 17, false),
    (0x2401, 12, 18, false),
    (0x1C01, 13, 20, false),
    (0x1601, 29, 21, false),
    (0x5601, 15, 14, true),
    (0x5401, 16, 14, false),
    (0x5101, 17, 15, false),
    (0x4801, 18, 16, false),
    (0x3801, 19, 17, false),
    (0x3401, 20, 18, false),
    (0x3001, 21, 19, false),
    (0x2801, 22, 19, false),
    (0x2401, 23, 20, false),
    (0x2201, 24, 21, false),
    (0x1C01, 25, 22, false),
    (0x1801, 26, 23, false),
    (0x1601, 27, 24, false),
    (0x1401, 28, 25, false),
    (0x1201, 29, 26, false),
    (0x1101, 30, 27, false),
    (0x0AC1, 31, 28, false),
    (0x09C1, 32, 29, false),
    (0x08A1, 33, 30, false),
    (0x0521, 34, 31, false),
    (0x0441, 35, 32, false),
    (0x02A1, 36, 33, false),
    (0x0221, 37, 34, false),
    (0x0141, 38, 35, false),
    (0x0111, 39, 36, false),
    (0x0085, 40, 37, false),
    (0x0049, 41, 38, false),
    (0x0025, 42, 39, false),
    (0x0015, 43, 40, false),
    (0x0009, 44, 41, false),
    (0x0005, 45, 42, false),
    (0x0001, 45, 43, false),
    (0x5601, 46, 46, false),
];

/// The neighbours that predict a pixel in template 0, with the adaptive ones at their defaults.
const NEIGHBOURS: [(isize, isize); 16] = [
    (-2, -2),
    (-1, -2),
    (0, -2),
    (1, -2),
    (2, -2),
    (-3, -1),
    (-2, -1),
    (-1, -1),
    (0, -1),
    (1, -1),
    (2, -1),
    (3, -1),
    (-4, 0),
    (-3, 0),
    (-2, 0),
    (-1, 0),
];

/// The positions of the four adaptive neighbours, as stored in the region header.
const ADAPTIVE: [u8; 8] = [3, 0xFF, 0xFD, 0xFF, 2, 0xFE, 0xFE, 0xFE];

/// Encodes rows of `width` pixels; `true` is black.
pub fn stream(ink: &[bool], width: usize) -> Vec<u8> {
    let height = ink.len() / width;
    let word = |value: usize| u32::try_from(value).expect("a page is small").to_be_bytes();
    let size = [word(width), word(height)].concat();
    let page = [&size[..], &[0; 8], &[0; 3]].concat();
    let region = [
        &size[..],
        &[0; 8],
        &[0],
        &[0],
        &ADAPTIVE,
        &region(ink, width),
    ]
    .concat();
    let mut stream = Vec::new();
    for (number, kind, body) in [(0, 48, page), (1, 38, region)] {
        stream.extend(word(number));
        stream.extend([kind, 0, 1]);
        stream.extend(word(body.len()));
        stream.extend(body);
    }
    stream
}

fn region(ink: &[bool], width: usize) -> Vec<u8> {
    let mut coder = Coder::new();
    let pixel = |column: Option<usize>, row: Option<usize>| match (column, row) {
        (Some(column), Some(row)) if column < width => ink[row * width + column],
        _ => false,
    };
    for (row, pixels) in ink.chunks(width).enumerate() {
        for (column, &black) in pixels.iter().enumerate() {
            let context = NEIGHBOURS.iter().fold(0, |context, &(right, down)| {
                let is_black = pixel(
                    column.checked_add_signed(right),
                    row.checked_add_signed(down),
                );
                context << 1 | usize::from(is_black)
            });
            coder.encode(context, black);
        }
    }
    coder.finish()
}

/// The arithmetic encoder (annex E.2). Comments give the register names of the standard.
struct Coder {
    /// The index in [`STATES`] and the likely symbol of each context.
    contexts: Vec<(u8, bool)>,
    /// A.
    interval: u32,
    /// C.
    code: u32,
    /// CT: the number of shifts until a byte is complete.
    shifts: u32,
    /// The output. The first byte only absorbs a carry and is removed at the end.
    bytes: Vec<u8>,
}

impl Coder {
    fn new() -> Self {
        let contexts = vec![(0, false); 1 << NEIGHBOURS.len()];
        Self {
            contexts,
            interval: 0x8000,
            code: 0,
            shifts: 12,
            bytes: vec![0],
        }
    }

    fn encode(&mut self, context: usize, symbol: bool) {
        let (state, likely) = self.contexts[context];
        let (estimate, after_likely, after_unlikely, swaps) = STATES[usize::from(state)];
        self.interval -= estimate;
        if symbol == likely {
            if self.interval & 0x8000 != 0 {
                self.code += estimate;
                return;
            }
            self.contexts[context] = (after_likely, likely);
        } else {
            self.contexts[context] = (after_unlikely, likely ^ swaps);
        }
        // The likely symbol always gets the larger part of the interval.
        if (symbol == likely) == (self.interval < estimate) {
            self.interval = estimate;
        } else {
            self.code += estimate;
        }
        while self.interval & 0x8000 == 0 {
            self.interval <<= 1;
            self.code <<= 1;
            self.shifts -= 1;
            if self.shifts == 0 {
                self.put_byte();
            }
        }
    }

    fn put_byte(&mut self) {
        let last = self.bytes.last_mut().expect("there is a first byte");
        if *last != 0xFF && self.code >= 0x800_0000 {
            *last += 1;
            self.code &= 0x7FF_FFFF;
        }
        // After 0xFF, the next byte leaves a bit free for a carry.
        let (kept, shifts) = if *last == 0xFF { (20, 7) } else { (19, 8) };
        self.bytes
            .push(u8::try_from(self.code >> kept).expect("the carry was taken"));
        self.code &= (1 << kept) - 1;
        self.shifts = shifts;
    }

    fn finish(mut self) -> Vec<u8> {
        let top = self.code + self.interval;
        self.code |= 0xFFFF;
        if self.code >= top {
            self.code -= 0x8000;
        }
        for _ in 0..2 {
            self.code <<= self.shifts;
            self.put_byte();
        }
        if self.bytes.last() != Some(&0xFF) {
            self.bytes.push(0xFF);
        }
        self.bytes.push(0xAC);
        self.bytes.remove(0);
        self.bytes
    }
}
