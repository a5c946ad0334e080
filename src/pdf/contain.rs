//! Calls into engines that are known to panic on hostile input.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `call`; `None` where it panics. What it borrows must not be used after that.
///
/// A panic in a second opinion must not cost the file its record.
pub(super) fn panics<T>(call: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(call)).ok()
}
