//! How far the uploads are, on standard error: a bar on a terminal, lines elsewhere if asked for.

use crate::cli::args::ScreeningArgs;
use crate::cli::notice::progress;
use crate::settings::resolve;
use crate::text::sanitize;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::atomic::{AtomicU64, Ordering};

/// Files, bytes, rate and time left.
#[derive(Clone)]
pub(super) struct Bar {
    shown: ProgressBar,
    files: usize,
    lines: bool,
}

impl Bar {
    /// A bar for so many files and bytes.
    pub(super) fn new(args: &ScreeningArgs, files: usize, bytes: u64) -> Self {
        let shows = resolve::shows_progress(args);
        let target = if shows {
            ProgressDrawTarget::stderr_with_hz(10)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(bytes), target);
        let template = "  {wide_bar} {msg}  {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(format!("0/{files} files"));
        Self {
            shown: bar,
            files,
            lines: args.verbose && !shows,
        }
    }

    /// Moves the bar with one attempt. The body is longer than the file, so shares are counted.
    pub(super) fn mover(&self, size: u64) -> impl Fn(u64, u64) + Send + Sync + 'static {
        let bar = self.shown.clone();
        let shown = AtomicU64::new(0);
        move |sent, total| {
            let share = u128::from(size) * u128::from(sent) / u128::from(total.max(1));
            let share = u64::try_from(share).unwrap_or(size);
            let before = shown.swap(share, Ordering::Relaxed);
            bar.inc(share.saturating_sub(before));
        }
    }

    /// A file ended: `done` files have, and `bytes` is their size.
    pub(super) fn ended(&self, name: &str, word: &str, done: usize, bytes: u64) {
        let files = self.files;
        self.shown.set_message(format!("{done}/{files} files"));
        // Attempts in vain have moved it too far.
        if self.shown.position() < bytes {
            self.shown.set_position(bytes);
        }
        if self.lines {
            progress(format_args!("{done}/{files} {word}: {}", sanitize(name)));
        }
    }

    /// Does something that writes while the bar is out of the way.
    pub(super) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.shown.suspend(write)
    }

    pub(super) fn clear(&self) {
        self.shown.finish_and_clear();
    }
}
