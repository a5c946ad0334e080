//! Builds a minimal TrueType font file with the letter shapes of `glyphs`.
//!
//! The font has no `cmap` and no glyph names. Only the order of the characters gives the meaning of
//! a glyph.

use super::glyphs::{ADVANCE, CELL, strokes};

const HEIGHT: i16 = 700;

/// Builds the font. The first character becomes glyph 1; glyph 0 is the "missing glyph".
pub fn font_file(characters: &[char]) -> Vec<u8> {
    let mut outlines = Vec::new();
    let mut locations = vec![0, 0];
    for &character in characters {
        outlines.extend(outline(character));
        locations.push(u32::try_from(outlines.len()).expect("a small font"));
    }
    let count = u16::try_from(characters.len() + 1).expect("few glyphs");
    let advance = u16::try_from(ADVANCE).expect("a small number");

    let head = words(&[
        0x0001,
        0x0000,
        0x0001,
        0x0000,
        0,
        0,
        0x5F0F,
        0x3CF5,
        0x000B,
        1000,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        500,
        HEIGHT.unsigned_abs(),
        0,
        8,
        2,
        1,
        0,
    ]);
    let hhea = words(&[
        1,
        0,
        HEIGHT.unsigned_abs(),
        0xFF38,
        0,
        advance,
        0,
        0,
        500,
        1,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        count,
    ]);
    let maxp = words(&[1, 0, count, 100, 25, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]);
    let hmtx = words(&[advance, 0].repeat(usize::from(count)));
    let loca: Vec<u8> = locations
        .iter()
        .flat_map(|offset| offset.to_be_bytes())
        .collect();
    assemble(&[
        (b"glyf", outlines),
        (b"head", head),
        (b"hhea", hhea),
        (b"hmtx", hmtx),
        (b"loca", loca),
        (b"maxp", maxp),
    ])
}

/// Returns a simple glyph: one clockwise rectangle for each stroke.
fn outline(character: char) -> Vec<u8> {
    let rectangles = strokes(character);
    let Some(last) = u16::try_from(rectangles.len() * 4)
        .expect("few points")
        .checked_sub(1)
    else {
        return Vec::new();
    };
    let mut glyph = words(&[last.div_ceil(4), 0, 0, 500, HEIGHT.unsigned_abs()]);
    glyph.extend(words(
        &(0..=last)
            .filter(|point| point % 4 == 3)
            .collect::<Vec<_>>(),
    ));
    glyph.extend([0, 0]);
    glyph.extend(vec![1; usize::from(last) + 1]);
    let mut x_deltas = Vec::new();
    let mut y_deltas = Vec::new();
    let (mut x, mut y) = (0, 0);
    for stroke in &rectangles {
        let (left, bottom) = (stroke.column * CELL, stroke.bottom * CELL);
        let (right, top) = (left + CELL, bottom + stroke.height * CELL);
        for (to_x, to_y) in [(left, bottom), (left, top), (right, top), (right, bottom)] {
            x_deltas.push(i16::try_from(to_x - x).expect("within the em"));
            y_deltas.push(i16::try_from(to_y - y).expect("within the em"));
            (x, y) = (to_x, to_y);
        }
    }
    glyph.extend(
        x_deltas
            .iter()
            .chain(&y_deltas)
            .flat_map(|delta| delta.to_be_bytes()),
    );
    glyph.resize(glyph.len().next_multiple_of(4), 0);
    glyph
}

/// Assembles the font file from its tables.
fn assemble(tables: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let count = u16::try_from(tables.len()).expect("few tables");
    let mut font = words(&[0x0001, 0x0000, count, 64, 2, count * 16 - 64]);
    let mut body = Vec::new();
    let body_offset = font.len() + tables.len() * 16;
    for (tag, table) in tables {
        font.extend_from_slice(*tag);
        font.extend(checksum(table).to_be_bytes());
        font.extend(
            u32::try_from(body_offset + body.len())
                .expect("a small font")
                .to_be_bytes(),
        );
        font.extend(
            u32::try_from(table.len())
                .expect("a small font")
                .to_be_bytes(),
        );
        body.extend_from_slice(table);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    font.extend(body);
    let adjustment = 0xB1B0_AFBA_u32.wrapping_sub(checksum(&font));
    let head = font
        .windows(4)
        .position(|tag| tag == b"head")
        .expect("the directory lists the table");
    let offset = u32::from_be_bytes(font[head + 8..head + 12].try_into().expect("four bytes"));
    // The field checkSumAdjustment is at offset 8 of the table.
    let slot = usize::try_from(offset).expect("a small font") + 8;
    font[slot..slot + 4].copy_from_slice(&adjustment.to_be_bytes());
    font
}

/// Returns the sum of the big-endian 32-bit words.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.chunks(4).fold(0, |sum, chunk| {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        sum.wrapping_add(u32::from_be_bytes(word))
    })
}

/// Returns the big-endian bytes of 16-bit values.
fn words(values: &[u16]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_be_bytes())
        .collect()
}
