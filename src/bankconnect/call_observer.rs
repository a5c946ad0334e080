//! Reports each call to an observer when it ends.

use super::wire::ApiError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A finished call. Uploads are not reported here, because their callers log the attempts.
#[derive(Debug, Clone, Copy)]
pub struct CallReport<'c> {
    /// The HTTP method.
    pub method: &'c str,
    /// The last segment of the URL path, such as `session` or `session_upload_status`.
    pub endpoint: &'static str,
    /// The session that the call refers to, or that it created.
    pub session: Option<&'c str>,
    /// The outcome of the call.
    pub outcome: CallOutcome<'c>,
    /// The time from the start of the call to its end.
    pub elapsed: Duration,
}

/// The outcome of a call.
#[derive(Debug, Clone, Copy)]
pub enum CallOutcome<'c> {
    /// The service performed the request.
    Succeeded,
    /// The call returned an error.
    Failed(&'c ApiError),
    /// The caller dropped the call. It is unknown whether the service acted.
    Abandoned,
}

/// A callback that receives one report per call.
#[derive(Clone)]
pub struct CallObserver(Arc<dyn Fn(&CallReport<'_>) + Send + Sync>);

impl CallObserver {
    /// Wraps a callback. The call blocks until the callback returns, so it should be quick.
    pub fn new(callback: impl Fn(&CallReport<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(callback))
    }
}

impl fmt::Debug for CallObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallObserver")
    }
}

/// An in-flight call; reports `Abandoned` on drop.
pub(super) struct InFlightCall<'c> {
    /// `None` after the call was reported.
    observer: Option<&'c CallObserver>,
    method: &'c str,
    endpoint: &'static str,
    session: Option<&'c str>,
    started: Instant,
}

impl<'c> InFlightCall<'c> {
    pub(super) fn begin(
        observer: Option<&'c CallObserver>,
        (method, endpoint): (&'c str, &'static str),
        session: Option<&'c str>,
    ) -> Self {
        Self {
            observer,
            method,
            endpoint,
            session,
            started: Instant::now(),
        }
    }

    pub(super) fn started(&self) -> Instant {
        self.started
    }

    /// Reports the end of the call. `created` is the session that the call created, if any.
    pub(super) fn end(mut self, created: Option<&str>, error: Option<&ApiError>) {
        self.report(
            created,
            error.map_or(CallOutcome::Succeeded, CallOutcome::Failed),
        );
    }

    fn report(&mut self, created: Option<&str>, outcome: CallOutcome<'_>) {
        if let Some(CallObserver(callback)) = self.observer.take() {
            callback(&CallReport {
                method: self.method,
                endpoint: self.endpoint,
                session: created.or(self.session),
                outcome,
                elapsed: self.started.elapsed(),
            });
        }
    }
}

impl Drop for InFlightCall<'_> {
    fn drop(&mut self) {
        self.report(None, CallOutcome::Abandoned);
    }
}
