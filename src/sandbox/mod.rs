//! Serves the BankConnect API on loopback, so that you can try and test without a key or a network.
//!
//! The sandbox checks each request in the documented order and replies with the documented status
//! codes, error codes and messages. It isolates sessions from each other, expires them and
//! simulates processing time. A [`FaultPlan`] injects failures. A [`Script`] fixes the response to
//! a file; an [`Evaluator`] decides about every other file. All state is in memory and is lost
//! when the sandbox stops.
//!
//! Only clients that address the sandbox by its own host and port are served, so that no web page
//! can reach it. Request bodies are bounded, and uploads are read only after the key was checked.

mod auth;
mod connection;
mod coverage;
mod create_session;
mod endpoints;
mod error_response;
mod evaluator;
mod fault_injection;
mod faults;
mod insights;
mod options;
mod request_guard;
mod routes;
mod script;
mod session_data;
mod spreadsheet;
mod state;
mod upload;
mod web_pages;
mod webhook;

pub use evaluator::{EvaluatedPeriod, Evaluation, Evaluator};
pub use faults::{FaultError, FaultPlan};
pub use options::SandboxOptions;
pub use script::{Script, ScriptError};
pub use state::{ReceivedOutcome, ReceivedUpload};

use connection::{Listener, ResetHandle};
use state::ServerState;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use tokio::sync::oneshot;

/// A sandbox server. It runs on its own thread until it is dropped.
pub struct Sandbox {
    address: SocketAddr,
    state: Arc<ServerState>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a server that accepts connections as soon as this returns.
    ///
    /// # Errors
    ///
    /// Returns an error if the port is in use, or if the system denies a socket or a thread.
    pub fn start(options: SandboxOptions) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
        // Bind before the thread starts, so that an error reaches the caller and clients can
        // connect at once. Tokio requires a non-blocking socket.
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        // One thread is enough: evaluators, the only slow part, run on blocking threads.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let state = Arc::new(ServerState::new(options, address));
        let (stop, stopped) = oneshot::channel();
        let router = routes::router(Arc::clone(&state));
        let serve = async move {
            let listener = Listener::new(listener)?;
            let service = router.into_make_service_with_connect_info::<ResetHandle>();
            // Drop open connections instead of waiting for them: some faults hang on purpose.
            tokio::select! {
                served = axum::serve(listener, service).into_future() => served,
                _ = stopped => Ok(()),
            }
        };
        let thread = thread::Builder::new()
            .name("sandbox".to_owned())
            .spawn(move || {
                // A listener error stops the server early; clients then see refused connections.
                drop(runtime.block_on(serve));
                runtime.shutdown_background();
            })?;
        Ok(Self {
            address,
            state,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Returns the root URL of the API, without `/v1`.
    pub fn base_url(&self) -> String {
        format!("http://{}/bank-connect", self.address)
    }

    /// Returns the URL of the web page that lists sessions and received uploads.
    pub fn page_url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Returns the received uploads, oldest first.
    pub fn received(&self) -> Vec<ReceivedUpload> {
        self.state.received()
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sandbox({})", self.address)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Both operations fail only if the thread has already ended.
        let _ended = self.stop.take().map(|stop| stop.send(()));
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}
