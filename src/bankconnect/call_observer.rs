//! Tells whoever watches of calls as they end.

use super::wire::ApiError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A call that ended. Uploads are none: whoever sends a file is told what became of it.
#[derive(Debug, Clone, Copy)]
pub struct CallReport<'c> {
    /// The HTTP method.
    pub method: &'c str,
    /// The last part of the address, such as `session` or `session_upload_status`.
    pub endpoint: &'static str,
    /// The session that it is about, or that it has created.
    pub session: Option<&'c str>,
    /// How it ended.
    pub end: CallOutcome<'c>,
    /// How long it took.
    pub elapsed: Duration,
}

/// How a call ended.
#[derive(Debug, Clone, Copy)]
pub enum CallOutcome<'c> {
    /// The service did what was asked for.
    Succeeded,
    /// It did not succeed.
    Failed(&'c ApiError),
    /// Whoever waited for it went away: nobody knows what the service did.
    Abandoned,
}

/// Is told of calls, of each once.
#[derive(Clone)]
pub struct CallObserver(Arc<dyn Fn(&CallReport<'_>) + Send + Sync>);

impl CallObserver {
    /// Has this called at the end of every call. It should not take long: the call waits for it.
    pub fn new(told: impl Fn(&CallReport<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(told))
    }
}

impl fmt::Debug for CallObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallObserver")
    }
}

/// A call under way, of which is told even if nobody waits for it any more.
pub(super) struct InFlightCall<'c> {
    /// Gone once it was told.
    watch: Option<&'c CallObserver>,
    method: &'c str,
    endpoint: &'static str,
    session: Option<&'c str>,
    started: Instant,
}

impl<'c> InFlightCall<'c> {
    pub(super) fn begin(
        watch: Option<&'c CallObserver>,
        (method, endpoint): (&'c str, &'static str),
        session: Option<&'c str>,
    ) -> Self {
        Self {
            watch,
            method,
            endpoint,
            session,
            started: Instant::now(),
        }
    }

    pub(super) fn started(&self) -> Instant {
        self.started
    }

    /// It ended; `created` is the session that it has created, if it has.
    pub(super) fn end(mut self, created: Option<&str>, error: Option<&ApiError>) {
        self.tell(
            created,
            error.map_or(CallOutcome::Succeeded, CallOutcome::Failed),
        );
    }

    fn tell(&mut self, created: Option<&str>, end: CallOutcome<'_>) {
        if let Some(CallObserver(told)) = self.watch.take() {
            told(&CallReport {
                method: self.method,
                endpoint: self.endpoint,
                session: created.or(self.session),
                end,
                elapsed: self.started.elapsed(),
            });
        }
    }
}

impl Drop for InFlightCall<'_> {
    fn drop(&mut self) {
        self.tell(None, CallOutcome::Abandoned);
    }
}
