//! The event loop: messages in, effects out, a frame when one is due.

use super::active_session::SessionOptions;
use super::discovery::Search;
use super::event::{self, Event, now};
use super::event_logging::{DashboardLog, LoggedMessage};
use super::frame_scheduler::FrameScheduler;
use super::preview::PagePreview;
use super::screening::Screener;
use super::shutdown::{DashboardEnd, SIGNAL_GRACE, Shutdown, TERMINAL_GONE_GRACE};
use super::sources;
use super::stored::{self, QueueStore};
use super::terminal::{self, Terminal};
use super::upload_worker::UploadThread;
use crate::batch::{self, FileKey, Input};
use crate::connection::ConnectionOptions;
use crate::dashboard::model::{CaseOfFile, File, FileId, Level};
use crate::dashboard::{Message, Model, Setup, UploadProgress, UploadUpdate, begin, update, view};
use crate::error::AppError;
use crate::event_log::{EventLog, Notices};
use crate::output::OutputGuard;
use crate::report::SettledUpload;
use crate::screen::{ContentHash, Policy};
use crate::settings::{Settings, environment};
use crate::uploads::UploadType;
use crossterm::event::{Event as TerminalEvent, KeyEventKind, MouseButton, MouseEventKind};
use jiff::Timestamp;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGTSTP, SIGWINCH};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// Maximum time spent on messages between two frames.
const BURST: Duration = Duration::from_millis(8);
/// Interval of clock messages while files are sent.
const SENDING_TICK: Duration = Duration::from_secs(1);
/// Interval of clock messages while a session with an expiry is open.
const SESSION_TICK: Duration = Duration::from_secs(30);
/// Lines that one step of the mouse wheel scrolls.
const WHEEL_LINES: i32 = 3;

/// What the dashboard runs with.
pub(crate) struct DashboardOptions {
    pub(crate) setup: Setup,
    pub(crate) policy: Policy,
    /// Number of screening threads.
    pub(crate) jobs: usize,
    pub(crate) connection: ConnectionOptions,
    /// Maximum number of simultaneous uploads.
    pub(crate) concurrency: usize,
    pub(crate) upload_type: UploadType,
    /// Whether to capture the mouse.
    pub(crate) mouse: bool,
    /// Whether archives and mails are searched for PDF files.
    pub(crate) archive: bool,
    pub(crate) settings: Settings,
    pub(crate) notices: Notices,
    pub(crate) log: EventLog,
    /// Protects the files that the settings and the arguments name.
    pub(crate) guard: OutputGuard,
}

/// Runs the dashboard until the user leaves.
///
/// # Errors
///
/// If the terminal can't be used.
pub(crate) fn run(options: DashboardOptions, inputs: Vec<Input>) -> Result<DashboardEnd, AppError> {
    EventLoop::start(options)?.run(inputs)
}

/// The running dashboard.
pub(super) struct EventLoop {
    pub(super) model: Model,
    pub(super) terminal: Terminal,
    pub(super) frames: FrameScheduler,
    events: Receiver<Event>,
    pub(super) sender: Sender<Event>,
    pub(super) inputs: Inputs,
    pub(super) search: Search,
    pub(super) screener: Screener,
    pub(super) preview: PagePreview,
    pub(super) uploads: UploadThread,
    pub(super) shutdown: Option<Shutdown>,
    pub(super) events_log: DashboardLog,
    pub(super) notices: Notices,
    pub(super) guard: OutputGuard,
    /// The watched folders by their IDs; the flag stops watching.
    pub(super) watches: HashMap<u32, Arc<AtomicBool>>,
    /// Stores the queue for the next start; `None` if it is not stored.
    pub(super) queue_store: Option<QueueStore>,
    next_tick: Option<Instant>,
}

/// The files of the queue by their index, each once, whatever path leads to it.
#[derive(Default)]
pub(super) struct Inputs {
    pub(super) list: Vec<Input>,
    known: HashMap<FileKey, FileId>,
    /// The files that were moved into another case than that of their folder.
    moved: HashSet<FileId>,
}

impl Inputs {
    /// Returns whether the file of an input is known.
    pub(super) fn has(&self, input: &Input) -> bool {
        self.known.contains_key(&input.key())
    }

    /// Puts files into other cases.
    pub(super) fn move_files(&mut self, places: &[CaseOfFile]) {
        for (id, case) in places {
            if let Some(input) = self.list.get_mut(id.index()) {
                input.case = *case;
                self.moved.insert(*id);
            }
        }
    }

    /// Returns the inputs that are in the case of their folder, or in none.
    pub(super) fn in_place(&self) -> impl Iterator<Item = &Input> {
        let inputs = self.list.iter().zip(0..);
        let in_place = inputs.filter(|(_, index)| !self.moved.contains(&FileId(*index)));
        in_place.map(|(input, _)| input)
    }

    /// Adds an input, unless its file is known. Then its number in the queue is the error.
    pub(super) fn add(&mut self, input: Input) -> Result<(), FileId> {
        let id = FileId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        match self.known.entry(input.key()) {
            Entry::Occupied(known) => Err(*known.get()),
            Entry::Vacant(place) => {
                place.insert(id);
                self.list.push(input);
                Ok(())
            }
        }
    }
}

impl EventLoop {
    /// Takes over the terminal and starts the background threads.
    pub(super) fn start(options: DashboardOptions) -> Result<Self, AppError> {
        let reject = |error| {
            let hint = "screen without the dashboard: bankscreen --check PATH";
            AppError::environment("could not use the terminal", error, hint)
        };
        let DashboardOptions {
            setup,
            policy,
            jobs,
            connection,
            concurrency,
            upload_type,
            mouse,
            archive,
            settings,
            notices,
            log,
            guard,
        } = options;
        let (sender, receiver) = mpsc::channel();
        let max_bytes = policy.limits.file_bytes;
        let cases = setup.cases.clone();
        let ends_with_connection = setup.ends_with_connection;
        // With a session, the run can have no cases.
        let accepts_cases = !setup.cases.is_empty() || setup.initial_session.is_none();
        let queue_store = QueueStore::open(!setup.cases.is_empty(), accepts_cases);
        let interrupted_queue = queue_store.as_ref().and_then(QueueStore::interrupted);
        let setup = Setup {
            interrupted_queue,
            ..setup
        };
        let mut model = Model::new(setup, Terminal::size(), Timestamp::now());
        model.recent_sessions = stored::recent_sessions();
        if ends_with_connection {
            model.show_notice(
                Level::Info,
                "If this connection drops, uploads stop; the next start reconciles them, and \
                 nothing is sent twice. Use tmux for long runs.",
            );
        }
        report_panics(sender.clone());
        sources::read_signals(sender.clone()).map_err(reject)?;
        let terminal = Terminal::enter(mouse).map_err(reject)?;
        sources::read_keys(sender.clone());
        sources::watch_terminal(sender.clone());
        let session_options = SessionOptions {
            connection,
            settings,
            concurrency,
            keys: model.setup.keys.clone(),
            upload_type,
            max_bytes,
            notices: event::notices(log.clone(), sender.clone()),
            log: log.clone(),
        };
        Ok(Self {
            model,
            terminal,
            frames: FrameScheduler::new(environment::is_remote()),
            inputs: Inputs::default(),
            search: Search::new(archive, &policy),
            events_log: DashboardLog::new(&log, sender.clone()),
            screener: Screener::new(policy, jobs, cases, sender.clone()),
            preview: PagePreview::new(sender.clone(), max_bytes),
            uploads: UploadThread::start(session_options, sender.clone()),
            events: receiver,
            sender,
            shutdown: None,
            notices,
            guard,
            watches: HashMap::new(),
            queue_store,
            next_tick: None,
        })
    }

    /// Runs until the user quits, or a signal or the loss of the terminal ends the program.
    pub(super) fn run(mut self, inputs: Vec<Input>) -> Result<DashboardEnd, AppError> {
        self.draw();
        self.add_files(inputs);
        for effect in begin(&mut self.model) {
            self.perform(effect)?;
        }
        loop {
            if let Some(end) = self.turn()? {
                self.screener.cancel();
                let is_interrupted = matches!(end, DashboardEnd::Signal(_));
                self.end_store(is_interrupted);
                terminal::restore();
                self.print_summary();
                return Ok(end);
            }
        }
    }

    /// Waits for an event, handles all that are pending, and draws if a frame is due.
    fn turn(&mut self) -> Result<Option<DashboardEnd>, AppError> {
        if let Some(end) = self.shutdown_timeout() {
            return Ok(Some(end));
        }
        let event = match self.deadline() {
            None => self
                .events
                .recv()
                .map_err(|_closed| RecvTimeoutError::Disconnected),
            Some(deadline) => {
                let wait = deadline.saturating_duration_since(now());
                self.events.recv_timeout(wait)
            }
        };
        let started = now();
        let mut next = event.ok();
        while let Some(event) = next {
            if let Some(end) = self.handle(event)? {
                return Ok(Some(end));
            }
            next = if started.elapsed() < BURST {
                self.events.try_recv().ok()
            } else {
                None
            };
        }
        self.tick()?;
        self.store_queue();
        if self.frames.is_due(now()) {
            self.draw();
        }
        Ok(None)
    }

    /// Returns the latest time of the next turn.
    fn deadline(&self) -> Option<Instant> {
        let shutdown = self.shutdown.as_ref();
        let moments = [
            self.frames.due(),
            self.next_tick,
            shutdown.and_then(|shutdown| shutdown.abort_at),
            shutdown.and_then(|shutdown| shutdown.end_at),
            self.queue_store.as_ref().and_then(|store| store.save_at),
        ];
        moments.into_iter().flatten().min()
    }

    /// Sends the time to the model while it is shown.
    fn tick(&mut self) -> Result<(), AppError> {
        let totals = self.model.queue.upload_totals();
        let interval = if totals.left() > 0 {
            Some(SENDING_TICK)
        } else {
            let session = self.model.open_session();
            session
                .and_then(|session| session.expires)
                .map(|_| SESSION_TICK)
        };
        let Some(interval) = interval else {
            self.next_tick = None;
            return Ok(());
        };
        let now = now();
        match self.next_tick {
            Some(due) if due > now && due <= now + interval => Ok(()),
            _ => {
                self.next_tick = now.checked_add(interval);
                self.dispatch(Message::Tick(Timestamp::now()), false)
            }
        }
    }

    fn draw(&mut self) {
        if self.is_terminal_gone() {
            self.frames.drawn(now(), 0);
            return;
        }
        if !Terminal::is_writable() {
            self.frames.postpone(now());
            return;
        }
        let size = (self.model.viewport.width, self.model.viewport.height);
        let model = &self.model;
        let drawn = self
            .terminal
            .draw(size, |area, cells| view(model, area, cells));
        match drawn {
            Ok(bytes) => self.frames.drawn(now(), bytes),
            // A lost terminal is reported by its watcher or a signal.
            Err(_) => self.frames.postpone(now()),
        }
    }

    /// Handles one event, and returns the end if it ends the program.
    fn handle(&mut self, event: Event) -> Result<Option<DashboardEnd>, AppError> {
        match event {
            Event::Message(message) => self.dispatch(message, false)?,
            Event::Terminal(event) => {
                if let Some(message) = translate(event) {
                    self.model.now = Timestamp::now();
                    self.dispatch(message, true)?;
                }
            }
            Event::Found(inputs, case) => self.add_found(inputs, case.as_deref()),
            Event::Resolved(list) => self.resolve(list)?,
            Event::Signal(SIGTSTP) => {
                self.events_log.signal(SIGTSTP);
                self.suspend()?;
            }
            Event::Signal(SIGCONT) => {
                self.events_log.signal(SIGCONT);
                self.terminal.repaint();
                self.frames.request(true);
            }
            // crossterm 0.29 loses a size change that arrives together with a key.
            Event::Signal(SIGWINCH) => {
                let (width, height) = Terminal::size();
                self.dispatch(Message::Resized(width, height), true)?;
            }
            Event::Signal(signal) => {
                self.events_log.signal(signal);
                self.leave(Some(signal), SIGNAL_GRACE)?;
            }
            Event::HungUp => {
                self.events_log.signal(SIGHUP);
                self.leave(Some(SIGHUP), TERMINAL_GONE_GRACE)?;
            }
            Event::UploadsEnded => {
                return Ok(self.shutdown.as_ref().map(|shutdown| self.end(shutdown)));
            }
        }
        Ok(None)
    }

    /// Updates the model with a message, and performs the effects.
    pub(super) fn dispatch(&mut self, message: Message, urgent: bool) -> Result<(), AppError> {
        self.frames.request(urgent);
        let may_change_queue = matches!(
            message,
            Message::Key(_) | Message::Paste(_) | Message::UploadUpdated(_)
        );
        if let Some(store) = self.queue_store.as_mut().filter(|_| may_change_queue) {
            store.changed();
        }
        let logged = LoggedMessage::of(&message);
        self.events_log.log_notices(&self.model);
        let effects = update(&mut self.model, message);
        self.events_log.log_accepted(&logged, &self.model);
        for effect in effects {
            self.perform(effect)?;
        }
        Ok(())
    }

    /// Shows outcomes that were unknown and are known now.
    fn resolve(&mut self, list: Vec<(ContentHash, SettledUpload)>) -> Result<(), AppError> {
        for (content, record) in list {
            // Related cases can have sent the same statement, each to a session of its own.
            let is_unknown = |file: &File| {
                file.screening().and_then(|screening| screening.content) == Some(content)
                    && file.is_unknown()
                    && file
                        .upload_record()
                        .is_some_and(|own| own.session == record.session)
            };
            let found = {
                let mut files = self.model.queue.present();
                files.find(|(_, file)| is_unknown(file)).map(|(id, _)| id)
            };
            if let Some(file) = found {
                let progress = UploadProgress::Finished(Box::new(record));
                self.dispatch(
                    Message::UploadUpdated(UploadUpdate { file, progress }),
                    false,
                )?;
            }
        }
        Ok(())
    }

    /// Returns to the shell, and takes over the terminal again when resumed.
    pub(super) fn suspend(&mut self) -> Result<(), AppError> {
        let sending = self.model.queue.upload_totals().sending;
        terminal::restore();
        if sending > 0 {
            self.notices.warning(format_args!(
                "bankscreen is suspended with {sending} running uploads; fg resumes them"
            ));
        }
        let stopped = signal_hook::low_level::emulate_default_handler(SIGTSTP);
        let resumed = stopped.and_then(|()| self.terminal.reenter());
        resumed.map_err(|error| {
            AppError::environment("could not use the terminal", error, "start it again")
        })?;
        let (width, height) = Terminal::size();
        self.dispatch(Message::Resized(width, height), true)
    }
}

/// Converts terminal input to a message, if it has a meaning.
fn translate(event: TerminalEvent) -> Option<Message> {
    Some(match event {
        TerminalEvent::Key(key) if key.kind != KeyEventKind::Release => Message::Key(key),
        TerminalEvent::Paste(text) => Message::Paste(text),
        TerminalEvent::Resize(width, height) => Message::Resized(width, height),
        TerminalEvent::Mouse(mouse) => match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => Message::Click {
                row: mouse.row,
                column: mouse.column,
            },
            MouseEventKind::ScrollDown => Message::Scroll(WHEEL_LINES),
            MouseEventKind::ScrollUp => Message::Scroll(-WHEEL_LINES),
            _ => return None,
        },
        _ => return None,
    })
}

/// Installs a panic hook. A panic of the event loop is printed on the restored terminal; one of a
/// background thread is shown on the dashboard.
fn report_panics(events: Sender<Event>) {
    let main = thread::current().id();
    let previous = std::panic::take_hook();
    let events = std::sync::Mutex::new(events);
    std::panic::set_hook(Box::new(move |info| {
        if thread::current().id() == main {
            terminal::restore();
            previous(info);
        } else if batch::is_guarded() {
            previous(info);
        } else if let Ok(events) = events.lock() {
            let location = info
                .location()
                .map_or_else(String::new, ToString::to_string);
            let text = format!("a background thread failed ({location}); report it as a bug");
            drop(events.send(Event::error(text)));
        }
    }));
}
