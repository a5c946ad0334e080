//! Performs the effects of updates. Effects that take time run on a thread and answer by message.

use super::case_recall::CaseRecall;
use super::case_uploads::{CaseOrder, CaseOrders};
use super::event::{Event, in_background};
use super::event_loop::EventLoop;
use super::preview::{PageOrder, TextOrder};
use super::saved_calls::SavedCalls;
use super::terminal::{self, Terminal};
use super::upload_worker::Command;
use super::{discovery, export, history, screening, stored};
use crate::batch::Input;
use crate::dashboard::model::FileId;
use crate::dashboard::{DiscoveredFile, Effect, ExportRequest, Message, UploadRequest, update};
use crate::error::AppError;
use crate::isolation::TextRequest;
use crate::journal::Resend;
use crate::pdf::{PageClass, Password};
use crate::report::FileName;
use crate::screen::cases::StatementIdentity;
use crate::screen::{ContentHash, Screening};
use crate::settings::environment::state_folder;
use crate::uploads::{UploadItem, opening_password};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

impl EventLoop {
    pub(super) fn perform(&mut self, effect: Effect) -> Result<(), AppError> {
        match effect {
            Effect::Discover(text) => discovery::discover(text, self.sender.clone()),
            Effect::WatchFolder(id, text) => {
                let is_stopped = Arc::default();
                self.watches.insert(id, Arc::clone(&is_stopped));
                discovery::watch(id, text, is_stopped, self.sender.clone());
            }
            Effect::StopWatching(id) => {
                if let Some(is_stopped) = self.watches.remove(&id) {
                    is_stopped.store(true, Ordering::Relaxed);
                }
            }
            Effect::CompletePath(text) => discovery::complete(text, self.sender.clone()),
            Effect::Screen(orders) => self.screener.screen(orders, &self.inputs.list),
            Effect::SetRequestedPeriod(range, origin) => self.screener.set_period(range, origin),
            Effect::CheckFiles(files, reason) => {
                screening::check(files, &self.inputs.list, reason, self.sender.clone());
            }
            Effect::OpenSession(start) => self.uploads.send(Command::Open(start)),
            Effect::Upload(requests) => self.send(&requests),
            Effect::UploadCases(requests) => self.send_cases(&requests),
            Effect::StopCases => self.uploads.send(Command::StopCases),
            Effect::Process(requests) => self.uploads.send(Command::Process {
                requests,
                sandbox: self.model.is_sandbox(),
            }),
            Effect::CancelUploads(files) => self.uploads.send(Command::Cancel(files)),
            Effect::Reconcile => self.uploads.send(Command::Reconcile),
            Effect::Recall(files) => self.uploads.send(Command::Recall(files)),
            Effect::RecallCases(files) => self.recall_cases(files),
            Effect::RenderPage {
                file,
                page,
                request_id,
            } => self.draw_page(file, page, request_id),
            Effect::ReadPageText {
                file,
                page,
                columns,
                request_id,
            } => self.read_page_text((file, page), columns, request_id),
            Effect::RestoreQueue => self.restore_queue(),
            Effect::RememberSession(recent) => stored::remember_session(recent),
            Effect::Alert { bell, title } => terminal::alert(bell, title.as_deref()),
            Effect::ReadHistory(text) => self.read_history(text),
            Effect::CopyToClipboard(text) => copy(&text)?,
            Effect::Export(order) => self.export(order),
            Effect::Repaint => {
                self.terminal.repaint();
                self.frames.request(true);
            }
            Effect::Suspend => self.suspend()?,
            Effect::Quit {
                finish_uploads: finish,
            } => {
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
    pub(super) fn add_files(&mut self, inputs: Vec<Input>) {
        let mut found = Vec::with_capacity(inputs.len());
        let mut known = Vec::new();
        for input in inputs {
            let file = DiscoveredFile {
                name: FileName::of(&input.path),
                bytes: None,
                case: input.case,
                expected: input.expected.as_deref().cloned().unwrap_or_default(),
            };
            match self.inputs.add(input) {
                Ok(()) => found.push(file),
                Err(id) => known.push(id),
            }
        }
        self.frames.request(false);
        if let Some(store) = &mut self.queue_store {
            store.changed();
        }
        self.events_log.files_found(found.len());
        let mut effects = update(&mut self.model, Message::FilesFound(found));
        effects.extend(update(&mut self.model, Message::KnownFilesFound(known)));
        for effect in effects {
            // New files only cause screening, which can't fail here.
            drop(self.perform(effect));
        }
    }

    fn send(&mut self, requests: &[UploadRequest]) {
        let items = requests
            .iter()
            .filter_map(|request| self.upload_item(request))
            .collect();
        self.uploads.send(Command::Send {
            items,
            saved_calls: self.saved_calls(),
        });
    }

    /// Sends files to the sessions of their cases.
    fn send_cases(&mut self, requests: &[UploadRequest]) {
        let mut items: BTreeMap<usize, Vec<UploadItem>> = BTreeMap::new();
        for request in requests {
            let case = self
                .model
                .queue
                .file(request.file)
                .and_then(|file| file.case);
            if let (Some(case), Some(item)) = (case, self.upload_item(request)) {
                items.entry(case).or_default().push(item);
            }
        }
        let queue = &self.model.queue;
        let cases = items.into_iter().filter_map(|(index, items)| {
            let files = || {
                queue
                    .files_of_case(index)
                    .filter_map(|(_, file)| file.screening())
            };
            Some(CaseOrder {
                index,
                case: queue.cases().list().get(index)?.clone(),
                accounts: queue.cases().judged(index)?.accounts.clone(),
                identities: files().filter_map(StatementIdentity::of).collect(),
                items,
                saved_calls: saved_calls(files()),
            })
        });
        self.uploads.send(Command::SendCases(CaseOrders {
            cases: cases.collect(),
            requested: self.model.setup.requested_period,
            sandbox: self.model.is_sandbox(),
        }));
    }

    /// Looks up what the journal knows of files in the sessions of their cases.
    fn recall_cases(&self, files: Vec<(FileId, ContentHash)>) {
        // A sandbox keeps nothing.
        if self.model.is_sandbox() {
            return;
        }
        let queue = &self.model.queue;
        let mut cases: BTreeMap<usize, Vec<(FileId, ContentHash)>> = BTreeMap::new();
        for (id, content) in files {
            if let Some(case) = queue.file(id).and_then(|file| file.case) {
                cases.entry(case).or_default().push((id, content));
            }
        }
        let recalls = cases.into_iter().filter_map(|(index, files)| {
            Some(CaseRecall {
                case: queue.cases().list().get(index)?.clone(),
                accounts: queue.cases().judged(index)?.accounts.clone(),
                requested: self.model.setup.requested_period,
                files,
            })
        });
        self.uploads.send(Command::RecallCases(recalls.collect()));
    }

    /// Returns the files of the queue that the service would refuse, with its codes.
    fn saved_calls(&self) -> SavedCalls {
        let files = self.model.queue.present();
        saved_calls(files.filter_map(|(_, file)| file.screening()))
    }

    /// Returns the item of a requested upload: the bytes that were screened.
    fn upload_item(&self, request: &UploadRequest) -> Option<UploadItem> {
        let file = self.model.queue.file(request.file)?;
        let screening = file.screening()?;
        let index = request.file.index();
        let input = self.inputs.list.get(index)?.clone();
        let policy = self.screener.policy().expecting(&file.expected);
        // A key press that sends a settled file again confirms all reasons against it.
        let resend = Resend {
            unknown: request.resend,
            refused: request.resend,
            expired: request.resend,
        };
        let name_and_size = (file.name.text.as_str(), file.bytes);
        let item = UploadItem::with_bank(
            (index, &input),
            name_and_size,
            screening,
            &policy,
            request.bank.clone(),
            resend,
        );
        item.ok()
    }

    fn draw_page(&mut self, file: FileId, index: usize, request_id: u64) {
        if let Some((input, password)) = self.page_source(file) {
            self.preview.draw(PageOrder {
                input,
                index,
                password,
                request_id,
            });
        }
    }

    fn read_page_text(&mut self, (file, page): (FileId, usize), columns: u16, request_id: u64) {
        let document = self.model.queue.file(file);
        let document = document.and_then(|file| file.screening()?.document.as_ref());
        let class = document.and_then(|document| document.pages.get(page).copied());
        if let Some((input, password)) = self.page_source(file) {
            self.preview.read_text(TextOrder {
                input,
                request: TextRequest {
                    page,
                    is_ocr: class == Some(PageClass::Ocr),
                    columns,
                    password,
                },
                request_id,
            });
        }
    }

    /// Returns the input of a file, and the password that opens it, if it needs one.
    fn page_source(&self, file: FileId) -> Option<(Input, Option<Password>)> {
        let input = self.inputs.list.get(file.index())?.clone();
        let found = self.model.queue.file(file)?;
        let policy = self.screener.policy().expecting(&found.expected);
        let candidate = found
            .screening()
            .and_then(|screening| opening_password(screening, &policy));
        Some((input, candidate.map(|candidate| candidate.password)))
    }

    fn read_history(&self, text: String) {
        let folder = self.uploads.journal_folder();
        let sender = self.sender.clone();
        in_background(move || {
            let folder = match folder {
                Some(folder) => Ok(folder),
                None => state_folder().map_err(|error| error.to_string()),
            };
            let read = folder.and_then(|folder| history::read(&folder, &text));
            drop(sender.send(Message::HistoryRead(read).into()));
        });
    }

    fn export(&self, order: ExportRequest) {
        let policy = self.screener.policy();
        let entries = export::entries(&self.model, &order.files, policy);
        let requested_period = policy.requested_period;
        let sender = self.sender.clone();
        let (mut guard, inputs) = (self.guard.clone(), self.inputs.list.clone());
        in_background(move || {
            let written = guard
                .keep_inputs(&inputs)
                .and_then(|()| export::write(&order, &entries, requested_period, &mut guard));
            drop(sender.send(match written {
                Ok(text) => Event::info(text),
                Err(error) => Event::error(error.to_string()),
            }));
        });
    }
}

/// Returns those of some files that the service would refuse, with its codes.
fn saved_calls<'s>(screenings: impl Iterator<Item = &'s Screening>) -> SavedCalls {
    let refused =
        screenings.filter_map(|screening| Some((screening.content?, screening.refusal()?.name())));
    refused.collect()
}

/// Copies text to the clipboard of the user's own machine, by OSC 52. Nothing is read back.
fn copy(text: &str) -> Result<(), AppError> {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::STANDARD.encode(text);
    Terminal::send(&format!("\x1b]52;c;{encoded}\x07")).map_err(|error| {
        AppError::environment("could not write to the terminal", error, "start it again")
    })
}
