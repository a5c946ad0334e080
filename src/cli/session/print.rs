//! Prints sessions, their uploads and reports, as text and as JSON.

use crate::bankconnect::wire::{
    Account, AccountError, AccountState, ListedStatement, Month, ProcessingState, SanitizedText,
    SessionCreated, SessionReport, SessionRequest, UploadState, UploadStatus, parse_date,
    parse_timestamp,
};
use crate::report::SCHEMA;
use crate::text::{capitalize, sanitize};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use serde_json::{Value, json};
use std::fmt::Display;
use std::io::{self, Write};

/// Prints a created session.
pub(super) fn created(
    out: &mut dyn Write,
    request: &SessionRequest,
    created: &SessionCreated,
) -> io::Result<()> {
    writeln!(out, "session    {}", created.session_id)?;
    writeln!(out, "link id    {}", sanitize(&request.link_id))?;
    if let (Some(from), Some(to)) = request_period(request) {
        writeln!(out, "period     {from} to {to}")?;
    }
    if let Some(journey) = &created.redirect_url {
        writeln!(out, "journey    {journey}")?;
    }
    Ok(())
}

pub(super) fn created_json(request: &SessionRequest, created: &SessionCreated) -> Value {
    let (from, to) = request_period(request);
    json!({
        "schema": SCHEMA, "type": "session", "session_id": created.session_id,
        "link_id": request.link_id, "from": from, "to": to,
        "redirect_url": created.redirect_url,
    })
}

fn request_period(request: &SessionRequest) -> (Option<Date>, Option<Date>) {
    let day = |text: &Option<String>| text.as_deref().and_then(parse_date);
    (day(&request.period.from_date), day(&request.period.to_date))
}

/// Returns a QR code of half blocks; `None` if the text is too long for one.
pub(super) fn qr(text: &str) -> Option<String> {
    let code = QrCode::new(text).ok()?;
    Some(code.render::<Dense1x2>().quiet_zone(true).build())
}

/// Prints what was uploaded.
pub(super) fn status(
    out: &mut dyn Write,
    id: &str,
    status: &UploadStatus,
    zone: &TimeZone,
) -> io::Result<()> {
    writeln!(out, "session    {}", sanitize(id))?;
    writeln!(out, "uploads    {}", upload_state(&status.state))?;
    if let (Some(from), Some(to)) = status.period {
        writeln!(out, "period     {from} to {to}")?;
    }
    if let Some(expires) = &status.expires_at {
        writeln!(out, "expires    {}", local_time(expires, zone))?;
    }
    for account in &status.accounts {
        let symbol = match account.state {
            AccountState::Completed => "✔",
            AccountState::Failed => "✖",
            AccountState::Partial | AccountState::Other(_) => "▲",
        };
        account_lines(out, symbol, account)?;
        let missing = status.missing_months(account);
        if !missing.is_empty() {
            let missing: Vec<_> = missing.iter().map(ToString::to_string).collect();
            writeln!(out, "      missing {}", missing.join(", "))?;
        }
    }
    Ok(())
}

/// Returns a time of the service in a time zone, with its offset from UTC. A time in an unknown
/// format is unchanged.
fn local_time(text: &SanitizedText, zone: &TimeZone) -> String {
    match parse_timestamp(text.as_str()) {
        Some(time) => {
            let time = time.to_zoned(zone.clone());
            time.strftime("%Y-%m-%d %H:%M:%S %:z").to_string()
        }
        None => text.as_str().to_owned(),
    }
}

pub(super) fn status_json(id: &str, status: &UploadStatus) -> Value {
    let accounts = status
        .accounts
        .iter()
        .map(|account| account_json(account, Some(&status.missing_months(account))));
    json!({
        "schema": SCHEMA, "type": "session-status", "session_id": id,
        "uploads": upload_state(&status.state),
        "from": status.period.0, "to": status.period.1, "expires_at": status.expires_at,
        "accounts": accounts.collect::<Vec<_>>(),
    })
}

/// Prints the report of a processed session.
pub(super) fn report(out: &mut dyn Write, id: &str, report: &SessionReport) -> io::Result<()> {
    writeln!(out, "session    {}", sanitize(id))?;
    let insights = match report.insights_available {
        Some(true) => "available",
        Some(false) => "not available",
        None => "unknown",
    };
    writeln!(out, "insights   {insights}")?;
    if report.accounts.is_empty() {
        writeln!(out, "accounts   none")?;
    }
    for account in &report.accounts {
        let completed = account.state == AccountState::Completed && account.error.is_none();
        account_lines(out, if completed { "✔" } else { "✖" }, account)?;
    }
    Ok(())
}

pub(super) fn report_json(id: &str, report: &SessionReport) -> Value {
    let accounts: Vec<_> = report
        .accounts
        .iter()
        .map(|account| account_json(account, None))
        .collect();
    json!({
        "schema": SCHEMA, "type": "session-report", "session_id": id,
        "insights_available": report.insights_available, "accounts": accounts,
    })
}

/// Prints an account, its error and its statements.
fn account_lines(out: &mut dyn Write, symbol: &str, account: &Account) -> io::Result<()> {
    let bank = account.bank_name.as_ref().or(account.bank.as_ref());
    let state = account_state(&account.state);
    writeln!(
        out,
        "\n  {symbol} {state:<10}{}  {}",
        or_dash(bank),
        or_dash(account.number.as_ref())
    )?;
    if let Some(error) = &account.error {
        error_lines(out, error)?;
    }
    for statement in &account.statements {
        let ListedStatement {
            file_name,
            period,
            statement_id,
            ..
        } = statement;
        let name = file_name.as_ref().or(statement_id.as_ref());
        let step = step(&statement.state);
        let (from, to) = (date_or_dash(period.0), date_or_dash(period.1));
        writeln!(out, "      {step:<11} {from} to {to}  {}", or_dash(name))?;
        if let Some(error) = &statement.error {
            error_lines(out, error)?;
        }
    }
    Ok(())
}

fn error_lines(out: &mut dyn Write, error: &AccountError) -> io::Result<()> {
    writeln!(out, "      {}  {}", error.code, error.message)?;
    match error.code.hint() {
        Some(hint) => writeln!(out, "        → {}", capitalize(hint)),
        None => Ok(()),
    }
}

/// Returns an account as JSON. Only upload statuses have missing months.
fn account_json(account: &Account, missing: Option<&[Month]>) -> Value {
    let gaps = account
        .gaps
        .iter()
        .map(|gap| json!({ "from": gap.from, "to": gap.to }));
    let statements = account.statements.iter().map(|statement| {
        json!({
            "statement_id": statement.statement_id, "state": step(&statement.state),
            "error": error_json(statement.error.as_ref()), "file_name": statement.file_name,
            "from": statement.period.0, "to": statement.period.1,
            "created_at": statement.created_at,
        })
    });
    json!({
        "account_id": account.account_id, "account": account.number, "bank": account.bank,
        "bank_name": account.bank_name, "state": account_state(&account.state),
        "error": error_json(account.error.as_ref()), "months": account.months,
        "missing_months": missing,
        "missing_data": gaps.collect::<Vec<_>>(), "statements": statements.collect::<Vec<_>>(),
    })
}

fn error_json(error: Option<&AccountError>) -> Value {
    error.map_or(
        Value::Null,
        |error| json!({ "code": error.code, "message": error.message }),
    )
}

fn upload_state(state: &UploadState) -> &str {
    match state {
        UploadState::NoUploads => "none",
        UploadState::InProgress => "in progress",
        UploadState::Completed => "completed",
        UploadState::Expired => "expired",
        UploadState::Other(text) => text.as_ref().map_or("unknown", SanitizedText::as_str),
    }
}

fn account_state(state: &AccountState) -> &str {
    match state {
        AccountState::Partial => "partial",
        AccountState::Completed => "completed",
        AccountState::Failed => "failed",
        AccountState::Other(text) => text.as_ref().map_or("unknown", SanitizedText::as_str),
    }
}

fn step(step: &ProcessingState) -> &str {
    match step {
        ProcessingState::Processing => "processing",
        ProcessingState::Completed => "completed",
        ProcessingState::Failed => "failed",
        ProcessingState::Other(text) => text.as_ref().map_or("unknown", SanitizedText::as_str),
    }
}

fn or_dash(text: Option<&SanitizedText>) -> &str {
    text.map_or("-", SanitizedText::as_str)
}

fn date_or_dash(date: Option<Date>) -> impl Display {
    date.map_or("-".to_owned(), |date| date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_service_are_shown_in_the_time_zone_of_the_user() {
        let zone = TimeZone::posix("IST-5:30").unwrap();
        let show = |text: &str| local_time(&SanitizedText::new(text), &zone);
        assert_eq!(show("2025-11-10 20:48:34"), "2025-11-11 02:18:34 +05:30");
        assert_eq!(
            show("2025-11-10T07:48:34.123456Z"),
            "2025-11-10 13:18:34 +05:30"
        );
        assert_eq!(show("10/11/2025 at noon"), "10/11/2025 at noon");
    }
}
