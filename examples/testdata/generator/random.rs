//! A seeded pseudorandom number generator, so that every run produces the same bytes.
//!
//! It is not cryptographically secure. Keys and salts of the test files deliberately come from it,
//! because a random salt would change the encrypted files on each run.

/// `SplitMix64`, after Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators".
pub struct Random(u64);

impl Random {
    /// Creates the generator for a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Draws 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Draws a number from `low` to `high` inclusive.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.bits() % (high - low + 1)
    }

    /// Draws a non-negative amount from `low` to `high` inclusive.
    pub fn amount(&mut self, low: u32, high: u32) -> i64 {
        let drawn = self.between(low.into(), high.into());
        i64::try_from(drawn).expect("not above 32 bits")
    }

    /// Draws one element.
    ///
    /// # Panics
    ///
    /// Panics if the slice is empty.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        let index = self.between(0, choices.len() as u64 - 1);
        choices[usize::try_from(index).expect("an index below a length fits")]
    }

    /// Draws `N` bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.bits().to_le_bytes()[0])
    }

    /// Draws a string of `count` decimal digits that does not start with zero.
    pub fn digits(&mut self, count: usize) -> String {
        (0..count)
            .map(|index| {
                let digit = self.between(u64::from(index == 0), 9);
                char::from(b'0' + u8::try_from(digit).expect("one digit"))
            })
            .collect()
    }
}
