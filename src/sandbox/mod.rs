//! Serves the API of BankConnect on loopback, for trying and testing: no key, no money, no network.
//!
//! A shell. It checks what it receives in the order that the documentation suggests, answers with
//! the documented codes, messages and status codes, keeps sessions apart, lets them expire, and
//! takes a moment to process. It fails on purpose where it is told to ([`FaultPlan`]), answers as
//! scripted where a [`Script`] says so, and otherwise asks a [`Judge`]. Everything is kept in
//! memory and gone when it stops.

mod connection;
mod coverage;
mod faults;
mod judge;
mod page;
mod refusal;
mod routes;
mod script;
mod session_data;
mod sessions;
mod spoil;
mod upload;
mod world;

pub use faults::{FaultError, FaultPlan};
pub use judge::{Judge, Judgement};
pub use script::{Script, ScriptError};
pub use world::Received;

use connection::{Connection, Doorway};
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::sync::oneshot;
use world::World;

/// How a sandbox behaves.
#[derive(Clone)]
pub struct Settings {
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The key that it takes.
    pub api_key: String,
    /// The server hash that it takes.
    pub server_hash: String,
    /// Answers laid down by file.
    pub script: Script,
    /// Failures on purpose.
    pub faults: FaultPlan,
    /// Decides the luck of faults and the ids given out; the same seed gives the same run.
    pub seed: u64,
    /// What says whether a file would be taken.
    pub judge: Judge,
    /// How long processing takes.
    pub processing: Duration,
    /// How long sessions last, whatever was asked for; `None` lasts as asked.
    pub lifetime: Option<Duration>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            port: 0,
            api_key: "sandbox-key".to_owned(),
            server_hash: "sandbox-hash".to_owned(),
            script: Script::default(),
            faults: FaultPlan::default(),
            seed: 0,
            judge: judge::by_signature(),
            processing: Duration::from_secs(3),
            lifetime: None,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// A sandbox that runs on a thread of its own until it is dropped.
pub struct Sandbox {
    address: SocketAddr,
    world: Arc<World>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts one; it answers as soon as this returns.
    ///
    /// # Errors
    ///
    /// When the port is taken, or the system refuses what it needs.
    pub fn start(settings: Settings) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, settings.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let world = Arc::new(World::new(settings, address));
        let (stop, stopped) = oneshot::channel();
        let router = routes::router(Arc::clone(&world));
        let serve = async move {
            let doorway = Doorway::new(listener)?;
            let service = router.into_make_service_with_connect_info::<Connection>();
            // Connections under way are dropped, not waited for: some hang on purpose.
            tokio::select! {
                served = axum::serve(doorway, service).into_future() => served,
                _ = stopped => Ok(()),
            }
        };
        let thread = thread::Builder::new()
            .name("sandbox".to_owned())
            .spawn(move || {
                // Serving ends with the sandbox; a listener that fails ends it early.
                drop(runtime.block_on(serve));
                runtime.shutdown_background();
            })?;
        Ok(Self {
            address,
            world,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The root of the API, before `/v1`.
    pub fn base_url(&self) -> String {
        format!("http://{}/bank-connect", self.address)
    }

    /// The page that shows what was received.
    pub fn page_url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The uploads received, oldest first.
    pub fn received(&self) -> Vec<Received> {
        self.world.received()
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sandbox({})", self.address)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Both fail only where the thread has ended already.
        let _ended = self.stop.take().map(|stop| stop.send(()));
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}
