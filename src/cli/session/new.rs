//! `bankscreen session new`: creates a session.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the metadata file is read"
)]

use super::{Calls, Ended, Failure, Format, print};
use crate::bankconnect::wire::{
    self, ErrorCode, SessionCreated, SessionMetadata, SessionPeriod, SessionRequest, Violation,
    parse_date,
};
use crate::cli::Exit;
use crate::cli::network::{self, Needs, Network, NetworkArgs};
use crate::cli::notice::notice;
use crate::statement::banks;
use jiff::Zoned;
use jiff::civil::Date;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use url::Url;

#[derive(Debug, clap::Args)]
pub(crate) struct NewArgs {
    #[command(flatten)]
    pub(crate) session: RequestArgs,

    /// Where the browser returns to after the journey; at most 200 characters
    #[arg(long, value_name = "URL")]
    redirect_url: Option<String>,
}

/// What a session is to be, shared with `link`.
#[derive(Debug, clap::Args)]
pub(crate) struct RequestArgs {
    /// Your own name for the customer [env: `BANKSCREEN_LINK_ID`]
    #[arg(long, value_name = "ID")]
    link_id: Option<String>,

    #[command(flatten)]
    period: PeriodArgs,

    #[command(flatten)]
    journey: JourneyArgs,

    #[command(flatten)]
    show: ShowArgs,

    #[command(flatten)]
    pub(crate) network: NetworkArgs,
}

#[derive(Debug, clap::Args)]
struct PeriodArgs {
    /// First day of the period that statements must touch, DD/MM/YYYY or YYYY-MM-DD [default: six
    /// months ago, from the first of that month]
    #[arg(long, value_name = "DATE", requires = "to")]
    from: Option<String>,

    /// Last day of it, before today [default: yesterday]
    #[arg(long, value_name = "DATE", requires = "from")]
    to: Option<String>,
}

#[derive(Debug, clap::Args)]
struct JourneyArgs {
    /// The bank, so that the customer need not choose one
    #[arg(long, value_name = "ID")]
    bank: Option<String>,

    /// How data may come: pdf, aa or online; needs --bank
    #[arg(long)]
    mode: Option<String>,

    /// `multi_pdf` or `multi_banking`
    #[arg(long, value_name = "MODE")]
    journey_mode: Option<String>,

    /// A logo to show in the journey
    #[arg(long, value_name = "URL")]
    logo_url: Option<String>,

    /// Ten digits, filled in for the account aggregator
    #[arg(long, value_name = "DIGITS")]
    mobile_number: Option<String>,

    /// How long the session lasts, 5 to 43200
    #[arg(long, value_name = "MINUTES")]
    session_expiry: Option<u32>,

    /// Take uploads although they do not meet the acceptance criteria
    #[arg(long)]
    accept_anything: bool,

    /// JSON with any of the lists `names`, `employer_names`, `companies_for_self_transfer`
    #[arg(long, value_name = "FILE")]
    metadata: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    /// Open the journey in the browser
    #[arg(long)]
    open: bool,

    /// Draw the journey's address as a QR code, for a phone
    #[arg(long)]
    qr: bool,

    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl RequestArgs {
    pub(crate) fn format(&self) -> Format {
        self.show.format
    }
}

/// Creates a session and prints it.
pub(crate) fn run(args: &NewArgs) -> Result<Exit, Failure> {
    let mut request = request(&args.session)?;
    request.redirect_url.clone_from(&args.redirect_url);
    checked(&request)?;
    let network = Network::resolve(&args.session.network, Needs::ApiKey)?;
    let calls = Calls::begin()?;
    match calls.run(create(&network, &request))? {
        Ended::Done(created) => {
            show(&args.session, &request, &created)?;
            Ok(Exit::Passed)
        }
        Ended::Interrupted(exit) => Ok(exit),
    }
}

/// Creates the session.
pub(crate) async fn create(
    network: &Network,
    request: &SessionRequest,
) -> Result<SessionCreated, Failure> {
    let created = network.client.create_session(request).await;
    created.map_err(|error| network::failed("create a session", error))
}

/// The request, from what was typed.
pub(crate) fn request(args: &RequestArgs) -> Result<SessionRequest, Failure> {
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
    if let Some(bank) = bank.as_ref().filter(|bank| banks::by_id(bank).is_none()) {
        // The service's list grows faster than ours, so that it has the last word.
        notice(format_args!(
            "note: {bank:?} is in no list known here; bankscreen banks lists them"
        ));
    }
    let metadata = metadata.as_ref().map(|path| {
        let refuse = |error: Box<dyn std::error::Error + Send + Sync>| {
            let heading = format!("the metadata in {} can't be used", path.display());
            Failure::environment(
                heading,
                error,
                r#"JSON such as {"names": ["Asha Example"]}"#,
            )
        };
        let json = fs::read(path).map_err(|error| refuse(error.into()))?;
        serde_json::from_slice::<SessionMetadata>(&json).map_err(|error| refuse(error.into()))
    });
    Ok(SessionRequest {
        link_id: network::link_id(args.link_id.as_ref(), &args.network)?,
        redirect_url: None,
        period: period(&args.period)?,
        logo_url: logo_url.clone(),
        bank_name: bank.as_ref().map(|bank| bank.to_lowercase()),
        mode: mode.clone(),
        mobile_number: mobile_number.clone(),
        session_expiry: *session_expiry,
        journey_mode: journey_mode.clone(),
        accept_anything: *accept_anything,
        metadata: metadata.transpose()?,
    })
}

/// The period of a session where none is given.
pub(crate) fn default_period() -> (Date, Date) {
    wire::default_period(Zoned::now().date())
}

/// Both ends are always sent, since the documentation is at odds on what is assumed otherwise; and
/// the last day is never today, which some of its pages refuse.
fn period(args: &PeriodArgs) -> Result<SessionPeriod, Failure> {
    let today = Zoned::now().date();
    let (Some(from), Some(to)) = (&args.from, &args.to) else {
        let (from, to) = default_period();
        return Ok(SessionPeriod::between(from, to));
    };
    let day = |flag: &str, text: &str| -> Result<Date, Failure> {
        parse_date(text).ok_or_else(|| {
            let heading = format!("{flag} {text}: that is no date");
            Failure::usage(heading, "DD/MM/YYYY or YYYY-MM-DD")
        })
    };
    let (from, to) = (day("--from", from)?, day("--to", to)?);
    if to >= today {
        return Err(Failure::usage(
            format!("--to {to}: the period must end before today"),
            "yesterday, or an earlier day",
        ));
    }
    Ok(SessionPeriod::between(from, to))
}

/// Checks the request before a key is read or a connection made.
pub(crate) fn checked(request: &SessionRequest) -> Result<(), Failure> {
    request.check().map_err(|broken: Violation| {
        let advice = broken.code.hint().unwrap_or_default();
        let heading = match broken.code {
            ErrorCode::InvalidRequest => broken.message,
            code => format!("{}: {} ({code})", broken.field, broken.message),
        };
        Failure::usage(heading, advice)
    })
}

/// Prints a session, and opens or draws its journey where that is asked for.
pub(crate) fn show(
    args: &RequestArgs,
    request: &SessionRequest,
    created: &SessionCreated,
) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match args.show.format {
        Format::Text => print::created(&mut out, request, created)?,
        Format::Json => writeln!(out, "{}", print::created_json(request, created))?,
    }
    let journey = created
        .redirect_url
        .as_ref()
        .filter(|url| is_web_page(url.as_str()));
    let Some(journey) = journey else {
        if args.show.open || args.show.qr {
            notice("note: the service gave no address that could be opened");
        }
        return Ok(out.flush()?);
    };
    if args.show.qr {
        let drawn = print::qr(journey.as_str());
        match (drawn, args.show.format) {
            (Some(drawn), Format::Text) => writeln!(out, "\n{drawn}")?,
            (Some(drawn), Format::Json) => notice(drawn),
            (None, _) => notice("note: the address is too long for a QR code"),
        }
    }
    out.flush()?;
    if args.show.open
        && let Err(error) = open::that_detached(journey.as_str())
    {
        notice(format_args!(
            "note: no browser could be opened ({error}); open the address yourself"
        ));
    }
    Ok(())
}

/// Whether an address may be handed to a browser: a web page, and over TLS unless on this machine.
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
    fn only_web_pages_are_given_to_a_browser() {
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
