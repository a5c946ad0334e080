//! The terminal: entered and restored completely, and written only where cells change.

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

/// Whether the dashboard owns the screen; read by the panic hook.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// Whether the title was set; the terminal has put the one before on a stack.
static HAS_TITLE: AtomicBool = AtomicBool::new(false);

/// The terminal while the dashboard owns it.
pub(super) struct Terminal {
    mouse: bool,
    /// The cells on the screen.
    shown: Buffer,
    cursor: Option<Position>,
}

impl Terminal {
    /// Takes over the terminal. No query is sent to it.
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

    /// Takes over the terminal again after [`restore`].
    pub(super) fn reenter(&mut self) -> io::Result<()> {
        self.take()
    }

    /// Makes the next frame paint every cell.
    pub(super) fn repaint(&mut self) {
        self.shown = Buffer::empty(Rect::ZERO);
        self.cursor = None;
    }

    /// Returns the terminal's columns and rows.
    pub(super) fn size() -> (u16, u16) {
        crossterm::terminal::size().unwrap_or((80, 24))
    }

    /// Returns whether earlier output was transmitted: on a slow line, dropping a frame is better
    /// than queueing it.
    pub(super) fn is_writable() -> bool {
        let stdout = io::stdout();
        let mut ready = [PollFd::new(&stdout, PollFlags::OUT)];
        let immediately = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        poll(&mut ready, Some(&immediately)).map_or(true, |count| count > 0)
    }

    /// Draws a frame of this size, writes the changes in one piece, and returns the bytes written.
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
        if let Some(position) = cursor {
            queue!(bytes, MoveTo(position.x, position.y), Show)?;
        }
        queue!(bytes, EndSynchronizedUpdate)?;
        let mut out = io::stdout().lock();
        out.write_all(&bytes)?;
        out.flush()?;
        self.shown = next;
        self.cursor = cursor;
        Ok(bytes.len())
    }

    /// Writes control sequences that change no cell.
    pub(super) fn send(text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }
}

/// Rings the bell, and sets the title. Errors are those of a lost terminal, which is noticed
/// elsewhere.
pub(super) fn alert(bell: bool, title: Option<&str>) {
    let mut sequences = String::new();
    if bell {
        sequences.push('\u{7}');
    }
    if let Some(title) = title {
        if !HAS_TITLE.swap(true, Ordering::SeqCst) {
            sequences.push_str("\x1b[22;2t");
        }
        // The text is the program's own: counts only.
        for part in ["\x1b]2;", title, "\x1b\\"] {
            sequences.push_str(part);
        }
    }
    drop(Terminal::send(&sequences));
}

impl Drop for Terminal {
    fn drop(&mut self) {
        restore();
    }
}

/// Restores the terminal, if the dashboard owns it. Errors can't be reported at this point.
pub(super) fn restore() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    if HAS_TITLE.swap(false, Ordering::SeqCst) {
        drop(out.write_all(b"\x1b[23;2t"));
    }
    drop(execute!(
        out,
        DisableMouseCapture,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        Show
    ));
    drop(disable_raw_mode());
}
