//! The loop: messages in, effects out, a frame when one is due.

#![expect(
    clippy::disallowed_methods,
    reason = "a shell: this is where the dashboard's clock is"
)]

use super::leaving::{GRACE, GRACE_WITHOUT_TERMINAL, Leaving};
use super::mailroom::Mailroom;
use super::office::Terms;
use super::pace::Pace;
use super::painter::Painter;
use super::record::{Noted, Record};
use super::screener::Screener;
use super::terminal::{self, Terminal};
use super::{DashboardArgs, events};
use crate::batch::{self, Input};
use crate::cli::Exit;
use crate::cli::args::ScreeningArgs;
use crate::cli::failure::Failure;
use crate::dashboard::model::Level;
use crate::dashboard::{Delivered, Message, Model, Setup, Step, update, view};
use crate::event_log::Log;
use crate::report::SettledUpload;
use crate::screen::{ContentHash, Policy};
use crate::settings::resolve;
use crate::uploads::plan::OutcomeKind;
use crossterm::event::{Event as Typed, KeyEventKind, MouseButton, MouseEventKind};
use jiff::Timestamp;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGTSTP};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

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
    Resolved(Vec<(ContentHash, SettledUpload)>),
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

/// The dashboard at work.
pub(super) struct Runtime {
    pub(super) model: Model,
    pub(super) terminal: Terminal,
    pub(super) pace: Pace,
    events: Receiver<Event>,
    pub(super) sender: Sender<Event>,
    pub(super) inputs: Inputs,
    pub(super) screener: Screener,
    pub(super) painter: Painter,
    pub(super) mailroom: Mailroom,
    pub(super) leaving: Option<Leaving>,
    pub(super) record: Record,
    next_tick: Option<Instant>,
}

/// The files of the queue by their numbers, each path once.
#[derive(Default)]
pub(super) struct Inputs {
    pub(super) list: Vec<Input>,
    pub(super) known: HashSet<PathBuf>,
}

impl Runtime {
    /// Takes the terminal over and starts everything that works in the background.
    pub(super) fn start(
        screening: &ScreeningArgs,
        args: &DashboardArgs,
        policy: Policy,
        setup: Setup,
        log: &Log,
    ) -> Result<Self, Failure> {
        let refuse = |error| {
            let hint = "screen without it: bankscreen --check PATH";
            Failure::environment("the terminal can't be used", error, hint)
        };
        let (sender, receiver) = mpsc::channel();
        let most_bytes = policy.limits.file_bytes;
        let ssh = resolve::is_remote();
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
        let terminal = Terminal::enter(args.mouse || resolve::mouse()).map_err(refuse)?;
        events::read_keys(sender.clone());
        events::watch_terminal(sender.clone());
        let terms = Terms {
            network: args.network.clone(),
            concurrency: usize::from(args.concurrency),
            most_bytes,
            log: log.clone(),
        };
        Ok(Self {
            model,
            terminal,
            pace: Pace::new(ssh),
            inputs: Inputs::default(),
            record: Record::new(log, sender.clone()),
            screener: Screener::new(policy, resolve::jobs(screening), sender.clone()),
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
        self.draw();
        self.found(inputs);
        for effect in crate::dashboard::begin(&mut self.model) {
            self.perform(effect)?;
        }
        loop {
            if let Some(exit) = self.turn()? {
                self.screener.end();
                terminal::restore();
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
            self.draw();
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

    fn draw(&mut self) {
        if self.is_deaf() {
            self.pace.drawn(now(), 0);
            return;
        }
        if !Terminal::is_writable() {
            self.pace.put_off(now());
            return;
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
            Event::Signal(SIGTSTP) => {
                self.record.signal(SIGTSTP);
                self.suspend()?;
            }
            Event::Signal(SIGCONT) => {
                self.record.signal(SIGCONT);
                self.terminal.repaint();
                self.pace.want(true);
            }
            Event::Signal(signal) => {
                self.record.signal(signal);
                self.leave(Some(signal), GRACE)?;
            }
            Event::HungUp => {
                self.record.signal(SIGHUP);
                self.leave(Some(SIGHUP), GRACE_WITHOUT_TERMINAL)?;
            }
            Event::MailroomClosed => {
                let exit = self.leaving.as_ref().map(|leaving| self.exit(leaving.exit));
                return Ok(exit);
            }
        }
        Ok(None)
    }

    /// Gives the model a message, and performs what follows.
    pub(super) fn tell(&mut self, message: Message, urgent: bool) -> Result<(), Failure> {
        self.pace.want(urgent);
        let noted = Noted::of(&message);
        self.record.told(&self.model);
        let effects = update(&mut self.model, message);
        self.record.taken_in(&noted, &self.model);
        for effect in effects {
            self.perform(effect)?;
        }
        Ok(())
    }

    /// Unknown outcomes that are known now.
    fn resolved(&mut self, list: Vec<(ContentHash, SettledUpload)>) -> Result<(), Failure> {
        for (content, sent) in list {
            let is_it = |file: &crate::dashboard::model::File| {
                file.screening().and_then(|screening| screening.content) == Some(content)
                    && file
                        .sent()
                        .is_some_and(|sent| sent.outcome.kind == OutcomeKind::Unknown)
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
    pub(super) fn suspend(&mut self) -> Result<(), Failure> {
        let sending = self.model.queue.progress().sending;
        terminal::restore();
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

/// Does something that takes time, and answers by message.
pub(super) fn in_background(work: impl FnOnce() + Send + 'static) {
    thread::spawn(work);
}

/// Now, on a clock that never goes back.
pub(super) fn now() -> Instant {
    Instant::now()
}
