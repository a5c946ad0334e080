//! `bankscreen banks`: the known bank identifiers, and the service's own list of banks.

use super::ExitStatus;
use super::args::BanksArgs;
use super::context::Context;
use super::stdout;
use crate::applicant::{Document, Rule, RuleTable};
use crate::connection::{Connection, ConnectionOptions, Required, async_runtime};
use crate::error::AppError;
use crate::screening_run::nearest_banks;
use crate::settings::Settings;
use crate::settings::bank_list_cache::{self, BankList};
use crate::settings::environment::state_folder;
use crate::statement::Bank;
use crate::text::columns::counted;
use crate::text::sanitize;
use jiff::Timestamp;
use std::cmp::Reverse;
use std::io::{self, Write};

/// Lists the banks that match the query, or downloads the service's list. An empty query matches
/// every bank.
pub(super) fn run(args: &BanksArgs, context: &Context) -> Result<ExitStatus, AppError> {
    if args.refresh {
        return refresh(args, context);
    }
    let mut found = 0;
    let Settings { banks, rules, .. } = &context.settings;
    // One exact identifier also shows the rules of its bank.
    let exact = match args.query.as_slice() {
        [id] => banks.by_id(id),
        _ => None,
    };
    stdout::print(|out| {
        for bank in banks.search(&args.query) {
            found += 1;
            writeln!(
                out,
                "{}",
                row(bank.id(), bank.name(), &bank.ifsc_codes().join(", "))
            )?;
        }
        exact.map_or(Ok(()), |bank| write_rules(bank, rules, out))
    })?;
    if found == 0 {
        let query = args.query.join(" ");
        let error = AppError::usage(
            format!("no bank matches {query:?}"),
            format!(
                "use one of the nearest identifiers, {}; bankscreen banks lists all, and \
                 --refresh downloads new ones",
                nearest_banks(&context.settings.banks, &query)
            ),
        );
        context.report(&error);
        return Ok(ExitStatus::Failed);
    }
    Ok(ExitStatus::Passed)
}

/// Describes how a bank forms the passwords of its statements.
fn write_rules(bank: &Bank, rules: &RuleTable, out: &mut dyn Write) -> io::Result<()> {
    for (document, title) in [
        (
            Document::Account,
            "Passwords of account statements, the likeliest first:",
        ),
        (Document::Card, "Passwords of card statements:"),
    ] {
        let own = rules.of_bank(bank.id());
        let mut own: Vec<&Rule> = own.filter(|rule| rule.document() == document).collect();
        own.sort_by_key(|rule| Reverse(rule.likelihood()));
        if own.is_empty() {
            continue;
        }
        writeln!(out, "\n{title}")?;
        for rule in own {
            let sources = rule.sources_in_words();
            writeln!(out, "  {} ({sources})", sanitize(&rule.in_words()))?;
        }
    }
    Ok(())
}

fn row(id: &str, name: &str, codes: &str) -> String {
    format!("{id:<26}{name:<64}{codes}").trim_end().to_owned()
}

/// Downloads the service's list, saves it, and prints the banks that are new.
fn refresh(args: &BanksArgs, context: &Context) -> Result<ExitStatus, AppError> {
    let options = ConnectionOptions::from(&args.connection);
    let connection = Connection::open(&options, &context.settings, Required::ApiKey)?;
    let client = &connection.client;
    let downloaded = async_runtime()?.block_on(client.bank_list());
    let downloaded =
        downloaded.map_err(|error| AppError::call("download the list of banks", error))?;
    let list = BankList::of(&downloaded, client.base(), Timestamp::now());
    let folder = state_folder()?;
    // A list that can't be used was reported, and is replaced.
    let earlier = bank_list_cache::read(&folder).ok().flatten();
    let earlier = earlier.unwrap_or_default();
    // Banks that a sandbox makes up are not identifiers of real banks.
    let saved = if options.sandbox {
        None
    } else {
        Some(list.save(&folder)?)
    };
    let removed = earlier.banks.iter().filter(|bank| !list.contains(&bank.id));
    let removed = removed.count();
    stdout::print(|out| {
        let mut new = 0;
        for bank in list.new_since(&earlier) {
            new += 1;
            let codes = bank.ifsc.as_deref().unwrap_or_default();
            let row = row(&sanitize(&bank.id), &sanitize(&bank.name), &sanitize(codes));
            writeln!(out, "{row}")?;
        }
        let all = counted(list.banks.len(), "bank");
        write!(out, "{all} at {}: {new} new", client.base())?;
        if removed > 0 {
            write!(out, ", {removed} removed")?;
        }
        match &saved {
            Some(path) => writeln!(out, "; saved in {}", sanitize(&path.to_string_lossy())),
            None => writeln!(out, "; not saved, because it comes from a sandbox"),
        }
    })?;
    Ok(ExitStatus::Passed)
}
