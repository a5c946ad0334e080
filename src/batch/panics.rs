//! Converts a panic on one file into an error, without output on the terminal.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
    static MESSAGE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Installs a panic hook that records guarded panics instead of printing them.
///
/// All other panics still reach the previous hook.
pub fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if GUARDED.get() {
                let location = info.location().map_or_else(String::new, |location| {
                    // The file name only: a full path would reveal the build machine.
                    let file = location.file().rsplit(['/', '\\']).next();
                    format!(" ({}:{})", file.unwrap_or_default(), location.line())
                });
                let message = info.payload_as_str().unwrap_or("panic");
                let text = format!("{message}{location}");
                MESSAGE.with(|recorded| *recorded.borrow_mut() = Some(text));
            } else {
                previous(info);
            }
        }));
    });
}

/// Returns whether a panic on this thread is converted into an error.
pub fn is_guarded() -> bool {
    GUARDED.get()
}

/// Runs `work` and converts a panic into an error with its message and location.
pub(super) fn guard<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let outer = GUARDED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(outer);
    result.map_err(|_payload| {
        let message = MESSAGE.with(|recorded| recorded.borrow_mut().take());
        message.unwrap_or_else(|| "panic".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_with_its_location() {
        install_hook();
        let caught = guard(|| -> u8 { panic!("out of paper") });
        let message = caught.unwrap_err();
        assert!(message.starts_with("out of paper (panics.rs:"), "{message}");
        assert_eq!(guard(|| 7), Ok(7));
    }
}
