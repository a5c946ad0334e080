//! Character codes: the units of shown strings.

/// One character code of a shown string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pdf) struct CharCode {
    pub(in crate::pdf) value: u32,
    /// The length of the code in the string.
    pub(in crate::pdf) bytes: usize,
}

impl CharCode {
    pub(in crate::pdf) fn from_byte(byte: u8) -> Self {
        Self {
            value: byte.into(),
            bytes: 1,
        }
    }

    /// Reads a two-byte code.
    pub(in crate::pdf) fn from_pair(pair: [u8; 2]) -> Self {
        Self {
            value: u16::from_be_bytes(pair).into(),
            bytes: 2,
        }
    }

    /// Whether word spacing applies: only to the one-byte code 32 (ISO 32000-2, 9.3.3).
    pub(in crate::pdf) fn is_word_space(self) -> bool {
        self.value == 32 && self.bytes == 1
    }
}
