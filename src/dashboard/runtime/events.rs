//! What comes from outside: keys, signals, a terminal that is gone.

use super::event_loop::{Event, in_background};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;
use std::io;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

/// How often the terminal is looked after.
const LOOK_UP: Duration = Duration::from_secs(1);

/// Hands on what is typed, for as long as the program lives.
pub(super) fn read_keys(events: Sender<Event>) {
    in_background(move || {
        // Reading from a terminal that is gone never ends; the watchdog ends the program then.
        while let Ok(event) = crossterm::event::read() {
            if events.send(Event::Terminal(event)).is_err() {
                break;
            }
        }
        drop(events.send(Event::HungUp));
    });
}

/// Hands on signals.
pub(super) fn read_signals(events: Sender<Event>) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT])?;
    in_background(move || {
        for signal in signals.forever() {
            if events.send(Event::Signal(signal)).is_err() {
                break;
            }
        }
    });
    Ok(())
}

/// Tells when the terminal is gone without a signal, as when a connection drops below a wrapper.
///
/// It is asked and never read, so that no key is lost.
pub(super) fn watch_terminal(events: Sender<Event>) {
    in_background(move || {
        let stdout = io::stdout();
        loop {
            let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
            let second = Timespec {
                tv_sec: 1,
                tv_nsec: 0,
            };
            let asked = poll(&mut watched, Some(&second));
            let [state] = &watched;
            let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
            if state.revents().intersects(gone) {
                drop(events.send(Event::HungUp));
                return;
            }
            if asked.is_err() {
                thread::sleep(LOOK_UP);
            }
        }
    });
}
