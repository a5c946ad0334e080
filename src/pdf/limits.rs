//! Every bound on what reading one document may cost, in one place.
//!
//! A statement comes from a stranger, so nothing inflates, recurses or loops without one of these.
//! The defaults are far above what genuine statements need; each says where its number comes from.

use super::repair::Damage;
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::time::Duration;

/// The bounds that reading one document keeps to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of the file itself. The default is 100 MiB, the contract's.
    pub file_bytes: u64,
    /// Pages. The default is 2,000, the contract's.
    pub pages: usize,
    /// Bytes that one stream may inflate to.
    ///
    /// Content of a statement page stays below 1 MiB; 64 MiB leaves room for drawings.
    pub stream_bytes: usize,
    /// Bytes that all streams read of one document may inflate to together.
    pub inflated_bytes: usize,
    /// Content stream operators in one document.
    pub operators: u64,
    /// Form `XObject`s and appearance streams executed in one document.
    pub forms: u32,
    /// How deep forms may be nested. Deeper forms are not entered.
    ///
    /// Real documents stay in single digits; MuPDF and pdf.js also stop in the tens.
    pub form_depth: u32,
    /// Filters in the chain of one stream. lopdf, which undoes long chains, has the same bound.
    pub filters: usize,
    /// Bytes of text kept of one page.
    pub text_chars: usize,
    /// Candidate passwords tried on one document. AES-256 costs milliseconds a try.
    pub candidates: usize,
    /// Time spent on one document. The default is 10 s, the contract's.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 100 << 20,
            pages: 2000,
            stream_bytes: 64 << 20,
            inflated_bytes: 512 << 20,
            operators: 20_000_000,
            forms: 100_000,
            form_depth: 24,
            filters: 16,
            text_chars: 2 << 20,
            candidates: 500,
            time: Duration::from_secs(10),
        }
    }
}

/// Which engines may read a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Engines {
    /// Those that keep to the limits: for the process that does everything else as well.
    #[default]
    Bounded,
    /// All, also those that nothing can stop: for a process that may be killed.
    All,
}

/// A bound that was hit, with its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[non_exhaustive]
pub enum LimitHit {
    /// One stream inflates beyond [`Limits::stream_bytes`].
    #[error("a stream expands to more than {} MiB", .0 >> 20)]
    StreamBytes(usize),
    /// All streams together inflate beyond [`Limits::inflated_bytes`].
    #[error("its streams expand to more than {} MiB in all", .0 >> 20)]
    InflatedBytes(usize),
    /// More operators than [`Limits::operators`].
    #[error("its pages hold more than {0} drawing operators")]
    Operators(u64),
    /// More forms than [`Limits::forms`].
    #[error("its pages execute more than {0} form objects")]
    Forms(u32),
    /// A chain of filters longer than [`Limits::filters`].
    #[error("a stream is packed more than {0} times")]
    Filters(usize),
    /// More bytes of memory than the process that reads it may have.
    #[error("it needs more than {} MiB", .0 >> 20)]
    Memory(u64),
    /// Objects nested deeper than an engine can follow.
    #[error("its objects are nested too deep")]
    Nesting,
    /// More time than [`Limits::time`].
    #[error("it takes longer than {} s to read", .0.as_secs_f32())]
    Time(Duration),
}

/// What may still be spent on one document.
///
/// The clock is passed in as a function that gives the time spent so far, so that the core reads
/// none of its own and tests can make it jump.
pub struct Budget<'c> {
    limits: Limits,
    inflated: usize,
    operators: u64,
    forms: u32,
    engines: Engines,
    refused_engine: Cell<bool>,
    noticed: RefCell<BTreeSet<Damage>>,
    spent: &'c dyn Fn() -> Duration,
}

/// Operators between two looks at the clock: some 10 µs of work.
const OPERATORS_PER_LOOK: u64 = 1024;

impl<'c> Budget<'c> {
    /// Starts with everything that `limits` allows; `spent` gives the time spent on the document.
    pub fn new(limits: &Limits, spent: &'c dyn Fn() -> Duration) -> Self {
        Self {
            limits: limits.clone(),
            inflated: 0,
            operators: 0,
            forms: 0,
            engines: Engines::Bounded,
            refused_engine: Cell::new(false),
            noticed: RefCell::new(BTreeSet::new()),
            spent,
        }
    }

    /// Says which engines may be used.
    #[must_use]
    pub fn with_engines(mut self, engines: Engines) -> Self {
        self.engines = engines;
        self
    }

    /// Whether an engine that nothing can stop may run. If not, it is noted that one was wanted.
    pub(super) fn may_run_any_engine(&self) -> bool {
        let allowed = self.engines == Engines::All;
        self.refused_engine
            .set(self.refused_engine.get() || !allowed);
        allowed
    }

    /// Whether an engine was wanted that may not run: another process could find out more.
    pub fn refused_engine(&self) -> bool {
        self.refused_engine.get()
    }

    /// Remembers what no writer writes, wherever reading comes across it.
    pub(super) fn notice(&self, damage: Damage) {
        self.noticed.borrow_mut().insert(damage);
    }

    /// What was noticed so far that no writer writes, each kind once.
    pub fn noticed(&self) -> Vec<Damage> {
        self.noticed.borrow().iter().copied().collect()
    }

    /// The bounds this budget was made from.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Counts bytes that came out of a filter.
    ///
    /// # Errors
    ///
    /// Once the document's share is used up.
    pub fn spend_inflated(&mut self, bytes: usize) -> Result<(), LimitHit> {
        self.inflated = self.inflated.saturating_add(bytes);
        if self.inflated > self.limits.inflated_bytes {
            return Err(LimitHit::InflatedBytes(self.limits.inflated_bytes));
        }
        Ok(())
    }

    /// Counts operators of a content stream and looks at the clock now and then.
    ///
    /// # Errors
    ///
    /// Once the document's share, or its time, is used up.
    pub fn spend_operators(&mut self, count: u64) -> Result<(), LimitHit> {
        let looks = self.operators / OPERATORS_PER_LOOK;
        self.operators = self.operators.saturating_add(count);
        if self.operators > self.limits.operators {
            return Err(LimitHit::Operators(self.limits.operators));
        }
        if self.operators / OPERATORS_PER_LOOK > looks {
            self.check_time()?;
        }
        Ok(())
    }

    /// Counts one form that is entered.
    ///
    /// # Errors
    ///
    /// Once the document's share is used up.
    pub fn spend_form(&mut self) -> Result<(), LimitHit> {
        self.forms += 1;
        if self.forms > self.limits.forms {
            return Err(LimitHit::Forms(self.limits.forms));
        }
        Ok(())
    }

    /// Looks at the clock.
    ///
    /// # Errors
    ///
    /// Once the document's time is used up.
    pub fn check_time(&self) -> Result<(), LimitHit> {
        if (self.spent)() > self.limits.time {
            return Err(LimitHit::Time(self.limits.time));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_stops_a_document_even_when_nothing_else_does() {
        let limits = Limits::default();
        let late = || Duration::from_secs(11);
        let mut budget = Budget::new(&limits, &late);
        let hit = (0..=OPERATORS_PER_LOOK).find_map(|_| budget.spend_operators(1).err());
        assert_eq!(hit, Some(LimitHit::Time(limits.time)));
    }

    #[test]
    fn inflated_bytes_add_up_over_streams() {
        let limits = Limits {
            inflated_bytes: 10,
            ..Limits::default()
        };
        let mut budget = Budget::new(&limits, &|| Duration::ZERO);
        assert_eq!(budget.spend_inflated(10), Ok(()));
        assert_eq!(
            budget.spend_inflated(1),
            Err(LimitHit::InflatedBytes(10)),
            "the eleventh byte is one too many"
        );
    }
}
