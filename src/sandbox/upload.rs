//! `POST /v1/statement/upload_session/`: one file, checked in the documented order.

use super::coverage;
use super::judge::Judgement;
use super::refusal::{Refused, json_answer};
use super::routes::has_secret;
use super::script::Cue;
use super::world::{Memory, Received, Taken, World, now};
use crate::bankconnect::wire::{ErrorCode, Month, SanitizedText, mask_account_number};
use crate::screen::ContentHash;
use crate::statement::banks;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use serde_json::{Value, json};
use std::sync::Arc;
use url::{Url, form_urlencoded};

/// Bytes of a request; more is no statement.
const MOST_BYTES: usize = 256 << 20;
/// Account categories that a request may name.
const CATEGORIES: [&str; 3] = ["SAVINGS", "CURRENT", "OVERDRAFT"];
/// Stands for the number of an account that nobody could read.
const NO_ACCOUNT: &str = "XXXXXXXX0000";
const NO_FORM: &str =
    "This field must be present as a form field. Send request with correct content type";

/// The form, as sent.
#[derive(Default)]
struct Form {
    session_id: String,
    bank_name: Option<String>,
    upload_type: String,
    pdf_password: Option<String>,
    account_category: Option<String>,
    file: Option<Bytes>,
    file_name: String,
    file_url: Option<String>,
}

/// Takes one upload.
pub(super) async fn upload(State(world): State<Arc<World>>, request: Request) -> Response {
    if !has_secret(request.headers(), "x-api-key", &world.settings.api_key) {
        return Refused::upload(ErrorCode::InvalidApiKey).into_response();
    }
    let query = request.uri().query().unwrap_or_default();
    let wants_identity = form_urlencoded::parse(query.as_bytes())
        .any(|(name, value)| name == "identity" && value == "true");
    let form = match read(request).await {
        Ok(form) => form,
        Err(refused) => return refused.into_response(),
    };
    let mut received = Received {
        session_id: form.session_id.clone(),
        file_name: form.file_name.clone(),
        sha256: String::new(),
        bytes: form.file.as_ref().map_or(0, Bytes::len),
        outcome: "accepted".to_owned(),
        at: now(),
    };
    let (answered, cue) = take(&world, form, &mut received, wants_identity).await;
    let mut answer = match answered {
        Ok(body) => json_answer(StatusCode::OK, &body),
        Err(refused) => {
            received.outcome = refused.name();
            refused.into_response()
        }
    };
    if let Some(fault) = cue.and_then(|cue| cue.fault) {
        if !fault.acts() {
            "not acted on".clone_into(&mut received.outcome);
        }
        answer.extensions_mut().insert(fault);
    }
    world.note(received);
    answer
}

/// Reads the form, whatever its type.
async fn read(request: Request) -> Result<Form, Refused> {
    let no_form = || Refused::upload_with(ErrorCode::InvalidFileObject, NO_FORM);
    let headers: HeaderMap = request.headers().clone();
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let mut form = Form::default();
    if kind.starts_with("application/x-www-form-urlencoded") {
        let body = axum::body::to_bytes(request.into_body(), MOST_BYTES).await;
        let body = body.map_err(|_cause| no_form())?;
        for (name, value) in form_urlencoded::parse(&body) {
            form.set(&name, value.into_owned());
        }
    } else if kind.starts_with("multipart/form-data") {
        let request: Request<Body> = request;
        let mut parts = Multipart::from_request(request, &())
            .await
            .map_err(|_cause| no_form())?;
        while let Some(part) = parts.next_field().await.map_err(|_cause| no_form())? {
            let name = part.name().unwrap_or_default().to_owned();
            if name == "file" {
                part.file_name()
                    .unwrap_or_default()
                    .clone_into(&mut form.file_name);
                form.file = Some(part.bytes().await.map_err(|_cause| no_form())?);
            } else {
                form.set(&name, part.text().await.map_err(|_cause| no_form())?);
            }
        }
    } else {
        return Err(no_form());
    }
    Ok(form)
}

impl Form {
    fn set(&mut self, name: &str, value: String) {
        match name {
            "session_id" => self.session_id = value,
            "bank_name" => self.bank_name = Some(value).filter(|bank| !bank.is_empty()),
            "upload_type" => self.upload_type = value,
            "pdf_password" => self.pdf_password = Some(value),
            "account_category" => self.account_category = Some(value),
            "file" => self.file = Some(value.into()),
            "file_url" => self.file_url = Some(value),
            _ => {}
        }
    }

    /// The bytes of the document: present, not empty, out of base64 where they came so.
    fn document(&self) -> Result<Bytes, Refused> {
        let Some(file) = &self.file else {
            let Some(url) = &self.file_url else {
                return Err(Refused::upload(ErrorCode::MissingFileObject));
            };
            // Nothing is downloaded: a URL stands for its own text, so that a script can know it.
            let url = Url::parse(url)
                .ok()
                .filter(|url| matches!(url.scheme(), "http" | "https"));
            let url = url.ok_or_else(|| Refused::upload(ErrorCode::InvalidFileUrl))?;
            return Ok(format!("%PDF-1.4 at {url}").into());
        };
        if file.is_empty() {
            return Err(Refused::upload(ErrorCode::EmptyFile));
        }
        match self.upload_type.as_str() {
            "PDF" => Ok(file.clone()),
            "BASE64" => {
                let decoded = base64::engine::general_purpose::STANDARD.decode(file);
                let decoded =
                    decoded.map_err(|_cause| Refused::upload(ErrorCode::InvalidBase64))?;
                if decoded.is_empty() {
                    return Err(Refused::upload(ErrorCode::EmptyFile));
                }
                Ok(decoded.into())
            }
            "" => Err(Refused::field("upload_type", "This field is required.")),
            _ => Err(Refused::field("upload_type", "This is not a valid choice.")),
        }
    }
}

/// Judges and files one upload; also gives what the script says of it.
async fn take(
    world: &Arc<World>,
    form: Form,
    received: &mut Received,
    wants_identity: bool,
) -> (Result<Value, Refused>, Option<Cue>) {
    let document = match form.document() {
        Ok(document) => document,
        Err(refused) => return (Err(refused), None),
    };
    received.sha256 = ContentHash::of(&document).to_string();
    received.bytes = document.len();
    let cue = world.settings.script.cue(&received.sha256, &form.file_name);
    let judgement = match &cue {
        Some(cue) => cue.judgement.clone(),
        None => judge(world, document, form.pdf_password.clone()).await,
    };
    // Faults that hit before the service acts leave nothing behind.
    if cue
        .as_ref()
        .and_then(|cue| cue.fault)
        .is_some_and(|fault| !fault.acts())
    {
        return (Ok(Value::Null), cue);
    }
    let processing = cue.as_ref().and_then(|cue| cue.processing.clone());
    let filed = file(world, &form, &judgement, &received.sha256, processing);
    let body =
        filed.map(|(taken, covered)| success(&form, &judgement, &taken, &covered, wants_identity));
    (body, cue)
}

/// Asks the judge, away from the thread that serves.
async fn judge(world: &Arc<World>, document: Bytes, password: Option<String>) -> Judgement {
    let judge = Arc::clone(&world.settings.judge);
    let judged = tokio::task::spawn_blocking(move || judge(&document, password.as_deref()));
    judged.await.unwrap_or_else(|_panic| Judgement {
        refusal: Some(ErrorCode::InvalidFileObject),
        ..Judgement::default()
    })
}

/// Checks in order, and files the statement under its account.
fn file(
    world: &World,
    form: &Form,
    judgement: &Judgement,
    sha256: &str,
    processing: Option<ErrorCode>,
) -> Result<(Taken, Covered), Refused> {
    let refusal = judgement.refusal.clone();
    if let Some(code @ (ErrorCode::InvalidFileObject | ErrorCode::EmptyFile)) = refusal {
        return Err(Refused::upload(code));
    }
    let mut memory = world.memory();
    let Memory { sessions, .. } = &*memory;
    let session = sessions.get(&form.session_id);
    let session = session.ok_or_else(|| Refused::upload(ErrorCode::SessionNotFound))?;
    if session.is_closed() {
        return Err(Refused::upload(ErrorCode::SessionExpired));
    }
    let given = form.bank_name.as_ref().map(|bank| bank.to_lowercase());
    if given
        .as_deref()
        .is_some_and(|bank| banks::by_id(bank).is_none())
    {
        return Err(Refused::field(
            "bank_name",
            "Please use following bank strings: [...]",
        ));
    }
    let category = form.account_category.as_deref();
    if category.is_some_and(|category| !CATEGORIES.contains(&category)) {
        return Err(Refused::upload(ErrorCode::InvalidAccountCategory));
    }
    if let Some(code) = refusal {
        return Err(Refused::upload(code));
    }
    let bank = match (given, judgement.bank.clone()) {
        (Some(given), Some(found)) if given != found => {
            let message = format!("Not {given} bank statement");
            return Err(Refused::upload_with(ErrorCode::BankNameMismatch, message));
        }
        (given, found) => given.or(found),
    };
    let bank = bank.ok_or_else(|| Refused::upload(ErrorCode::BankNameUndetected))?;
    let period = judgement.period.unwrap_or(session.period);
    if period.1 < session.period.0 || period.0 > session.period.1 {
        return Err(Refused::upload(ErrorCode::OutOfDateRange));
    }
    if session
        .statements
        .iter()
        .any(|taken| taken.sha256 == sha256)
    {
        return Err(Refused::upload(ErrorCode::StatementDuplicate));
    }
    let (statement_id, new_account) = (memory.new_id(), memory.new_id());
    let session = memory.sessions.get_mut(&form.session_id);
    let session = session.ok_or_else(|| Refused::upload(ErrorCode::SessionNotFound))?;
    let account = judgement
        .account
        .clone()
        .unwrap_or_else(|| NO_ACCOUNT.to_owned());
    let mut known = session.statements.iter();
    let known = known.find(|taken| taken.bank == bank && taken.account == account);
    let taken = Taken {
        account_id: known.map_or(new_account, |taken| taken.account_id.clone()),
        file_name: format!("{statement_id}_{bank}.pdf"),
        sha256: sha256.to_owned(),
        at: now(),
        statement_id,
        bank,
        account,
        period,
        processing,
    };
    session.statements.push(taken.clone());
    let same = |other: &&Taken| other.account_id == taken.account_id;
    let periods: Vec<_> = session
        .statements
        .iter()
        .filter(same)
        .map(|taken| taken.period)
        .collect();
    let covered = Covered {
        months: coverage::months(&periods),
        missing: coverage::missing(session.period, &periods),
    };
    Ok((taken, covered))
}

/// Months of an account after an upload.
struct Covered {
    months: Vec<Month>,
    missing: Vec<Month>,
}

/// The answer to a statement that was taken.
fn success(
    form: &Form,
    judgement: &Judgement,
    taken: &Taken,
    covered: &Covered,
    wants_identity: bool,
) -> Value {
    let masked = mask_account_number(&SanitizedText::new(&taken.account));
    let range = json!({ "from_date": taken.period.0, "to_date": taken.period.1 });
    let identity = json!({
        "account_number": masked, "name": null, "address": null, "ifsc": null, "micr": null,
        "account_category": "individual", "credit_limit": null, "od_limit": null,
        "account_id": taken.account_id, "bank_name": taken.bank,
    });
    json!({
        "bank_name": taken.bank,
        "statement_id": taken.statement_id,
        "page_count": judgement.pages,
        "identity": if wants_identity { identity } else { Value::Null },
        "date_range": range,
        "opening_date": null,
        "opening_bal": null,
        "closing_bal": null,
        "is_fraud": judgement.fraud.is_some(),
        "fraud_type": judgement.fraud,
        "metadata_analysis": { "name_matches": [] },
        "country_code": "IN",
        "currency_code": "INR",
        "extracted_date_range": range,
        "account_id": taken.account_id,
        "masked_account_number": masked,
        "months": covered.months,
        "missing_months": covered.missing,
        "status": 1,
        "session_id": form.session_id,
    })
}
