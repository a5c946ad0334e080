//! Tells whoever watches of calls as they end.

use super::wire::ApiError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A call that ended. Uploads are none: whoever sends a file is told what became of it.
#[derive(Debug, Clone, Copy)]
pub struct CallReport<'c> {
    /// The HTTP method.
    pub method: &'c str,
    /// The last part of the address, such as `session` or `session_upload_status`.
    pub endpoint: &'static str,
    /// The session that it is about, or that it has created.
    pub session: Option<&'c str>,
    /// Why it did not succeed, if it did not.
    pub error: Option<&'c ApiError>,
    /// How long it took.
    pub elapsed: Duration,
}

/// Is told of calls, of each once.
#[derive(Clone)]
pub struct Watch(Arc<dyn Fn(&CallReport<'_>) + Send + Sync>);

impl Watch {
    /// Has this called at the end of every call. It should not take long: the call waits for it.
    pub fn new(told: impl Fn(&CallReport<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(told))
    }

    pub(super) fn tell(&self, report: &CallReport<'_>) {
        (self.0)(report);
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}
