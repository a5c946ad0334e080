//! The API client: one method per endpoint.

use super::base_url::BaseUrl;
use super::call_observer::{CallObserver, InFlightCall};
use super::credentials::{Credentials, Secret, Wiped};
use super::multipart::Form;
use super::request_body::{BodyPart, BodyProgress, RequestBody};
use super::transport::{self, CallContext, Deadlines, ResponseReader};
use super::webhook_url::WebhookUrl;
use super::wire::{
    self, ApiError, Indeterminate, NotSent, SanitizedText, SessionRequest, is_session_id,
};
use crate::pdf::Password;
use crate::text::hex;
use crate::uploads::plan::{Owner, RequestDigest};
use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Body, Method, Request};
use serde::Serialize;
use std::io;
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;
use url::Url;
use zeroize::Zeroizing;

/// The webhook mode for net banking and uploads. It is always sent: without it, the service uses
/// the mode for net banking only.
pub const WEBHOOK_MODE: u8 = 1;
/// Threads for blocking work, such as reading files and resolving names.
///
/// The number is low because the allocator keeps freed memory per thread.
const BLOCKING_THREADS: usize = 2;

/// A client of one origin. Clones are cheap and share their state.
#[derive(Debug, Clone)]
pub struct Client {
    pub(super) http: reqwest::Client,
    pub(super) base: BaseUrl,
    pub(super) credentials: Credentials,
    pub(super) deadlines: Deadlines,
    observer: Option<CallObserver>,
}

/// An error while creating a client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// TLS could not be set up. The usual cause is missing root certificates.
    #[error("TLS setup failed")]
    Tls(#[source] reqwest::Error),
}

/// A file to upload.
#[derive(Debug, Clone)]
pub struct UploadRequest {
    /// The session to upload into.
    pub session_id: String,
    /// The document.
    pub payload: UploadPayload,
    /// The bank identifier. If it is `None`, the service detects the bank.
    pub bank: Option<String>,
    /// `SAVINGS`, `CURRENT` or `OVERDRAFT`.
    pub account_category: Option<String>,
    /// The password of the document. The service ignores it if the document needs none.
    pub password: Option<Password>,
    /// Optional parts of the response to request.
    pub extras: ResponseExtras,
}

/// How a document is transferred.
#[derive(Debug, Clone)]
pub enum UploadPayload {
    /// As a file in the form.
    Pdf {
        /// The file name to send. Characters that are unsafe in a form become underscores.
        name: String,
        /// The file, unchanged.
        bytes: Bytes,
    },
    /// As Base64 text in the form, which is one third larger.
    Base64 {
        /// The file, unchanged.
        bytes: Bytes,
    },
    /// As a URL from which the service downloads the document.
    Url(String),
}

/// Optional parts of an upload's response, requested by query parameters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ResponseExtras {
    /// Requests the account holder's identity. bankscreen discards that part of the response.
    pub identity: bool,
    /// Requests the progress of the uploaded statements.
    pub progress: bool,
}

/// Creates the async runtime for calls. One thread is enough, because calls wait for the network.
///
/// # Errors
///
/// Returns an error if the operating system denies a resource.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .build()
}

/// Creates an HTTP client without credentials, for a host on loopback or elsewhere.
pub(super) fn http_client(
    deadlines: &Deadlines,
    is_loopback: bool,
) -> Result<reqwest::Client, ClientError> {
    // Fails if a provider is installed already; that one is the same.
    drop(rustls::crypto::ring::default_provider().install_default());
    let builder = reqwest::Client::builder()
        .user_agent(concat!("bankscreen/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(deadlines.connect)
        // A redirect would forward the API key, and a retry could upload a file twice.
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .http1_only()
        // Without keep-alive: a connection that the service has closed in the meantime could
        // accept a whole body that the service never reads. Its outcome would be unknown.
        .pool_max_idle_per_host(0)
        .tcp_nodelay(true)
        // The deadlines of this client decide; the library's would be shorter.
        .tcp_user_timeout(None);
    let builder = if is_loopback {
        builder.no_proxy()
    } else {
        builder.https_only(true)
    };
    builder.build().map_err(ClientError::Tls)
}

impl Client {
    /// Creates a client of one origin.
    ///
    /// Proxies are taken from the environment, but never used for loopback.
    ///
    /// # Errors
    ///
    /// Returns an error if TLS cannot be set up.
    pub fn new(
        base: BaseUrl,
        credentials: Credentials,
        deadlines: Deadlines,
    ) -> Result<Self, ClientError> {
        Ok(Self {
            http: http_client(&deadlines, base.is_loopback())?,
            base,
            credentials,
            deadlines,
            observer: None,
        })
    }

    /// Returns the same client with an observer of its calls.
    #[must_use]
    pub fn with_observer(self, observer: CallObserver) -> Self {
        Self {
            observer: Some(observer),
            ..self
        }
    }

    /// Returns whether a server hash is set, which all calls about an existing session require.
    pub fn has_server_hash(&self) -> bool {
        self.credentials.server_hash.is_some()
    }

    /// Returns the owner of what this client sends: its host and its API key.
    pub fn owner(&self) -> Owner {
        self.credentials.owner(&self.base)
    }

    /// Returns a digest of what an upload requests beside its file.
    pub fn digest(
        &self,
        bank: Option<&str>,
        category: Option<&str>,
        password: Option<&Password>,
    ) -> RequestDigest {
        let password = password.map(Password::expose);
        self.credentials.digest(bank, category, password)
    }

    /// Returns the root of the API, before `/v1`. It contains no credentials.
    pub fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// Creates a session, after checking the request against the rules of the service.
    ///
    /// # Errors
    ///
    /// Returns [`ApiError::Invalid`] if the request violates a rule, and the failure of the call
    /// otherwise.
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
        // Serialized here instead of by the HTTP library, so that the copy of the key is wiped.
        let with_key = WithKey {
            api_key: self.credentials.api_key.expose(),
            request,
        };
        let json =
            serde_json::to_vec(&with_key).map_err(|error| invalid_request(&error.to_string()))?;
        let json = Bytes::from_owner(Wiped(Zeroizing::new(json)));
        let mut post = self.request(Method::POST, &["v1", "session"]);
        let content_type = HeaderValue::from_static("application/json");
        post.headers_mut().insert(CONTENT_TYPE, content_type);
        let progress = BodyProgress::default();
        let in_flight = self.begin(("POST", "session"), None);
        let started = in_flight.started();
        let body = RequestBody::new(vec![BodyPart::Plain(json)], progress.clone(), started);
        *post.body_mut() = Some(Body::wrap(body));
        let context = CallContext {
            deadlines: &self.deadlines,
            progress: &progress,
            redactor: &self.credentials.redactor(None),
            started,
        };
        let reader = ResponseReader {
            parse: wire::parse_session_created,
            contradicts: |_| false,
        };
        let created = transport::call(&self.http, post, context, reader).await;
        let created = created.map(|(_, created)| created);
        let id = created.as_ref().ok();
        let id = id.map(|created| created.session_id.as_str());
        in_flight.end(id, created.as_ref().err());
        created
    }

    pub(super) fn begin<'c>(
        &'c self,
        call: (&'c str, &'static str),
        session: Option<&'c str>,
    ) -> InFlightCall<'c> {
        InFlightCall::begin(self.observer.as_ref(), call, session)
    }

    /// Uploads a file once, without retries. Returns the HTTP status, too.
    ///
    /// Dropping the future ends the call. [`BodyProgress::is_complete`] then states whether the
    /// service may have processed the file.
    ///
    /// # Errors
    ///
    /// Returns the failure of the call; [`ApiError::has_no_effect`] states whether the service
    /// certainly did not accept the file.
    pub async fn upload(
        &self,
        upload: &UploadRequest,
        progress: &BodyProgress,
    ) -> Result<(u16, wire::AcceptedUpload), ApiError> {
        let (content_type, parts) = Self::form(upload)?;
        let mut post = self.request(Method::POST, &["v1", "statement", "upload_session"]);
        append_extras(post.url_mut(), upload.extras);
        post.headers_mut().insert(CONTENT_TYPE, content_type);
        // Not observed: the caller logs attempts with more details.
        let started = Instant::now();
        let body = RequestBody::new(parts, progress.clone(), started);
        *post.body_mut() = Some(Body::wrap(body));
        let password = upload.password.as_ref().map(Password::expose);
        let context = CallContext {
            deadlines: &self.deadlines,
            progress,
            redactor: &self.credentials.redactor(password),
            started,
        };
        let reader = ResponseReader {
            parse: wire::parse_upload,
            contradicts: wire::is_taken,
        };
        let (http_status, accepted) = transport::call(&self.http, post, context, reader).await?;
        let session = accepted.session_id.as_ref().map(SanitizedText::as_str);
        if session.is_some_and(|session| session != upload.session_id) {
            return Err(ApiError::Indeterminate {
                reason: Indeterminate::Contradictory,
                http_status: Some(http_status),
                excerpt: SanitizedText::new("the response is about another session"),
            });
        }
        Ok((http_status, accepted))
    }

    /// Returns the uploads of a session.
    ///
    /// # Errors
    ///
    /// Returns the failure of the call.
    pub async fn upload_status(&self, session_id: &str) -> Result<wire::UploadStatus, ApiError> {
        let endpoint = "session_upload_status";
        self.session_call(Method::GET, session_id, endpoint, wire::parse_upload_status)
            .await
    }

    /// Closes a session for uploads and starts processing.
    ///
    /// # Errors
    ///
    /// Returns the failure of the call.
    pub async fn initiate_processing(&self, session_id: &str) -> Result<(), ApiError> {
        let endpoint = "initiate_processing";
        let parse = wire::parse_processing_started;
        self.session_call(Method::POST, session_id, endpoint, parse)
            .await
    }

    /// Returns the progress of processing.
    ///
    /// # Errors
    ///
    /// Returns the failure of the call.
    pub async fn progress(&self, session_id: &str) -> Result<wire::ProgressReport, ApiError> {
        self.session_call(Method::GET, session_id, "progress", wire::parse_progress)
            .await
    }

    /// Returns the processing results of a session's accounts.
    ///
    /// # Errors
    ///
    /// Returns the failure of the call.
    pub async fn session_report(&self, session_id: &str) -> Result<wire::SessionReport, ApiError> {
        let endpoint = "session_status";
        let parse = wire::parse_session_report;
        self.session_call(Method::GET, session_id, endpoint, parse)
            .await
    }

    /// Returns the banks that the service supports at present.
    ///
    /// # Errors
    ///
    /// Returns the failure of the call.
    pub async fn bank_list(&self) -> Result<Vec<wire::ListedBank>, ApiError> {
        let request = self.request(Method::GET, &["v1", "banks", "catalogue"]);
        self.observed_call(request, "catalogue", None, wire::parse_bank_list)
            .await
    }

    /// Registers the URL that the service calls when uploads are completed or processing ends.
    ///
    /// # Errors
    ///
    /// Returns the failure of the call.
    pub async fn update_webhook(&self, url: &WebhookUrl) -> Result<(), ApiError> {
        #[derive(Serialize)]
        struct Registration<'a> {
            webhook_url: &'a str,
            webhook_mode: u8,
        }
        let registration = Registration {
            webhook_url: url.as_str(),
            webhook_mode: WEBHOOK_MODE,
        };
        let json = serde_json::to_vec(&registration)
            .map_err(|error| invalid_request(&error.to_string()))?;
        let mut post = self.request(Method::POST, &["v1", "session_data", "update_webhook"]);
        if let Some(hash) = &self.credentials.server_hash {
            insert_secret(post.headers_mut(), "server-hash", hash);
        }
        let content_type = HeaderValue::from_static("application/json");
        post.headers_mut().insert(CONTENT_TYPE, content_type);
        let progress = BodyProgress::default();
        let in_flight = self.begin(("POST", "update_webhook"), None);
        let started = in_flight.started();
        let parts = vec![BodyPart::Plain(json.into())];
        *post.body_mut() = Some(Body::wrap(RequestBody::new(
            parts,
            progress.clone(),
            started,
        )));
        let parse = wire::parse_webhook_registered;
        let registered = self.call(post, &progress, started, parse).await;
        in_flight.end(None, registered.as_ref().err());
        registered
    }

    /// Makes a call without a body about one session.
    async fn session_call<T>(
        &self,
        method: Method,
        session_id: &str,
        endpoint: &'static str,
        parse: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<T, ApiError> {
        let request = self.session_request(method, session_id, endpoint)?;
        self.observed_call(request, endpoint, Some(session_id), parse)
            .await
    }

    /// Returns a request without a body about one session, with both credentials.
    pub(super) fn session_request(
        &self,
        method: Method,
        session_id: &str,
        endpoint: &str,
    ) -> Result<Request, ApiError> {
        // Checked first, because the ID becomes a path segment.
        let id = checked_session_id(session_id)?;
        let mut request = self.request(method, &["v1", "session_data", id, endpoint]);
        if let Some(hash) = &self.credentials.server_hash {
            insert_secret(request.headers_mut(), "server-hash", hash);
        }
        Ok(request)
    }

    /// Makes a call without a body and reports it to the observer.
    async fn observed_call<T>(
        &self,
        request: Request,
        endpoint: &'static str,
        session: Option<&str>,
        parse: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<T, ApiError> {
        let method = request.method().clone();
        let in_flight = self.begin((method.as_str(), endpoint), session);
        let progress = BodyProgress::default();
        let result = self
            .call(request, &progress, in_flight.started(), parse)
            .await;
        in_flight.end(None, result.as_ref().err());
        result
    }

    /// Returns a request without a body that carries the API key.
    fn request(&self, method: Method, segments: &[&str]) -> Request {
        let mut request = Request::new(method, self.base.endpoint(segments));
        insert_secret(
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
        let context = CallContext {
            deadlines: &self.deadlines,
            progress,
            redactor: &self.credentials.redactor(None),
            started,
        };
        let reader = ResponseReader {
            parse,
            contradicts: |_| false,
        };
        let called = transport::call(&self.http, request, context, reader).await;
        called.map(|(_, value)| value)
    }

    /// Builds the upload form, and returns its content type and its parts.
    fn form(upload: &UploadRequest) -> Result<(HeaderValue, Vec<BodyPart>), ApiError> {
        // A random boundary cannot occur in the document, even if the document is malicious.
        let boundary = random_hex().map_err(|error| invalid_request(&error.to_string()))?;
        let mut form = Form::new(boundary);
        form.field("session_id", checked_session_id(&upload.session_id)?);
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
        let (content_type, parts) = form.finish();
        let content_type = HeaderValue::from_str(&content_type)
            .map_err(|error| invalid_request(&error.to_string()))?;
        Ok((content_type, parts))
    }
}

fn insert_secret(headers: &mut HeaderMap, name: &'static str, secret: &Secret) {
    // Secrets consist of visible ASCII characters, which are valid in every header.
    if let Some(value) = secret.header() {
        headers.insert(HeaderName::from_static(name), value);
    }
}

fn append_extras(url: &mut Url, extras: ResponseExtras) {
    let parameters = [("identity", extras.identity), ("progress", extras.progress)];
    for (name, _) in parameters.into_iter().filter(|(_, requested)| *requested) {
        url.query_pairs_mut().append_pair(name, "true");
    }
}

fn checked_session_id(id: &str) -> Result<&str, ApiError> {
    if is_session_id(id) {
        Ok(id)
    } else {
        Err(invalid_request(&format!("invalid session ID {id:?}")))
    }
}

fn invalid_request(detail: &str) -> ApiError {
    ApiError::NotSent {
        reason: NotSent::InvalidRequest,
        detail: SanitizedText::new(detail),
    }
}

/// Returns 32 random hexadecimal digits, which cannot be guessed.
pub(super) fn random_hex() -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)?;
    Ok(hex(&bytes))
}
