//! The loop: messages in, effects out, a frame when one is due.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the dashboard's clock is"
)]

use super::finder;
use super::mailroom::{Command, Mailroom};
use super::office::Terms;
use super::pace::Pace;
use super::painter::{Page, Painter};
use super::screener::Screener;
use super::terminal::{self, Terminal};
use super::{DashboardArgs, events, export, past};
use crate::batch::{self, Input};
use crate::cli::args::ScreeningArgs;
use crate::cli::failure::Failure;
use crate::cli::post::{Parcel, password};
use crate::cli::screening::name;
use crate::cli::{Exit, settings};
use crate::report::Sent;
use crate::screen::{ContentHash, Policy};
use crate::statement::Category;
use crate::tui::model::{FileId, Level};
use crate::tui::{
    self, Delivered, Effect, Found, Message, Model, Request, Setup, Step, update, view,
};
use crate::upload::OutcomeKind;
use crossterm::event::{Event as Typed, KeyEventKind, MouseButton, MouseEventKind};
use jiff::Timestamp;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGTSTP};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// How long attempts under way may go on after a signal, or when the terminal is gone.
const GRACE: Duration = Duration::from_secs(5);
const GRACE_WITHOUT_TERMINAL: Duration = Duration::from_secs(1);
/// How long the ends of attempts that were aborted are waited for.
const ABORT: Duration = Duration::from_secs(1);
/// Messages taken in between two frames take so long at most.
const BURST: Duration = Duration::from_millis(8);
/// How often the time matters while files are sent, and while a session is open.
const SENDING_TICK: Duration = Duration::from_secs(1);
const SESSION_TICK: Duration = Duration::from_secs(30);

/// Something that happened, to the model or to the program.
pub(super) enum Event {
    Message(Message),
    Terminal(Typed),
    Signal(i32),
    /// The terminal is gone.
    HungUp,
    /// Files were found.
    Found(Vec<Input>),
    /// Unknown outcomes that are known now.
    Resolved(Vec<(ContentHash, Sent)>),
    /// Nothing is on its way, and nothing more will be.
    MailroomClosed,
}

impl From<Message> for Event {
    fn from(message: Message) -> Self {
        Self::Message(message)
    }
}

impl Event {
    pub(super) fn error(text: String) -> Self {
        Self::Message(Message::Notice(Level::Error, text))
    }

    pub(super) fn info(text: String) -> Self {
        Self::Message(Message::Notice(Level::Info, text))
    }
}

/// How the program is ending.
struct Leaving {
    exit: Option<i32>,
    /// When attempts under way are ended.
    abort_at: Option<Instant>,
    /// When the end is not waited for any more.
    gone_at: Option<Instant>,
}

/// The dashboard at work.
pub(super) struct Runtime {
    model: Model,
    terminal: Terminal,
    pace: Pace,
    events: Receiver<Event>,
    sender: Sender<Event>,
    inputs: Vec<Input>,
    known: HashSet<PathBuf>,
    screener: Screener,
    painter: Painter,
    mailroom: Mailroom,
    leaving: Option<Leaving>,
    next_tick: Option<Instant>,
}

impl Runtime {
    /// Takes the terminal over and starts everything that works in the background.
    pub(super) fn start(
        screening: &ScreeningArgs,
        args: &DashboardArgs,
        policy: Policy,
        setup: Setup,
    ) -> Result<Self, Failure> {
        let refuse = |error| {
            let hint = "screen without it: bankscreen --check PATH";
            Failure::environment("the terminal can't be used", error, hint)
        };
        let (sender, receiver) = mpsc::channel();
        let most_bytes = policy.limits.file_bytes;
        let ssh = settings::is_remote();
        let fragile = setup.look.fragile;
        let mut model = Model::new(setup, Terminal::size(), Timestamp::now());
        if fragile {
            model.tell(
                Level::Info,
                "If this connection drops, uploads stop and are settled at the next start; nothing \
                 is sent twice. For long runs use tmux.",
            );
        }
        show_panics(sender.clone());
        events::read_signals(sender.clone()).map_err(refuse)?;
        let terminal = Terminal::enter(args.mouse || settings::mouse()).map_err(refuse)?;
        events::read_keys(sender.clone());
        events::watch_terminal(sender.clone());
        let terms = Terms {
            network: args.network.clone(),
            concurrency: usize::from(args.concurrency),
            most_bytes,
        };
        Ok(Self {
            model,
            terminal,
            pace: Pace::new(ssh),
            inputs: Vec::new(),
            known: HashSet::new(),
            screener: Screener::new(policy, settings::jobs(screening), sender.clone()),
            painter: Painter::new(sender.clone(), most_bytes),
            mailroom: Mailroom::start(terms, sender.clone()),
            events: receiver,
            sender,
            leaving: None,
            next_tick: None,
        })
    }

    /// Runs until the person leaves, or has to.
    pub(super) fn run(mut self, inputs: Vec<Input>) -> Result<Exit, Failure> {
        self.draw()?;
        self.found(inputs);
        for effect in tui::begin(&mut self.model) {
            self.perform(effect)?;
        }
        loop {
            if let Some(exit) = self.turn()? {
                self.screener.end();
                self.terminal.leave();
                self.say_what_became();
                return Ok(exit);
            }
        }
    }

    /// Waits for something to happen, takes in all that has, and draws if it is time to.
    fn turn(&mut self) -> Result<Option<Exit>, Failure> {
        if let Some(exit) = self.ended() {
            return Ok(Some(exit));
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
        let begun = now();
        let mut next = event.ok();
        while let Some(event) = next {
            if let Some(exit) = self.take(event)? {
                return Ok(Some(exit));
            }
            next = if begun.elapsed() < BURST {
                self.events.try_recv().ok()
            } else {
                None
            };
        }
        self.tick()?;
        if self.pace.is_due(now()) {
            self.draw()?;
        }
        Ok(None)
    }

    /// When to look up at the latest.
    fn deadline(&self) -> Option<Instant> {
        let leaving = self.leaving.as_ref();
        let moments = [
            self.pace.due(),
            self.next_tick,
            leaving.and_then(|leaving| leaving.abort_at),
            leaving.and_then(|leaving| leaving.gone_at),
        ];
        moments.into_iter().flatten().min()
    }

    /// Tells the model the time, as long as it matters.
    fn tick(&mut self) -> Result<(), Failure> {
        let progress = self.model.queue.progress();
        let interval = if progress.ended < progress.asked {
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
                self.tell(Message::Now(Timestamp::now()), false)
            }
        }
    }

    fn draw(&mut self) -> Result<(), Failure> {
        if self.is_deaf() {
            self.pace.drawn(now(), 0);
            return Ok(());
        }
        if !Terminal::is_writable() {
            self.pace.put_off(now());
            return Ok(());
        }
        let size = (self.model.screen.width, self.model.screen.height);
        let model = &self.model;
        let drawn = self
            .terminal
            .draw(size, |area, cells| view(model, area, cells));
        match drawn {
            Ok(bytes) => self.pace.drawn(now(), bytes),
            // The watchdog or a signal tells what is to become of us.
            Err(_) => self.pace.put_off(now()),
        }
        Ok(())
    }

    /// Whether nobody sees the screen any more.
    fn is_deaf(&self) -> bool {
        self.leaving
            .as_ref()
            .is_some_and(|leaving| leaving.exit == Some(SIGHUP))
    }

    /// Takes in one event; gives the exit if it ends the program.
    fn take(&mut self, event: Event) -> Result<Option<Exit>, Failure> {
        match event {
            Event::Message(message) => self.tell(message, false)?,
            Event::Terminal(typed) => {
                if let Some(message) = translate(typed) {
                    self.model.screen.now = Timestamp::now();
                    self.tell(message, true)?;
                }
            }
            Event::Found(inputs) => self.found(inputs),
            Event::Resolved(list) => self.resolved(list)?,
            Event::Signal(SIGTSTP) => self.suspend()?,
            Event::Signal(SIGCONT) => {
                self.terminal.repaint();
                self.pace.want(true);
            }
            Event::Signal(signal) => self.leave(Some(signal), GRACE)?,
            Event::HungUp => self.leave(Some(SIGHUP), GRACE_WITHOUT_TERMINAL)?,
            Event::MailroomClosed => {
                let exit = self.leaving.as_ref().map(|leaving| self.exit(leaving.exit));
                return Ok(exit);
            }
        }
        Ok(None)
    }

    /// Gives the model a message, and performs what follows.
    fn tell(&mut self, message: Message, urgent: bool) -> Result<(), Failure> {
        self.pace.want(urgent);
        for effect in update(&mut self.model, message) {
            self.perform(effect)?;
        }
        Ok(())
    }

    fn perform(&mut self, effect: Effect) -> Result<(), Failure> {
        match effect {
            Effect::Discover(text) => finder::discover(text, self.sender.clone()),
            Effect::Watch(text) => finder::watch(text, self.sender.clone()),
            Effect::Complete(text) => finder::complete(text, self.sender.clone()),
            Effect::Screen(orders) => self.screener.screen(orders, &self.inputs),
            Effect::UseRange(range) => self.screener.use_range(range),
            Effect::Open(start) => self.mailroom.ask(Command::Open(start)),
            Effect::Send(requests) => self.send(&requests),
            Effect::Cancel(file) => self.mailroom.ask(Command::Cancel(file)),
            Effect::Settle => self.mailroom.ask(Command::Settle),
            Effect::Draw {
                file,
                page,
                cells,
                ticket,
            } => self.draw_page(file, page, cells, ticket),
            Effect::ReadHistory(text) => self.read_history(text),
            Effect::Copy(text) => copy(&text)?,
            Effect::Export(order) => self.export(order),
            Effect::Repaint => {
                self.terminal.repaint();
                self.pace.want(true);
            }
            Effect::Suspend => self.suspend()?,
            Effect::Quit { finish } => {
                if finish {
                    self.finish()?;
                } else {
                    self.leave(None, Duration::ZERO)?;
                }
            }
        }
        Ok(())
    }

    /// Adds files that are not in the queue yet.
    fn found(&mut self, inputs: Vec<Input>) {
        let mut found = Vec::with_capacity(inputs.len());
        for input in inputs {
            if !self.known.insert(input.path.clone()) {
                continue;
            }
            found.push(Found {
                name: name(&input.path),
                bytes: None,
                expected: input.expected.as_deref().cloned().unwrap_or_default(),
            });
            self.inputs.push(input);
        }
        self.pace.want(false);
        for effect in update(&mut self.model, Message::Found(found)) {
            // Screening is all that new files ask for, and can't fail.
            drop(self.perform(effect));
        }
    }

    fn send(&mut self, requests: &[Request]) {
        let parcels = requests
            .iter()
            .filter_map(|request| self.parcel(request))
            .collect();
        self.mailroom.ask(Command::Send(parcels));
    }

    /// What is sent: the bytes that were screened, with what opened them.
    fn parcel(&self, request: &Request) -> Option<Parcel> {
        let file = self.model.queue.file(request.file)?;
        let screening = file.screening()?;
        let account = screening.statement.account.as_ref();
        let policy = self.screener.policy().expecting(&file.expected);
        let category = file.expected.account_category.as_deref();
        Some(Parcel {
            place: request.file.index(),
            input: self.inputs.get(request.file.index())?.clone(),
            content: screening.content?,
            bytes: file.bytes?,
            name: file.name.text.clone(),
            bank: request.bank,
            category: category.and_then(Category::parse).map(Category::name),
            account: account.map(|account| account.masked.clone()),
            password: password(screening, &policy),
            resend: request.resend,
        })
    }

    fn draw_page(&mut self, file: FileId, page: usize, cells: (u16, u16), ticket: u64) {
        let (Some(input), Some(found)) =
            (self.inputs.get(file.index()), self.model.queue.file(file))
        else {
            return;
        };
        let policy = self.screener.policy().expecting(&found.expected);
        let opened_by = found
            .screening()
            .and_then(|screening| password(screening, &policy));
        self.painter.draw(Page {
            input: input.clone(),
            page,
            password: opened_by.map(|(password, _)| password),
            cells,
            ticket,
        });
    }

    fn read_history(&self, text: String) {
        let folder = self.mailroom.journal_folder();
        let sender = self.sender.clone();
        thread::spawn(move || {
            let folder = match folder {
                Some(folder) => Ok(folder),
                None => settings::state_folder().map_err(|failure| failure.to_string()),
            };
            let read = folder.and_then(|folder| past::read(&folder, &text));
            drop(sender.send(Message::History(read).into()));
        });
    }

    fn export(&self, order: tui::Export) {
        let entries = export::entries(&self.model, &order.files);
        let sender = self.sender.clone();
        thread::spawn(move || {
            drop(sender.send(match export::write(&order, &entries) {
                Ok(text) => Event::info(text),
                Err(why) => Event::error(why),
            }));
        });
    }

    /// Unknown outcomes that are known now.
    fn resolved(&mut self, list: Vec<(ContentHash, Sent)>) -> Result<(), Failure> {
        for (content, sent) in list {
            let is_it = |file: &tui::model::File| {
                let outcome = file.sent().and_then(|sent| sent.outcome.as_ref());
                file.screening().and_then(|screening| screening.content) == Some(content)
                    && outcome.is_some_and(|outcome| outcome.kind == OutcomeKind::Unknown)
            };
            let found = self.model.queue.present().find(|(_, file)| is_it(file));
            if let Some(file) = found.map(|(id, _)| id) {
                let step = Step::Ended(Box::new(sent));
                self.tell(Message::Delivery(Delivered { file, step }), false)?;
            }
        }
        Ok(())
    }

    /// Goes back to the shell, and comes back when it says so.
    fn suspend(&mut self) -> Result<(), Failure> {
        let sending = self.model.queue.progress().sending;
        self.terminal.leave();
        if sending > 0 {
            crate::cli::notice::notice(format_args!(
                "bankscreen is suspended, and {sending} uploads with it; fg goes on"
            ));
        }
        let stopped = signal_hook::low_level::emulate_default_handler(SIGTSTP);
        let again = stopped.and_then(|()| self.terminal.come_back());
        again.map_err(|error| {
            Failure::environment("the terminal can't be used", error, "start it again")
        })?;
        let (width, height) = Terminal::size();
        self.tell(Message::Resized(width, height), true)
    }

    /// Waits for what is under way, and leaves.
    fn finish(&mut self) -> Result<(), Failure> {
        self.mailroom.ask(Command::Finish);
        self.leaving = Some(Leaving {
            exit: None,
            abort_at: None,
            gone_at: None,
        });
        let text = "leaving when what is being sent has ended; Ctrl-C leaves at once";
        self.tell(Message::Ending(text.to_owned()), true)
    }

    /// Starts nothing more, and leaves when what is under way has ended, or the time is over.
    fn leave(&mut self, signal: Option<i32>, grace: Duration) -> Result<(), Failure> {
        let now = now();
        let grace = if self.leaving.is_some() {
            Duration::ZERO
        } else {
            grace
        };
        let before = self.leaving.as_ref().and_then(|leaving| leaving.exit);
        self.mailroom.ask(Command::Finish);
        self.leaving = Some(Leaving {
            exit: signal.or(before),
            abort_at: now.checked_add(grace),
            gone_at: now.checked_add(grace + ABORT),
        });
        self.tell(Message::Ending("leaving".to_owned()), true)
    }

    /// Ends attempts whose time is over; and the program, when that takes too long.
    fn ended(&mut self) -> Option<Exit> {
        let now = now();
        let leaving = self.leaving.as_mut()?;
        if leaving.abort_at.is_some_and(|at| at <= now) {
            leaving.abort_at = None;
            self.mailroom.ask(Command::Abort);
        }
        let leaving = self.leaving.as_ref()?;
        leaving
            .gone_at
            .is_some_and(|at| at <= now)
            .then(|| self.exit(leaving.exit))
    }

    /// By signal, else by whether every upload that was asked for arrived.
    fn exit(&self, signal: Option<i32>) -> Exit {
        let progress = self.model.queue.progress();
        match signal {
            Some(signal) => Exit::Interrupted(signal),
            None if progress.uploaded < progress.asked => Exit::Failed,
            None => Exit::Passed,
        }
    }

    /// One line on the shell's screen of what the run came to.
    fn say_what_became(&self) {
        let progress = self.model.queue.progress();
        if progress.asked == 0 || self.is_deaf() {
            return;
        }
        let session = self.model.open_session();
        let session = session.map_or_else(String::new, |session| {
            format!(" in session {}", crate::report::clean(&session.id))
        });
        let unknown = match progress.unknown {
            0 => String::new(),
            count => format!("; {count} unknown: bankscreen history --outcome unknown"),
        };
        crate::cli::notice::notice(format_args!(
            "uploaded {} of {}{session}{unknown}",
            progress.uploaded, progress.asked
        ));
    }
}

/// What was typed, as the model takes it.
fn translate(typed: Typed) -> Option<Message> {
    Some(match typed {
        Typed::Key(key) if key.kind != KeyEventKind::Release => Message::Key(key),
        Typed::Paste(text) => Message::Paste(text),
        Typed::Resize(width, height) => Message::Resized(width, height),
        Typed::Mouse(mouse) => match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => Message::Click {
                row: mouse.row,
                column: mouse.column,
            },
            MouseEventKind::ScrollDown => Message::Scroll(3),
            MouseEventKind::ScrollUp => Message::Scroll(-3),
            _ => return None,
        },
        _ => return None,
    })
}

/// Puts text on the clipboard of the person's own machine, by OSC 52. Nothing is read back.
fn copy(text: &str) -> Result<(), Failure> {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::STANDARD.encode(text);
    Terminal::send(&format!("\x1b]52;c;{encoded}\x07")).map_err(|error| {
        Failure::environment("the terminal can't be written to", error, "start it again")
    })
}

/// A panic of the dashboard itself is shown on a terminal that can show it; one in the background
/// is told on the dashboard.
fn show_panics(events: Sender<Event>) {
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
            let place = info
                .location()
                .map_or_else(String::new, ToString::to_string);
            let text = format!("the program failed in the background ({place}); please report it");
            drop(events.send(Event::error(text)));
        }
    }));
}

/// Now, on a clock that never goes back.
pub(super) fn now() -> Instant {
    Instant::now()
}
