//! `GET /v1/session_data/<id>/insights/`, and the spreadsheets to which its links lead.
//!
//! The sandbox extracts no transactions, so only what it derives from the uploads is in them.

use super::coverage;
use super::session_data::{account_error, known_periods, require_processed, with_session};
use super::spreadsheet::{Cell, workbook};
use super::state::{ReportLink, ServerState, Session, StoredStatement, now};
use crate::bankconnect::wire::SanitizedText;
use crate::text::hex;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use jiff::civil::Date;
use serde_json::{Value, json};
use std::sync::Arc;

/// How long a link is valid, as documented.
const LINK_LIFETIME: SignedDuration = SignedDuration::from_hours(1);
/// Links that a session keeps; older links are removed first.
const MAX_LINKS: usize = 200;
const SPREADSHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Handles `insights`.
pub(super) async fn insights(
    State(state): State<Arc<ServerState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    with_session(&state, &headers, &id, |session| {
        require_processed(&state, session)?;
        let base = format!("http://{}/report", state.address);
        let mut links = Vec::new();
        let mut link = |account: Option<String>| {
            let token = random_token()?;
            let url = format!("{base}/{token}");
            links.push(ReportLink {
                token,
                account,
                expires: now().checked_add(LINK_LIFETIME).ok()?,
            });
            Some(url)
        };
        let accounts = session.accounts();
        let accounts: Vec<_> = accounts
            .iter()
            .map(|statements| {
                let account = statements.first().map(|first| first.account_id.clone());
                let url = link(account);
                account_json(&id, session, statements, url.as_deref())
            })
            .collect();
        let body = json!({
            "session_id": id,
            "link_id": session.link_id,
            "session_date_range": date_range(session.period),
            "accounts": accounts,
            "aggregate_xlsx_report_url": link(None),
        });
        session.add_report_links(links, MAX_LINKS);
        Ok((StatusCode::OK, body))
    })
}

fn account_json(
    session_id: &str,
    session: &Session,
    statements: &[&StoredStatement],
    link: Option<&str>,
) -> Value {
    let periods = known_periods(statements);
    let ids: Vec<_> = statements.iter().map(|found| &found.statement_id).collect();
    let first = statements.first();
    let account_id = first.map(|first| &first.account_id);
    let gaps = coverage::gaps(session.period, &periods).into_iter();
    let months = coverage::covered_months(&periods);
    let status = match account_error(session, statements) {
        Some(_) => "failed",
        None => "completed",
    };
    let files = statements.iter().map(|statement| {
        let (from, to) = statement.period.unzip();
        json!({
            "session_id": session_id,
            "account_id": statement.account_id,
            "statement_id": statement.statement_id,
            "bank": statement.bank,
            "source": "PDF",
            "upload_file_name": statement.file_name,
            "page_count": statement.pages,
            "from_date": from,
            "to_date": to,
        })
    });
    json!({
        "account_id": account_id,
        "data": {
            "account_details": {
                "account_id": account_id,
                "account_number": first.map(|first| first.masked_account()),
                "bank_name": first.map(|first| &first.bank),
                "account_status": status,
                "months": months,
                "uploaded_months": months,
                "missing_data": gaps.map(date_range).collect::<Vec<_>>(),
                "statements": ids,
            },
            "statement_stats": files.collect::<Vec<_>>(),
            "xlsx_report_url": link,
        },
    })
}

/// `GET /report/<token>`: the spreadsheet of a session, or of one of its accounts. The token is the
/// only credential, as in the links of the service.
pub(super) async fn spreadsheet(
    State(state): State<Arc<ServerState>>,
    Path(token): Path<String>,
) -> Response {
    let store = state.store();
    let rows = store.sessions.values().find_map(|session| {
        let link = session.report_links.iter().find(|link| link.token == token);
        let link = link.filter(|link| now() < link.expires)?;
        Some(rows(session, link.account.as_deref()))
    });
    let Some(rows) = rows else {
        let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code>\
                    <Message>Request has expired</Message></Error>";
        let headers = [(CONTENT_TYPE, "application/xml")];
        return (StatusCode::FORBIDDEN, headers, body).into_response();
    };
    let headers = [
        (CONTENT_TYPE, SPREADSHEET),
        (CONTENT_DISPOSITION, "attachment; filename=\"report.xlsx\""),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, workbook("Statements", &rows)).into_response()
}

/// Returns one row per statement after a row of headings.
fn rows(session: &Session, account: Option<&str>) -> Vec<Vec<Cell>> {
    let headings = ["Account", "Bank", "Statement", "From", "To", "Pages"];
    let mut rows = vec![headings.map(Cell::text).to_vec()];
    let included = session
        .statements
        .iter()
        .filter(|statement| account.is_none_or(|account| statement.account_id == account));
    rows.extend(included.map(|statement| {
        let account = statement.masked_account();
        let (from, to) = statement.period.unzip();
        let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
        vec![
            Cell::text(account.as_ref().map_or("", SanitizedText::as_str)),
            Cell::text(&statement.bank),
            Cell::text(&statement.file_name),
            Cell::text(&day(from)),
            Cell::text(&day(to)),
            Cell::Number(statement.pages),
        ]
    }));
    rows
}

fn date_range((from, to): (Date, Date)) -> Value {
    json!({ "from_date": from, "to_date": to })
}

/// Returns 32 random hexadecimal digits, which cannot be guessed; `None` if the system provides
/// none.
fn random_token() -> Option<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(hex(&bytes))
}
