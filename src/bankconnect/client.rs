//! The calls of the API.

use super::base_url::BaseUrl;
use super::call_observer::{CallObserver, InFlightCall};
use super::credentials::{Credentials, Secret, Wiped};
use super::deadlines::Deadlines;
use super::multipart::Form;
use super::request_body::{BodyProgress, Part, RequestBody};
use super::transport::{self, Sending};
use super::wire::{self, ApiError, NotSent, SanitizedText, SessionRequest};
use crate::pdf::Password;
use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Body, Method, Request};
use serde::Serialize;
use std::fmt::Write as _;
use std::io;
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;
use url::Url;
use zeroize::Zeroizing;

/// Characters of a session id; the service gives 36.
const MAX_ID_CHARS: usize = 100;

/// A client of one origin. Clones are cheap and share what is inside.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: BaseUrl,
    credentials: Credentials,
    deadlines: Deadlines,
    watch: Option<CallObserver>,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// TLS can't be set up; mostly, no root certificates are installed.
    #[error("TLS can't be set up")]
    Tls(#[source] reqwest::Error),
}

/// One file to upload.
#[derive(Debug, Clone)]
pub struct UploadRequest {
    /// The session that it belongs to.
    pub session_id: String,
    /// What is sent.
    pub payload: UploadPayload,
    /// The bank; left out, the service detects it.
    pub bank: Option<String>,
    /// `SAVINGS`, `CURRENT` or `OVERDRAFT`.
    pub account_category: Option<String>,
    /// What opens the document. Harmless for documents that need none.
    pub password: Option<Password>,
    /// What the answer is to tell beyond the necessary.
    pub extras: ResponseExtras,
}

/// How a document travels.
#[derive(Debug, Clone)]
pub enum UploadPayload {
    /// As a file of the form.
    Pdf {
        /// The name to send; characters that forms can't carry become underscores.
        name: String,
        /// The file, unchanged.
        bytes: Bytes,
    },
    /// As text in base64, which is a third longer.
    Base64 {
        /// The file, unchanged.
        bytes: Bytes,
    },
    /// As an address from which the service downloads it.
    Url(String),
}

/// Query parameters of an upload.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ResponseExtras {
    /// Asks for what the statement says of its holder. It is not read here either way.
    pub identity: bool,
    /// Asks for the progress of the statements uploaded.
    pub progress: bool,
}

/// Threads for what blocks: reading files, looking up names. Each keeps memory that it has freed.
const BLOCKING: usize = 2;

/// Where calls run: one thread is enough for what the network takes.
///
/// # Errors
///
/// When the system refuses what it needs.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING)
        .build()
}

impl Client {
    /// A client of one origin.
    ///
    /// Connections are not kept: one that the service has closed meanwhile would take a body that
    /// nobody reads, and nobody could tell. Proxies are those of the environment, but never for
    /// this machine.
    ///
    /// # Errors
    ///
    /// When TLS can't be set up.
    pub fn new(
        base: BaseUrl,
        credentials: Credentials,
        deadlines: Deadlines,
    ) -> Result<Self, ClientError> {
        // A second call finds the first one's choice, which is the same.
        drop(rustls::crypto::ring::default_provider().install_default());
        let builder = reqwest::Client::builder()
            .user_agent(concat!("bankscreen/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(deadlines.connect)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .http1_only()
            .pool_max_idle_per_host(0)
            .tcp_nodelay(true);
        let builder = if base.is_loopback() {
            builder.no_proxy()
        } else {
            builder.https_only(true)
        };
        Ok(Self {
            http: builder.build().map_err(ClientError::Tls)?,
            base,
            credentials,
            deadlines,
            watch: None,
        })
    }

    /// The same client, whose calls are watched.
    #[must_use]
    pub fn with_observer(self, watch: CallObserver) -> Self {
        Self {
            watch: Some(watch),
            ..self
        }
    }

    /// Whether questions about a session can be asked, which takes a server hash.
    pub fn has_server_hash(&self) -> bool {
        self.credentials.server_hash.is_some()
    }

    /// The root of the API, before `/v1`; it holds no credentials.
    pub fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// Creates a session, after checking the request by the service's own rules.
    ///
    /// # Errors
    ///
    /// The rule broken, or what became of the call.
    pub async fn create_session(
        &self,
        request: &SessionRequest,
    ) -> Result<wire::SessionCreated, ApiError> {
        #[derive(Serialize)]
        struct WithKey<'a> {
            api_key: &'a str,
            #[serde(flatten)]
            request: &'a SessionRequest,
        }
        request.check().map_err(ApiError::Invalid)?;
        let with_key = WithKey {
            api_key: self.credentials.api_key.expose(),
            request,
        };
        let json = serde_json::to_vec(&with_key).map_err(|error| not_built(&error.to_string()))?;
        let body = Bytes::from_owner(Wiped(Zeroizing::new(json)));
        let mut post = self.request(Method::POST, &["v1", "session"]);
        let json = HeaderValue::from_static("application/json");
        post.headers_mut().insert(CONTENT_TYPE, json);
        let progress = BodyProgress::default();
        let under_way = self.begin(("POST", "session"), None);
        let started = under_way.started();
        let outgoing = RequestBody::new(vec![Part::Plain(body)], progress.clone(), started);
        *post.body_mut() = Some(Body::wrap(outgoing));
        let created = self.call(post, &progress, started, wire::parse_session_created);
        let created = created.await;
        let id = created.as_ref().ok();
        let id = id.map(|created| created.session_id.as_str());
        under_way.end(id, created.as_ref().err());
        created
    }

    /// A call that begins now, of which whoever watches is told.
    fn begin<'c>(
        &'c self,
        call: (&'c str, &'static str),
        session: Option<&'c str>,
    ) -> InFlightCall<'c> {
        InFlightCall::begin(self.watch.as_ref(), call, session)
    }

    /// Uploads one file, once. Dropping the call ends it; [`BodyProgress::is_complete`] then tells
    /// whether the service may have it.
    pub async fn upload(
        &self,
        upload: &UploadRequest,
        progress: &BodyProgress,
    ) -> Result<wire::AcceptedUpload, ApiError> {
        let (content_type, parts) = Self::form(upload)?;
        let mut post = self.request(Method::POST, &["v1", "statement", "upload_session"]);
        append_extras(post.url_mut(), upload.extras);
        post.headers_mut().insert(CONTENT_TYPE, content_type);
        let started = Instant::now();
        let body = RequestBody::new(parts, progress.clone(), started);
        *post.body_mut() = Some(Body::wrap(body));
        self.call(post, progress, started, wire::parse_upload).await
    }

    /// What was uploaded into a session so far.
    ///
    /// # Errors
    ///
    /// What became of the call.
    pub async fn upload_status(&self, session_id: &str) -> Result<wire::UploadStatus, ApiError> {
        let name = "session_upload_status";
        self.ask(Method::GET, session_id, name, wire::parse_upload_status)
            .await
    }

    /// Ends the uploads of a session and begins processing.
    ///
    /// # Errors
    ///
    /// What became of the call.
    pub async fn initiate_processing(&self, session_id: &str) -> Result<(), ApiError> {
        let name = "initiate_processing";
        self.ask(
            Method::POST,
            session_id,
            name,
            wire::parse_processing_started,
        )
        .await
    }

    /// How far processing is.
    ///
    /// # Errors
    ///
    /// What became of the call.
    pub async fn progress(&self, session_id: &str) -> Result<wire::ProgressReport, ApiError> {
        self.ask(Method::GET, session_id, "progress", wire::parse_progress)
            .await
    }

    /// What became of a session's accounts.
    ///
    /// # Errors
    ///
    /// What became of the call.
    pub async fn session_report(&self, session_id: &str) -> Result<wire::SessionReport, ApiError> {
        let name = "session_status";
        self.ask(Method::GET, session_id, name, wire::parse_session_report)
            .await
    }

    /// The banks that the service knows at the moment.
    ///
    /// # Errors
    ///
    /// What became of the call.
    pub async fn bank_list(&self) -> Result<Vec<wire::ListedBank>, ApiError> {
        let request = self.request(Method::GET, &["v1", "banks", "catalogue"]);
        self.call_watched(request, "catalogue", None, wire::parse_bank_list)
            .await
    }

    /// A call without a body about one session.
    async fn ask<T>(
        &self,
        method: Method,
        session_id: &str,
        name: &'static str,
        parse: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<T, ApiError> {
        let id = checked_id(session_id)?;
        let mut request = self.request(method, &["v1", "session_data", id, name]);
        if let Some(hash) = &self.credentials.server_hash {
            insert(request.headers_mut(), "server-hash", hash);
        }
        self.call_watched(request, name, Some(id), parse).await
    }

    /// A call without a body, of which whoever watches is told.
    async fn call_watched<T>(
        &self,
        request: Request,
        endpoint: &'static str,
        session: Option<&str>,
        parse: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<T, ApiError> {
        let method = request.method().clone();
        let under_way = self.begin((method.as_str(), endpoint), session);
        let progress = BodyProgress::default();
        let answer = self.call(request, &progress, under_way.started(), parse);
        let answer = answer.await;
        under_way.end(None, answer.as_ref().err());
        answer
    }

    fn request(&self, method: Method, segments: &[&str]) -> Request {
        let mut request = Request::new(method, self.base.endpoint(segments));
        insert(
            request.headers_mut(),
            "x-api-key",
            &self.credentials.api_key,
        );
        request
    }

    async fn call<T>(
        &self,
        request: Request,
        progress: &BodyProgress,
        started: Instant,
        parse: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<T, ApiError> {
        let sending = Sending {
            deadlines: &self.deadlines,
            progress,
            credentials: &self.credentials,
            started,
        };
        transport::call(&self.http, request, sending, parse).await
    }

    /// The upload form and its content type.
    fn form(upload: &UploadRequest) -> Result<(HeaderValue, Vec<Part>), ApiError> {
        let boundary = random_word().map_err(|error| not_built(&error.to_string()))?;
        let mut form = Form::new(boundary);
        form.field("session_id", checked_id(&upload.session_id)?);
        let fields = [
            ("bank_name", upload.bank.as_deref()),
            ("account_category", upload.account_category.as_deref()),
            (
                "pdf_password",
                upload.password.as_ref().map(Password::expose),
            ),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                form.field(name, value);
            }
        }
        match &upload.payload {
            UploadPayload::Pdf { name, bytes } => {
                form.field("upload_type", "PDF");
                form.pdf(name, bytes.clone());
            }
            UploadPayload::Base64 { bytes } => {
                form.field("upload_type", "BASE64");
                form.base64(bytes.clone());
            }
            UploadPayload::Url(url) => {
                form.field("upload_type", "PDF");
                form.field("file_url", url);
            }
        }
        let (kind, parts) = form.finish();
        let kind = HeaderValue::from_str(&kind).map_err(|error| not_built(&error.to_string()))?;
        Ok((kind, parts))
    }
}

fn insert(headers: &mut HeaderMap, name: &'static str, secret: &Secret) {
    // Secrets are visible ASCII, which every header can hold.
    if let Some(value) = secret.header() {
        headers.insert(HeaderName::from_static(name), value);
    }
}

fn append_extras(url: &mut Url, extras: ResponseExtras) {
    let asked = [("identity", extras.identity), ("progress", extras.progress)];
    for (name, _) in asked.into_iter().filter(|(_, asked)| *asked) {
        url.query_pairs_mut().append_pair(name, "true");
    }
}

/// Whether a text can be a session id, and may so stand in a path.
pub fn is_session_id(id: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    !id.is_empty() && id.len() <= MAX_ID_CHARS && id.bytes().all(plain)
}

fn checked_id(id: &str) -> Result<&str, ApiError> {
    if is_session_id(id) {
        Ok(id)
    } else {
        Err(not_built(&format!("{id:?} is no session id")))
    }
}

fn not_built(detail: &str) -> ApiError {
    ApiError::NotSent {
        reason: NotSent::InvalidRequest,
        detail: SanitizedText::new(detail),
    }
}

/// A word that nobody can guess, of 32 letters and digits.
pub(super) fn random_word() -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().fold(String::new(), |mut word, byte| {
        let _infallible = write!(word, "{byte:02x}");
        word
    }))
}
