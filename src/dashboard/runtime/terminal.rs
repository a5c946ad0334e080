//! The terminal: entered and left whole, and written to only where cells changed.

use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::style::ResetColor;
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the screen is ours, for a panic on its way out.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// The terminal while the dashboard has it.
pub(super) struct Terminal {
    mouse: bool,
    /// What is on the screen.
    shown: Buffer,
    cursor: Option<Position>,
}

impl Terminal {
    /// Takes the terminal over. Nothing is asked of it.
    pub(super) fn enter(mouse: bool) -> io::Result<Self> {
        let mut terminal = Self {
            mouse,
            shown: Buffer::empty(Rect::ZERO),
            cursor: None,
        };
        terminal.take()?;
        Ok(terminal)
    }

    fn take(&mut self) -> io::Result<()> {
        enable_raw_mode()?;
        ENTERED.store(true, Ordering::SeqCst);
        let mut out = io::stdout();
        execute!(out, EnterAlternateScreen, EnableBracketedPaste, Hide)?;
        if self.mouse {
            execute!(out, EnableMouseCapture)?;
        }
        self.repaint();
        Ok(())
    }

    /// Takes it over again, after [`restore`].
    pub(super) fn come_back(&mut self) -> io::Result<()> {
        self.take()
    }

    /// Has the next frame paint every cell.
    pub(super) fn repaint(&mut self) {
        self.shown = Buffer::empty(Rect::ZERO);
        self.cursor = None;
    }

    /// The terminal's columns and rows.
    pub(super) fn size() -> (u16, u16) {
        crossterm::terminal::size().unwrap_or((80, 24))
    }

    /// Whether what was written before has left: a frame for a slow line is better dropped than
    /// queued.
    pub(super) fn is_writable() -> bool {
        let stdout = io::stdout();
        let mut ready = [PollFd::new(&stdout, PollFlags::OUT)];
        let at_once = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        poll(&mut ready, Some(&at_once)).map_or(true, |count| count > 0)
    }

    /// Draws a frame of that size and writes what changed, at once and in one piece; gives the
    /// bytes written.
    pub(super) fn draw(
        &mut self,
        (width, height): (u16, u16),
        paint: impl FnOnce(Rect, &mut Buffer) -> Option<Position>,
    ) -> io::Result<usize> {
        let area = Rect::new(0, 0, width, height);
        let mut next = Buffer::empty(area);
        let cursor = paint(area, &mut next);
        let is_new = self.shown.area != area;
        if is_new {
            self.shown = Buffer::empty(area);
        }
        let changes = self.shown.diff(&next);
        if changes.is_empty() && cursor == self.cursor && !is_new {
            return Ok(0);
        }
        let mut bytes = Vec::with_capacity(4096);
        queue!(bytes, BeginSynchronizedUpdate)?;
        if is_new {
            queue!(bytes, ResetColor, Clear(ClearType::All))?;
        }
        if self.cursor.is_some() && cursor.is_none() {
            queue!(bytes, Hide)?;
        }
        if !changes.is_empty() {
            CrosstermBackend::new(&mut bytes).draw(changes.into_iter())?;
        }
        if let Some(place) = cursor {
            queue!(bytes, MoveTo(place.x, place.y), Show)?;
        }
        queue!(bytes, EndSynchronizedUpdate)?;
        let mut out = io::stdout().lock();
        out.write_all(&bytes)?;
        out.flush()?;
        self.shown = next;
        self.cursor = cursor;
        Ok(bytes.len())
    }

    /// Writes control sequences that draw nothing.
    pub(super) fn send(text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back as it was, if it is ours. What fails has no one to tell.
pub(super) fn restore() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    drop(execute!(
        out,
        DisableMouseCapture,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        Show
    ));
    drop(disable_raw_mode());
}
