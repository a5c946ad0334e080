//! Calls engines that panic on some hostile files.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `call` and returns `None` if it panics.
///
/// A panicking engine then costs one check, not the whole screening. After a panic, don't use
/// anything that `call` borrowed mutably: it may be inconsistent.
pub(super) fn catch_panic<T>(call: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(call)).ok()
}
