//! Upload progress on standard error: a bar on a terminal, else lines with `--verbose`.

use super::attempt::{ProgressFn, ProgressObserver};
use super::item::UploadItem;
use crate::event_log::print_line;
use crate::screening_run::ReportOptions;
use crate::text::sanitize;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::atomic::{AtomicU64, Ordering};

/// Redraws of the bar per second.
const HZ: u8 = 10;

/// Shows files, bytes, rate and remaining time.
#[derive(Clone)]
pub(crate) struct UploadProgress {
    bar: ProgressBar,
    files: usize,
    prints_lines: bool,
}

impl UploadProgress {
    /// Returns the progress of an upload of so many files and bytes.
    pub(crate) fn new(options: &ReportOptions, (files, bytes): (usize, u64)) -> Self {
        let shows_bar = options.shows_progress();
        let target = if shows_bar {
            ProgressDrawTarget::stderr_with_hz(HZ)
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
            bar,
            files,
            prints_lines: options.verbose && !shows_bar,
        }
    }

    /// Returns a function that moves the bar with one attempt. The body is longer than the file, so
    /// its share of `file_bytes` is counted.
    fn observer(&self, file_bytes: u64) -> impl Fn(u64, u64) + Send + Sync + 'static {
        let bar = self.bar.clone();
        let shown = AtomicU64::new(0);
        move |sent, total| {
            let share = u128::from(file_bytes) * u128::from(sent) / u128::from(total.max(1));
            let share = u64::try_from(share).unwrap_or(file_bytes);
            let before = shown.swap(share, Ordering::Relaxed);
            bar.inc(share.saturating_sub(before));
        }
    }

    /// Returns an observer of all uploads; see [`UploadProgress::observer`].
    pub(crate) fn all_items(&self) -> ProgressObserver {
        let progress = self.clone();
        Box::new(move |item: &UploadItem| -> ProgressFn { Box::new(progress.observer(item.bytes)) })
    }

    /// Shows that a file has its outcome: the `settled`th, with `bytes` in total.
    pub(crate) fn settled(&self, name: &str, outcome: &str, settled: usize, bytes: u64) {
        let files = self.files;
        self.bar.set_message(format!("{settled}/{files} files"));
        // Repeated attempts have moved the bar too far already.
        if self.bar.position() < bytes {
            self.bar.set_position(bytes);
        }
        if self.prints_lines {
            print_line(format_args!(
                "{settled}/{files} {outcome}: {}",
                sanitize(name)
            ));
        }
    }

    /// Writes something while the bar is hidden.
    pub(crate) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
