//! `POST /v1/statement/upload_session/`: receives one file and checks it in the documented order.

use super::auth::has_api_key;
use super::coverage;
use super::endpoints::MAX_UPLOAD_BYTES;
use super::error_response::{ErrorResponse, json_response};
use super::evaluator::Evaluation;
use super::request_guard::is_larger;
use super::state::{ReceivedOutcome, ReceivedUpload, ServerState, StoredStatement, now};
use crate::bankconnect::wire::{ErrorCode, Month};
use crate::screen::ContentHash;
use axum::body::Bytes;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use serde_json::{Value, json};
use std::sync::Arc;
use url::{Url, form_urlencoded};

/// Account categories that a request may name.
const CATEGORIES: [&str; 3] = ["SAVINGS", "CURRENT", "OVERDRAFT"];
const INVALID_FORM: &str =
    "This field must be present as a form field. Send request with correct content type";

/// The form fields of the request.
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

/// Handles the request.
pub(super) async fn upload(State(state): State<Arc<ServerState>>, request: Request) -> Response {
    // The upload endpoint does not require the server hash.
    if !has_api_key(request.headers(), &state.options) {
        return ErrorResponse::upload(ErrorCode::InvalidApiKey).into_response();
    }
    if is_larger(request.body(), MAX_UPLOAD_BYTES) {
        return ErrorResponse::body_too_large(MAX_UPLOAD_BYTES).into_response();
    }
    let query = request.uri().query().unwrap_or_default();
    let includes_identity = form_urlencoded::parse(query.as_bytes())
        .any(|(name, value)| name == "identity" && value == "true");
    let form = match read_form(request).await {
        Ok(form) => form,
        Err(error) => return error.into_response(),
    };
    let mut received = ReceivedUpload {
        session_id: form.session_id.clone(),
        file_name: form.file_name.clone(),
        sha256: String::new(),
        bytes: form.file.as_ref().map_or(0, Bytes::len),
        outcome: ReceivedOutcome::Accepted,
        time: now(),
    };
    let document = match form.document() {
        Ok(document) => document,
        Err(error) => {
            received.outcome = ReceivedOutcome::Rejected(error.code.clone());
            state.record_upload(received);
            return error.into_response();
        }
    };
    received.sha256 = ContentHash::of(&document).to_string();
    received.bytes = document.len();
    let script = &state.options.script;
    let scripted = script.response(&received.sha256, &form.file_name);
    let fault = scripted.and_then(|scripted| scripted.fault);
    let mut response = if fault.is_some_and(|fault| !fault.is_processed()) {
        received.outcome = ReceivedOutcome::Discarded;
        Response::default()
    } else {
        let evaluation = match scripted {
            Some(scripted) => scripted.evaluation.clone(),
            None => evaluate(&state, document, form.pdf_password.clone()).await,
        };
        let processing = scripted.and_then(|scripted| scripted.processing.clone());
        match store_statement(&state, &form, &evaluation, &received.sha256, processing) {
            Ok((statement, coverage)) => {
                let identity = if includes_identity {
                    identity_json(&statement)
                } else {
                    Value::Null
                };
                let body = accepted_body(&form, &evaluation, &statement, &coverage, &identity);
                json_response(StatusCode::OK, &body)
            }
            Err(error) => {
                received.outcome = ReceivedOutcome::Rejected(error.code.clone());
                error.into_response()
            }
        }
    };
    // The routing layer applies the fault to the response.
    if let Some(fault) = fault {
        response.extensions_mut().insert(fault);
    }
    state.record_upload(received);
    response
}

/// Reads the form fields of either content type.
async fn read_form(request: Request) -> Result<Form, ErrorResponse> {
    let invalid_form =
        || ErrorResponse::upload_with_message(ErrorCode::InvalidFileObject, INVALID_FORM);
    let too_large = || ErrorResponse::body_too_large(MAX_UPLOAD_BYTES);
    let invalid_part = |error: MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => invalid_form(),
    };
    let media_type = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let mut form = Form::default();
    if media_type.starts_with("application/x-www-form-urlencoded") {
        let body = axum::body::to_bytes(request.into_body(), MAX_UPLOAD_BYTES).await;
        // A lost connection has the same result: its answer reaches nobody.
        let body = body.map_err(|_cause| too_large())?;
        for (name, value) in form_urlencoded::parse(&body) {
            form.set(&name, value.into_owned());
        }
    } else if media_type.starts_with("multipart/form-data") {
        let mut parts = Multipart::from_request(request, &())
            .await
            .map_err(|_cause| invalid_form())?;
        while let Some(part) = parts.next_field().await.map_err(invalid_part)? {
            let name = part.name().unwrap_or_default().to_owned();
            if name == "file" {
                part.file_name()
                    .unwrap_or_default()
                    .clone_into(&mut form.file_name);
                form.file = Some(part.bytes().await.map_err(invalid_part)?);
            } else {
                form.set(&name, part.text().await.map_err(invalid_part)?);
            }
        }
    } else {
        return Err(invalid_form());
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
            // Base64 text in a URL-encoded form; multipart forms have a file part.
            "file" => self.file = Some(value.into()),
            "file_url" => self.file_url = Some(value),
            _ => {}
        }
    }

    /// Returns the bytes of the document, decoded if the upload type is base64.
    ///
    /// # Errors
    ///
    /// Returns an error response if the file is missing, empty or not decodable.
    fn document(&self) -> Result<Bytes, ErrorResponse> {
        let Some(file) = &self.file else {
            let Some(url) = &self.file_url else {
                return Err(ErrorResponse::upload(ErrorCode::MissingFileObject));
            };
            // The sandbox downloads nothing. It derives the bytes from the URL, so that their
            // SHA-256 is fixed and a script can list it.
            let url = Url::parse(url)
                .ok()
                .filter(|url| matches!(url.scheme(), "http" | "https"));
            let url = url.ok_or_else(|| ErrorResponse::upload(ErrorCode::InvalidFileUrl))?;
            return Ok(format!("%PDF-1.4 at {url}").into());
        };
        if file.is_empty() {
            return Err(ErrorResponse::upload(ErrorCode::EmptyFile));
        }
        match self.upload_type.as_str() {
            "PDF" => Ok(file.clone()),
            "BASE64" => {
                let decoded = base64::engine::general_purpose::STANDARD.decode(file);
                let decoded =
                    decoded.map_err(|_cause| ErrorResponse::upload(ErrorCode::InvalidBase64))?;
                if decoded.is_empty() {
                    return Err(ErrorResponse::upload(ErrorCode::EmptyFile));
                }
                Ok(decoded.into())
            }
            // The documentation gives these errors without a code.
            "" => Err(ErrorResponse::field(
                "upload_type",
                "This field is required.",
            )),
            _ => Err(ErrorResponse::field(
                "upload_type",
                "This is not a valid choice.",
            )),
        }
    }
}

/// Evaluates a document on a blocking thread. If the evaluator panics, the document is invalid.
async fn evaluate(
    state: &Arc<ServerState>,
    document: Bytes,
    password: Option<String>,
) -> Evaluation {
    let evaluator = Arc::clone(&state.options.evaluator);
    // An evaluator screens the file, which would block the only server thread.
    let evaluated = tokio::task::spawn_blocking(move || evaluator(&document, password.as_deref()));
    evaluated.await.unwrap_or_else(|_panic| Evaluation {
        rejection: Some(ErrorCode::InvalidFileObject),
        ..Evaluation::default()
    })
}

/// Performs the remaining checks in the documented order, then stores the statement.
fn store_statement(
    state: &ServerState,
    form: &Form,
    evaluation: &Evaluation,
    sha256: &str,
    processing: Option<ErrorCode>,
) -> Result<(StoredStatement, Coverage), ErrorResponse> {
    // Problems of the file object come before the session; problems of its content come after.
    let rejection = evaluation.rejection.clone();
    if let Some(code @ (ErrorCode::InvalidFileObject | ErrorCode::EmptyFile)) = rejection {
        return Err(ErrorResponse::upload(code));
    }
    let mut store = state.store();
    let session = store.sessions.get(&form.session_id);
    let session = session.ok_or_else(|| ErrorResponse::upload(ErrorCode::SessionNotFound))?;
    if session.is_closed() {
        return Err(ErrorResponse::upload(ErrorCode::SessionExpired));
    }
    // The service's bank list has identifiers in upper case, its samples in lower case.
    let bank_name = form.bank_name.as_ref().map(|bank| bank.to_lowercase());
    if bank_name
        .as_deref()
        .is_some_and(|bank| state.options.banks.by_id(bank).is_none())
    {
        return Err(ErrorResponse::field(
            "bank_name",
            "Please use following bank strings: [...]",
        ));
    }
    let category = form.account_category.as_deref();
    if category.is_some_and(|category| !CATEGORIES.contains(&category)) {
        return Err(ErrorResponse::upload(ErrorCode::InvalidAccountCategory));
    }
    if let Some(code) = rejection {
        return Err(ErrorResponse::upload(code));
    }
    let bank = match (bank_name, evaluation.bank.clone()) {
        (Some(selected), Some(detected)) if selected != detected => {
            let message = format!("Not {selected} bank statement");
            let code = ErrorCode::BankNameMismatch;
            return Err(ErrorResponse::upload_with_message(code, message));
        }
        (selected, detected) => selected.or(detected),
    };
    let bank = bank.ok_or_else(|| ErrorResponse::upload(ErrorCode::BankNameUndetected))?;
    let period = evaluation.period.days(session.period);
    // Partial overlap is accepted; the response then lists missing months.
    let (first, last) = session.period;
    if period.is_some_and(|(from, to)| to < first || from > last) {
        return Err(ErrorResponse::upload(ErrorCode::OutOfDateRange));
    }
    // Duplicates are detected within a session only, because sessions never share data.
    if session
        .statements
        .iter()
        .any(|statement| statement.sha256 == sha256)
    {
        return Err(ErrorResponse::upload(ErrorCode::StatementDuplicate));
    }
    // Draw both IDs for every upload, before the session is borrowed.
    let (statement_id, new_account_id) = (store.new_id(), store.new_id());
    let session = store.sessions.get_mut(&form.session_id);
    let session = session.ok_or_else(|| ErrorResponse::upload(ErrorCode::SessionNotFound))?;
    let mut statements = session.statements.iter();
    // The service groups statements by account; the sandbox compares bank and account number.
    let same_account = statements.find(|other| other.has_account(&bank, evaluation));
    let statement = StoredStatement {
        account_id: same_account.map_or(new_account_id, |other| other.account_id.clone()),
        file_name: format!("{statement_id}_{bank}.pdf"),
        sha256: sha256.to_owned(),
        created: now(),
        statement_id,
        bank,
        account: evaluation.account.clone(),
        account_key: evaluation.account_key,
        period,
        pages: evaluation.pages,
        processing,
    };
    session.statements.push(statement.clone());
    let periods: Vec<_> = session
        .statements
        .iter()
        .filter(|other| other.account_id == statement.account_id)
        .filter_map(|other| other.period)
        .collect();
    let coverage = Coverage {
        months: coverage::covered_months(&periods),
        missing: coverage::missing_months(session.period, &periods),
    };
    Ok((statement, coverage))
}

/// The months that an account's statements cover after an upload.
struct Coverage {
    months: Vec<Month>,
    missing: Vec<Month>,
}

/// Returns the response body for an accepted statement.
fn accepted_body(
    form: &Form,
    evaluation: &Evaluation,
    statement: &StoredStatement,
    coverage: &Coverage,
    identity: &Value,
) -> Value {
    let (from, to) = statement.period.unzip();
    let range = json!({ "from_date": from, "to_date": to });
    json!({
        "bank_name": statement.bank,
        "statement_id": statement.statement_id,
        "page_count": evaluation.pages,
        "identity": identity,
        "date_range": range,
        "opening_date": null,
        "opening_bal": null,
        "closing_bal": null,
        "is_fraud": evaluation.fraud.is_some(),
        "fraud_type": evaluation.fraud,
        "metadata_analysis": { "name_matches": [] },
        "country_code": "IN",
        "currency_code": "INR",
        "extracted_date_range": range,
        "account_id": statement.account_id,
        "masked_account_number": statement.masked_account(),
        "months": coverage.months,
        "missing_months": coverage.missing,
        "status": 1,
        "session_id": form.session_id,
    })
}

/// Returns the `identity` object for a statement. The sandbox has no personal data to fill in.
fn identity_json(statement: &StoredStatement) -> Value {
    json!({
        "account_number": statement.masked_account(),
        "name": null, "address": null, "ifsc": null, "micr": null,
        "account_category": "individual", "credit_limit": null, "od_limit": null,
        "account_id": statement.account_id, "bank_name": statement.bank,
    })
}
