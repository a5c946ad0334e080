//! Sources of events: keys, signals and the loss of the terminal.

use super::event::{Event, in_background};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::Signals;
use std::io;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

/// Interval at which the terminal is checked.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Forwards terminal input until the program ends.
pub(super) fn read_keys(events: Sender<Event>) {
    in_background(move || {
        // Reading from a lost terminal may block forever; `watch_terminal` then ends the program.
        while let Ok(event) = crossterm::event::read() {
            if events.send(Event::Terminal(event)).is_err() {
                break;
            }
        }
        drop(events.send(Event::HungUp));
    });
}

/// Forwards signals until the program ends.
pub(super) fn read_signals(events: Sender<Event>) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH])?;
    in_background(move || {
        for signal in signals.forever() {
            if events.send(Event::Signal(signal)).is_err() {
                break;
            }
        }
    });
    Ok(())
}

/// Reports the loss of the terminal without a signal, as when a connection below a wrapper drops.
///
/// The terminal is polled and never read, so that no key is lost.
pub(super) fn watch_terminal(events: Sender<Event>) {
    in_background(move || {
        let stdout = io::stdout();
        loop {
            let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
            let second = Timespec {
                tv_sec: 1,
                tv_nsec: 0,
            };
            let polled = poll(&mut watched, Some(&second));
            let [state] = &watched;
            let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
            if state.revents().intersects(gone) {
                drop(events.send(Event::HungUp));
                return;
            }
            if polled.is_err() {
                thread::sleep(POLL_INTERVAL);
            }
        }
    });
}
