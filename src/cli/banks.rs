//! `bankscreen banks`: the identifiers that `--bank` takes.

use super::Exit;
use super::failure::Failure;
use crate::statement::banks;
use std::io::{self, Write};

/// Lists the banks that a query finds; an empty query finds all.
pub(super) fn run(query: &[String]) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    let mut found = 0;
    for bank in banks::search(query) {
        found += 1;
        let codes = bank.ifsc_codes.join(", ");
        let line = format!("{:<26}{:<64}{codes}", bank.id, bank.name);
        writeln!(out, "{}", line.trim_end())?;
    }
    if found == 0 {
        return Err(Failure::usage(
            format!("no bank matches {:?}", query.join(" ")),
            "a shorter word, or bankscreen banks for all",
        ));
    }
    Ok(Exit::Passed)
}
