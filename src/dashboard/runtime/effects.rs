//! Performs the effects of updates. Effects that take time run on a thread and answer by message.

use super::case_folders::{CaseFolders, CaseOfFile};
use super::case_recall::CaseRecall;
use super::case_uploads::{CaseOrder, CaseOrders};
use super::event::{Event, in_background};
use super::event_loop::EventLoop;
use super::export::ReportContent;
use super::preview::{PageOrder, TextOrder};
use super::terminal::{self, Terminal};
use super::upload_worker::Command;
use super::{discovery, export, history, screening, stored};
use crate::batch::Input;
use crate::dashboard::model::{FileId, Level};
use crate::dashboard::{
    DiscoveredFile, Effect, ExportRequest, Message, UploadOrder, UploadRequest, update,
};
use crate::error::AppError;
use crate::isolation::TextRequest;
use crate::journal::Resend;
use crate::output::OutputGuard;
use crate::pdf::{PageClass, Password};
use crate::report::FileName;
use crate::screen::cases::{Case, StatementIdentity};
use crate::screen::{ContentHash, Expected};
use crate::settings::environment::state_folder;
use crate::text::columns::counted;
use crate::uploads::{SavedCall, SavedCalls, UploadItem, opening_password};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Cases that the notice about added files names.
const MAX_NAMED_CASES: usize = 3;

impl EventLoop {
    pub(super) fn perform(&mut self, effect: Effect) -> Result<(), AppError> {
        match effect {
            Effect::Discover { path, case } => {
                discovery::discover(path, case, self.search.clone(), self.sender.clone());
            }
            Effect::AddCase(case) => self.screener.add_case(&case),
            Effect::MoveFiles(places) => self.inputs.move_files(&places),
            Effect::WatchFolder(id, text) => {
                let is_stopped = Arc::default();
                self.watches.insert(id, Arc::clone(&is_stopped));
                discovery::watch(
                    id,
                    text,
                    self.search.clone(),
                    is_stopped,
                    self.sender.clone(),
                );
            }
            Effect::StopWatching(id) => {
                if let Some(is_stopped) = self.watches.remove(&id) {
                    is_stopped.store(true, Ordering::Relaxed);
                }
            }
            Effect::CompletePath(text) => {
                discovery::complete(text, self.search.clone(), self.sender.clone());
            }
            Effect::Screen(orders) => self.screener.screen(orders, &self.inputs.list),
            Effect::SetRequestedPeriod(range, origin) => self.screener.set_period(range, origin),
            Effect::CheckFiles(files, reason) => {
                screening::check(files, &self.inputs.list, reason, self.sender.clone());
            }
            Effect::OpenSession(start) => self.uploads.send(Command::Open(start)),
            Effect::Upload(order) => self.send(&order),
            Effect::UploadCases(order) => self.send_cases(&order),
            Effect::StopCases => self.uploads.send(Command::StopCases),
            Effect::Process(requests) => self.uploads.send(Command::Process {
                requests,
                sandbox: self.model.is_sandbox(),
            }),
            Effect::CancelUploads(files) => self.uploads.send(Command::Cancel(files)),
            Effect::Reconcile(sessions) => self.uploads.send(Command::Reconcile {
                sessions,
                sandbox: self.model.is_sandbox(),
            }),
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
            Effect::WriteMessage { text, path } => {
                self.write_file(move |guard| export::write_message(&path, &text, guard));
            }
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
        // Most files have no expectations of their own.
        let none: Arc<Expected> = Arc::default();
        for input in inputs {
            let file = DiscoveredFile {
                name: FileName::of(&input.path),
                bytes: None,
                case: input.case,
                expected: input.expected.as_ref().unwrap_or(&none).clone(),
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

    /// Adds files that the user or a watched folder added, each to its case. If there are
    /// cases, a notice names those of the files.
    pub(super) fn add_found(&mut self, mut inputs: Vec<Input>, case: Option<&str>) {
        if !self.model.queue.cases().is_empty() {
            let text = self.assign_cases(&mut inputs, case);
            drop(self.dispatch(Message::Notice(Level::Info, text), false));
        }
        self.add_files(inputs);
    }

    /// Assigns new files to the case with this name, else to that of their folder. Returns a
    /// summary.
    fn assign_cases(&mut self, inputs: &mut [Input], case: Option<&str>) -> String {
        let folders = CaseFolders::new(self.model.queue.cases().list(), self.inputs.in_place());
        let mut counts: BTreeMap<Option<usize>, usize> = BTreeMap::new();
        for input in inputs.iter_mut().filter(|input| input.case.is_none()) {
            if self.inputs.has(input) {
                continue;
            }
            let found = match case {
                Some(name) => CaseOfFile::New(name.to_owned()),
                None => folders.find(&input.path),
            };
            input.case = match found {
                CaseOfFile::Known(index) => Some(index),
                CaseOfFile::New(name) => Case::new(&name).ok().map(|case| self.add_case(case)),
                CaseOfFile::None => None,
            };
            let cases = self.model.queue.cases().list();
            let requested = input.case.and_then(|case| cases.get(case)?.requested);
            if requested.is_some() {
                let expected = Arc::make_mut(input.expected.get_or_insert_default());
                expected.requested_period = expected.requested_period.or(requested);
            }
            *counts.entry(input.case).or_default() += 1;
        }
        if counts.is_empty() {
            return "No new file: all files found are in the queue".to_owned();
        }
        let cases = self.model.queue.cases().list();
        let parts = counts.iter().rev().map(|(case, count)| {
            let files = counted(*count, "file");
            match case.and_then(|index| cases.get(index)) {
                Some(case) => format!("{files} found for {}", case.name),
                None => format!("{files} found for no case"),
            }
        });
        let parts: Vec<String> = parts.take(MAX_NAMED_CASES).collect();
        let others = counted(counts.len().saturating_sub(MAX_NAMED_CASES), "other case");
        let others = (counts.len() > MAX_NAMED_CASES).then(|| format!("and {others}"));
        parts
            .into_iter()
            .chain(others)
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Adds a case to the queue, unless it has one of this name. Returns its index.
    pub(super) fn add_case(&mut self, case: Case) -> usize {
        let name = case.name.clone();
        self.screener.add_case(&case);
        drop(self.dispatch(Message::CaseFound(case), false));
        let mut cases = self.model.queue.cases().list().iter();
        cases.position(|case| case.name == name).unwrap_or_default()
    }

    fn send(&mut self, order: &UploadOrder) {
        let items = order
            .requests
            .iter()
            .filter_map(|request| self.upload_item(request))
            .collect();
        let saved_calls = self.saved_calls(order).map(|(_, call)| call);
        self.uploads.send(Command::Send {
            items,
            saved_calls: saved_calls.collect(),
        });
    }

    /// Sends files to the sessions of their cases.
    fn send_cases(&mut self, order: &UploadOrder) {
        let mut items: BTreeMap<usize, Vec<UploadItem>> = BTreeMap::new();
        for request in &order.requests {
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
            })
        });
        self.uploads.send(Command::SendCases(CaseOrders {
            cases: cases.collect(),
            saved_calls: SavedCalls::of_cases(self.saved_calls(order)),
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

    /// Returns the calls that screening avoids in an order, each with the case of its file.
    fn saved_calls<'m>(
        &'m self,
        order: &'m UploadOrder,
    ) -> impl Iterator<Item = (Option<&'m Case>, SavedCall)> {
        let queue = &self.model.queue;
        let files = order.refused.iter().filter_map(|id| queue.file(*id));
        files.filter_map(|file| {
            let case = file.case.and_then(|case| queue.cases().list().get(case));
            Some((case, file.screening()?.saved_call()?))
        })
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
        let content = ReportContent {
            cases: export::case_reports(&self.model, &order.cases, &entries),
            entries,
            requested_period: policy.requested_period,
            texts: Arc::new(self.model.setup.notes.english().clone()),
        };
        self.write_file(move |guard| export::write(&order, &content, guard));
    }

    /// Writes a file in the background, and notifies the user of the result.
    fn write_file(
        &self,
        write: impl FnOnce(&mut OutputGuard) -> Result<String, AppError> + Send + 'static,
    ) {
        let sender = self.sender.clone();
        let (mut guard, inputs) = (self.guard.clone(), self.inputs.list.clone());
        in_background(move || {
            let kept = guard.keep_inputs(&inputs);
            let written = kept.and_then(|()| write(&mut guard));
            drop(sender.send(match written {
                Ok(text) => Event::info(text),
                Err(error) => Event::error(error.to_string()),
            }));
        });
    }
}

/// Copies text to the clipboard of the user's own machine, by OSC 52. Nothing is read back.
fn copy(text: &str) -> Result<(), AppError> {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::STANDARD.encode(text);
    Terminal::send(&format!("\x1b]52;c;{encoded}\x07")).map_err(|error| {
        AppError::environment("could not write to the terminal", error, "start it again")
    })
}
