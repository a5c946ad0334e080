//! Files that the program writes, and what protects the files of the user.
//!
//! Every output is claimed from an [`OutputGuard`] before anything is written: the guard rejects a
//! file that the run reads or keeps, a file of another program, and a second output with the same
//! file. Reports then get their name when they are complete ([`AtomicFile`]).

mod atomic_file;
mod destination;
mod guard;

pub(crate) use atomic_file::{AtomicFile, Existing};
pub(crate) use destination::{ReportOutput, StandardOutput, record_closed_stdout};
pub(crate) use guard::{OutputGuard, OutputKind, Role, Target};
