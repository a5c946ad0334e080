//! Notices to people, on standard error.

use std::fmt::Display;
use std::io::{self, Write};

/// Says something on standard error; where that is closed, there is no one to tell.
pub(super) fn notice(message: impl Display) {
    let _nobody_listens = writeln!(io::stderr(), "{message}");
}
