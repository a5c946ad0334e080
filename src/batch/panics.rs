//! Turns a panic on one file into a value, without a word on the terminal.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
    static CAUGHT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Replaces the panic hook by one that stays silent where a panic is caught by this module.
///
/// Other panics still reach the hook that was there before.
pub fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if GUARDED.get() {
                let place = info.location().map_or_else(String::new, |location| {
                    let file = location.file().rsplit(['/', '\\']).next();
                    format!(" ({}:{})", file.unwrap_or_default(), location.line())
                });
                let message = info.payload_as_str().unwrap_or("panic");
                let text = format!("{message}{place}");
                CAUGHT.with(|caught| *caught.borrow_mut() = Some(text));
            } else {
                previous(info);
            }
        }));
    });
}

/// Whether a panic on this thread becomes a value.
pub fn is_guarded() -> bool {
    GUARDED.get()
}

/// Runs `work`; a panic in it becomes an error that says where it happened.
pub(super) fn guard<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let outer = GUARDED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(outer);
    result.map_err(|_payload| {
        let caught = CAUGHT.with(|caught| caught.borrow_mut().take());
        caught.unwrap_or_else(|| "panic".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_value_with_its_place() {
        install_hook();
        let caught = guard(|| -> u8 { panic!("out of paper") });
        let message = caught.unwrap_err();
        assert!(message.starts_with("out of paper (panics.rs:"), "{message}");
        assert_eq!(guard(|| 7), Ok(7));
    }
}
