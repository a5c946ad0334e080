//! `bankscreen session new`: creates a session.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the metadata file is read"
)]

use super::{Completion, InterruptibleCalls, print};
use crate::bankconnect::wire::{
    SessionCreated, SessionMetadata, SessionPeriod, SessionRequest, is_documented_journey_mode,
};
use crate::cli::args::{JourneyArgs, NewArgs, PeriodArgs, RequestArgs, SessionFormatArg};
use crate::cli::context::Context;
use crate::cli::{ExitStatus, stdout};
use crate::connection::{Connection, ConnectionOptions, Required};
use crate::error::AppError;
use crate::screening_run::{PeriodUse, requested_period};
use crate::settings::secrets;
use crate::statement::DateRange;
use crate::uploads::{check_request, default_period, ignored_month_note};
use std::error::Error;
use std::fs;
use std::path::Path;
use url::Url;

/// Creates a session and prints it.
pub(super) fn run(args: &NewArgs, context: &Context) -> Result<ExitStatus, AppError> {
    let mut request = request(&args.request, context)?;
    request.redirect_url.clone_from(&args.redirect_url);
    check_request(&request)?;
    let options = ConnectionOptions::from(&args.request.connection);
    let connection = Connection::open(&options, &context.settings, Required::ApiKey)?;
    let calls = InterruptibleCalls::new(context)?;
    match calls.run(create(&connection, &request))? {
        Completion::Done(created) => {
            show(&args.request, &request, &created, context)?;
            Ok(ExitStatus::Passed)
        }
        Completion::Interrupted(status) => Ok(status),
    }
}

/// Creates the session.
pub(super) async fn create(
    connection: &Connection,
    request: &SessionRequest,
) -> Result<SessionCreated, AppError> {
    let created = connection.client.create_session(request).await;
    created.map_err(|error| AppError::call("create a session", error))
}

/// Builds the request from the arguments.
pub(super) fn request(args: &RequestArgs, context: &Context) -> Result<SessionRequest, AppError> {
    let JourneyArgs {
        bank,
        mode,
        journey_mode,
        logo_url,
        mobile_number,
        session_expiry,
        accept_anything,
        metadata,
    } = &args.journey;
    let banks = &context.settings.banks;
    if let Some(bank) = bank.as_ref().filter(|bank| banks.by_id(bank).is_none()) {
        // The service's list grows faster than the built-in one, so the service decides.
        context.notices.warning(format_args!(
            "{bank:?} is not a known bank identifier; bankscreen banks lists them"
        ));
    }
    if let Some(mode) = journey_mode
        .as_ref()
        .filter(|mode| !is_documented_journey_mode(mode))
    {
        context.notices.warning(format_args!(
            "{mode:?} is not a documented journey mode; it is sent as it is"
        ));
    }
    Ok(SessionRequest {
        link_id: secrets::link_id(args.link_id.as_deref(), args.connection.sandbox)?,
        redirect_url: None,
        period: period(&args.period)?,
        logo_url: logo_url.clone(),
        bank_name: bank.as_ref().map(|bank| bank.to_lowercase()),
        mode: mode.clone(),
        mobile_number: mobile_number.clone(),
        session_expiry: *session_expiry,
        journey_mode: journey_mode.clone(),
        accept_anything: *accept_anything,
        metadata: metadata.as_deref().map(read_metadata).transpose()?,
    })
}

fn read_metadata(path: &Path) -> Result<SessionMetadata, AppError> {
    let reject = |error: Box<dyn Error + Send + Sync>| {
        let message = format!("could not use the metadata in {}", path.display());
        let hint = r#"write JSON such as {"names": ["Asha Example"]}"#;
        AppError::environment(message, error, hint)
    };
    let json = fs::read(path).map_err(|error| reject(error.into()))?;
    serde_json::from_slice(&json).map_err(|error| reject(error.into()))
}

/// Returns the period. Both ends are always sent, because the documentation contradicts itself on
/// the defaults; and the last day is never today, which some of its pages reject.
fn period(args: &PeriodArgs) -> Result<SessionPeriod, AppError> {
    let Some(period) = args.from.zip(args.to) else {
        let (from, to) = default_period();
        return Ok(SessionPeriod::between(from, to));
    };
    let DateRange { from, to } = requested_period(period, PeriodUse::Session)?;
    Ok(SessionPeriod::between(from, to))
}

/// Prints a session, and opens its journey or draws it as a QR code if requested.
pub(super) fn show(
    args: &RequestArgs,
    request: &SessionRequest,
    created: &SessionCreated,
    context: &Context,
) -> Result<(), AppError> {
    let format = args.show.format;
    stdout::print(|out| match format {
        SessionFormatArg::Text => print::created(out, request, created),
        SessionFormatArg::Json => writeln!(out, "{}", print::created_json(request, created)),
    })?;
    let period = request.period.days().ok().flatten();
    if let Some(note) = period.and_then(|(_, to)| ignored_month_note(to)) {
        context.notices.note(note);
    }
    let journey = created.redirect_url.as_ref();
    let Some(journey) = journey.filter(|url| is_web_page(url.as_str())) else {
        if args.show.open || args.show.qr {
            context
                .notices
                .warning("the service returned no address that can be opened");
        }
        return Ok(());
    };
    if args.show.qr {
        match (print::qr(journey.as_str()), format) {
            (Some(code), SessionFormatArg::Text) => {
                stdout::print(|out| writeln!(out, "\n{code}"))?;
            }
            (Some(code), SessionFormatArg::Json) => context.notices.info(code),
            (None, _) => context
                .notices
                .warning("the address is too long for a QR code"),
        }
    }
    if args.show.open
        && let Err(error) = open::that_detached(journey.as_str())
    {
        context.notices.warning(format_args!(
            "could not open a browser ({error}); open the address yourself"
        ));
    }
    Ok(())
}

/// Returns whether an address may be opened in a browser: a web page, over TLS unless it is on this
/// machine.
fn is_web_page(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else {
        return false;
    };
    match url.scheme() {
        "https" => true,
        "http" => matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_pages_are_opened_in_a_browser() {
        assert!(is_web_page(
            "https://bankconnectclient.finbox.in/?session_id=1"
        ));
        assert!(is_web_page("http://127.0.0.1:8080/journey"));
        for other in [
            "http://example.com",
            "file:///etc/passwd",
            "--version",
            "javascript:1",
        ] {
            assert!(!is_web_page(other), "{other}");
        }
    }
}
