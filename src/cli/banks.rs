//! `bankscreen banks`: the identifiers that `--bank` takes, and the service's own list of them.

use super::Exit;
use super::args::RefreshArgs;
use super::catalogue::{self, Catalogue};
use super::failure::Failure;
use super::network::{Needs, Network, failed};
use crate::bankconnect;
use crate::settings::resolve;
use crate::statement::banks;
use crate::text::columns::counted;
use crate::text::sanitize;
use jiff::Timestamp;
use std::io::{self, Write};

/// Lists the banks that a query finds, or reads the service's list; an empty query finds all.
pub(super) fn run(query: &[String], args: &RefreshArgs) -> Result<Exit, Failure> {
    if args.refresh {
        return refresh(args);
    }
    let mut out = io::stdout().lock();
    let mut found = 0;
    for bank in banks::search(query) {
        found += 1;
        writeln!(
            out,
            "{}",
            row(bank.id, bank.name, &bank.ifsc_codes.join(", "))
        )?;
    }
    if found == 0 {
        return Err(Failure::usage(
            format!("no bank matches {:?}", query.join(" ")),
            "a shorter word, bankscreen banks for all, or --refresh to ask the service",
        ));
    }
    Ok(Exit::Passed)
}

fn row(id: &str, name: &str, codes: &str) -> String {
    format!("{id:<26}{name:<64}{codes}").trim_end().to_owned()
}

/// Reads the service's list, keeps it, and tells what is new.
fn refresh(args: &RefreshArgs) -> Result<Exit, Failure> {
    let network = Network::resolve(&args.network, Needs::ApiKey)?;
    let runtime = bankconnect::runtime().map_err(|error| {
        let hint = "it again, with fewer programs open";
        Failure::environment("the network can't be used", error, hint)
    })?;
    let read = runtime.block_on(network.client.bank_list());
    let read = read.map_err(|error| failed("read the list of banks", error))?;
    let catalogue = Catalogue::of(&read, network.client.base(), Timestamp::now());
    let folder = resolve::state_folder()?;
    let earlier = catalogue::read(&folder)?.unwrap_or_default();
    let mut out = io::stdout().lock();
    let mut new = 0;
    for bank in catalogue.beyond(&earlier) {
        new += 1;
        let codes = bank.ifsc.as_deref().unwrap_or_default();
        writeln!(
            out,
            "{}",
            row(&sanitize(&bank.id), &sanitize(&bank.name), &sanitize(codes))
        )?;
    }
    let gone = earlier
        .banks
        .iter()
        .filter(|bank| !catalogue.has(&bank.id))
        .count();
    let all = counted(catalogue.banks.len(), "bank");
    write!(out, "{all} at {}: {new} new", network.client.base())?;
    if gone > 0 {
        write!(out, ", {gone} no longer there")?;
    }
    // What a sandbox makes up is no bank's identifier.
    if args.network.sandbox {
        writeln!(out, "; not kept, since it is a sandbox's")?;
    } else {
        let path = catalogue.keep(&folder)?;
        writeln!(out, "; kept in {}", sanitize(&path.to_string_lossy()))?;
    }
    Ok(Exit::Passed)
}
