//! Limits on the resources that one document may use, and the budget that tracks their use.
//!
//! Documents come from untrusted sources, so every inflation, recursion and loop is subject to one
//! of these limits. The defaults are far above what genuine statements need.

use super::damage::Damage;
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The maximum resources for one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of the file itself. The default is 100 MiB, as the contract requires.
    pub file_bytes: u64,
    /// Pages. The default is 2,000, as the contract requires.
    pub pages: usize,
    /// Inflated bytes of one stream.
    ///
    /// The content of a statement page stays below 1 MiB; 64 MiB leaves room for drawings.
    pub stream_bytes: usize,
    /// Inflated bytes of all streams that are read.
    pub inflated_bytes: usize,
    /// Content stream operators.
    pub operators: u64,
    /// Form `XObject`s and appearance streams that are executed.
    pub forms: u32,
    /// Nesting depth of forms. Deeper forms are not executed.
    ///
    /// Real documents stay in single digits; MuPDF and pdf.js also stop in the tens.
    pub form_depth: u32,
    /// Filters of one stream. lopdf, which decodes filter chains, has the same limit.
    pub filters: usize,
    /// Bytes of text stored per page.
    pub text_chars: usize,
    /// Supplied passwords that are tried. With AES-256, each check takes milliseconds.
    pub candidates: usize,
    /// Threads that check the passwords of one document; more than one only if there are fewer
    /// documents than threads. An isolated process has one.
    #[serde(skip, default = "one")]
    pub password_threads: usize,
    /// Digital signatures. Documents that many people sign have some twenty.
    pub signatures: usize,
    /// Bytes of one signature with its certificates and timestamps, which are some 20 KiB.
    pub signature_bytes: usize,
    /// Time. The default is 10 s, as the contract requires.
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
            password_threads: one(),
            signatures: 64,
            signature_bytes: 1 << 20,
            time: Duration::from_secs(10),
        }
    }
}

fn one() -> usize {
    1
}

/// Which engines may read a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Engines {
    /// Engines that stay within the limits: safe in any process.
    #[default]
    Bounded,
    /// All engines, including those that nothing can interrupt: for isolated processes.
    All,
}

/// A limit that a document exceeds, with its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[non_exhaustive]
pub enum LimitHit {
    /// One stream exceeds [`Limits::stream_bytes`].
    #[error("a stream expands to more than {} MiB", .0 >> 20)]
    StreamBytes(usize),
    /// All streams together exceed [`Limits::inflated_bytes`].
    #[error("the streams expand to more than {} MiB in total", .0 >> 20)]
    InflatedBytes(usize),
    /// The pages exceed [`Limits::operators`].
    #[error("the pages contain more than {0} drawing operators")]
    Operators(u64),
    /// The pages exceed [`Limits::forms`].
    #[error("the pages draw more than {0} form XObjects")]
    Forms(u32),
    /// A stream exceeds [`Limits::filters`].
    #[error("a stream has more than {0} filters")]
    Filters(usize),
    /// The file exceeds [`Limits::signatures`].
    #[error("the file has more than {0} digital signatures")]
    Signatures(usize),
    /// The isolated process that reads the document exceeds its memory limit, in bytes.
    #[error("the document needs more than {} MiB of memory", .0 >> 20)]
    Memory(u64),
    /// Objects are nested deeper than an engine can follow.
    #[error("objects are nested too deeply")]
    Nesting,
    /// Reading exceeds [`Limits::time`].
    #[error("reading takes longer than {} s", .0.as_secs_f32())]
    Time(Duration),
}

/// Tracks the resources that one document uses, and what reading it reveals.
///
/// The clock is a function that returns the time spent so far: the core reads no clock itself, and
/// tests can simulate any time.
pub struct Budget<'c> {
    limits: Limits,
    inflated: usize,
    operators: u64,
    forms: u32,
    engines: Engines,
    needs_isolation: Cell<bool>,
    /// With the numbers of the pages for damage to their content.
    damage: RefCell<BTreeMap<Damage, BTreeSet<usize>>>,
    /// The number of the page that is read.
    page: usize,
    elapsed: &'c dyn Fn() -> Duration,
}

/// Operators between two reads of the clock: some 10 µs of work.
const OPERATORS_PER_TIME_CHECK: u64 = 1024;

impl<'c> Budget<'c> {
    /// Creates an unused budget; `elapsed` returns the time spent on the document so far.
    pub fn new(limits: &Limits, elapsed: &'c dyn Fn() -> Duration) -> Self {
        Self {
            limits: limits.clone(),
            inflated: 0,
            operators: 0,
            forms: 0,
            engines: Engines::Bounded,
            needs_isolation: Cell::new(false),
            damage: RefCell::new(BTreeMap::new()),
            page: 0,
            elapsed,
        }
    }

    /// Creates an unused budget with the same limits, engines and clock.
    #[must_use]
    pub fn renewed(&self) -> Self {
        Self::new(&self.limits, self.elapsed).with_engines(self.engines)
    }

    /// Sets which engines may run.
    #[must_use]
    pub fn with_engines(mut self, engines: Engines) -> Self {
        self.engines = engines;
        self
    }

    /// Returns whether an unbounded engine may run, without a record.
    pub(super) fn allows_unbounded_engine(&self) -> bool {
        self.engines == Engines::All
    }

    /// Returns whether an unbounded engine may run. If not, records that the document needs
    /// isolation.
    pub(super) fn request_unbounded_engine(&self) -> bool {
        let allowed = self.allows_unbounded_engine();
        self.needs_isolation
            .set(self.needs_isolation.get() || !allowed);
        allowed
    }

    /// Returns whether a forbidden engine was needed. An isolated process can then read more.
    pub fn needs_isolation(&self) -> bool {
        self.needs_isolation.get()
    }

    /// Starts the page at an index. Damage to page content is that of this page from then on.
    pub(super) fn start_page(&mut self, index: usize) {
        self.page = index + 1;
    }

    /// Records damage that is found while the document is read.
    pub(super) fn record_damage(&self, damage: Damage) {
        let mut all = self.damage.borrow_mut();
        let pages = all.entry(damage).or_default();
        if damage.is_of_page() {
            pages.insert(self.page);
        }
    }

    /// Returns the recorded damage, each kind once, in the order of the variants.
    pub fn recorded_damage(&self) -> Vec<Damage> {
        self.damage.borrow().keys().copied().collect()
    }

    /// Returns the numbers, from 1, of the pages whose content is damaged.
    pub fn damaged_pages(&self) -> BTreeSet<usize> {
        self.damage.borrow().values().flatten().copied().collect()
    }

    /// Returns the limits of this budget.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Counts inflated bytes.
    ///
    /// # Errors
    ///
    /// If the total exceeds [`Limits::inflated_bytes`].
    pub fn spend_inflated(&mut self, bytes: usize) -> Result<(), LimitHit> {
        self.inflated = self.inflated.saturating_add(bytes);
        if self.inflated > self.limits.inflated_bytes {
            return Err(LimitHit::InflatedBytes(self.limits.inflated_bytes));
        }
        Ok(())
    }

    /// Returns the number of operators so far.
    #[cfg(test)]
    pub(in crate::pdf) fn operators(&self) -> u64 {
        self.operators
    }

    /// Counts operators of a content stream, and checks the time at intervals.
    ///
    /// # Errors
    ///
    /// If the total exceeds [`Limits::operators`], or the time [`Limits::time`].
    pub fn spend_operators(&mut self, count: u64) -> Result<(), LimitHit> {
        let checks = self.operators / OPERATORS_PER_TIME_CHECK;
        self.operators = self.operators.saturating_add(count);
        if self.operators > self.limits.operators {
            return Err(LimitHit::Operators(self.limits.operators));
        }
        if self.operators / OPERATORS_PER_TIME_CHECK > checks {
            self.check_time()?;
        }
        Ok(())
    }

    /// Counts the execution of one form.
    ///
    /// # Errors
    ///
    /// If the total exceeds [`Limits::forms`].
    pub fn spend_form(&mut self) -> Result<(), LimitHit> {
        self.forms += 1;
        if self.forms > self.limits.forms {
            return Err(LimitHit::Forms(self.limits.forms));
        }
        Ok(())
    }

    /// Checks the time.
    ///
    /// # Errors
    ///
    /// If it exceeds [`Limits::time`].
    pub fn check_time(&self) -> Result<(), LimitHit> {
        if (self.elapsed)() > self.limits.time {
            return Err(LimitHit::Time(self.limits.time));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_limit_applies_when_no_other_limit_is_reached() {
        let limits = Limits::default();
        let late = || Duration::from_secs(11);
        let mut budget = Budget::new(&limits, &late);
        let hit = (0..=OPERATORS_PER_TIME_CHECK).find_map(|_| budget.spend_operators(1).err());
        assert_eq!(hit, Some(LimitHit::Time(limits.time)));
    }

    #[test]
    fn inflated_bytes_of_all_streams_are_added_up() {
        let limits = Limits {
            inflated_bytes: 10,
            ..Limits::default()
        };
        let mut budget = Budget::new(&limits, &|| Duration::ZERO);
        assert_eq!(budget.spend_inflated(10), Ok(()));
        assert_eq!(
            budget.spend_inflated(1),
            Err(LimitHit::InflatedBytes(10)),
            "the eleventh byte exceeds the limit"
        );
    }
}
