//! Performs what an update asks for. What takes time goes to a thread, and answers by message.

use super::event_loop::{Event, Runtime, in_background};
use super::mailroom::Command;
use super::painter::Page;
use super::terminal::Terminal;
use super::{export, finder, past};
use crate::batch::Input;
use crate::cli::failure::Failure;
use crate::cli::screening::name;
use crate::dashboard::model::FileId;
use crate::dashboard::{Effect, Export, Found, Message, Request, update};
use crate::journal::Resend;
use crate::settings::resolve;
use crate::statement::AccountCategory;
use crate::uploads::{Parcel, password};
use std::time::Duration;

impl Runtime {
    pub(super) fn perform(&mut self, effect: Effect) -> Result<(), Failure> {
        match effect {
            Effect::Discover(text) => finder::discover(text, self.sender.clone()),
            Effect::Watch(text) => finder::watch(text, self.sender.clone()),
            Effect::Complete(text) => finder::complete(text, self.sender.clone()),
            Effect::Screen(orders) => self.screener.screen(orders, &self.inputs.list),
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
    pub(super) fn found(&mut self, inputs: Vec<Input>) {
        let mut found = Vec::with_capacity(inputs.len());
        for input in inputs {
            if !self.inputs.known.insert(input.path.clone()) {
                continue;
            }
            found.push(Found {
                name: name(&input.path),
                bytes: None,
                expected: input.expected.as_deref().cloned().unwrap_or_default(),
            });
            self.inputs.list.push(input);
        }
        self.pace.want(false);
        self.record.found(found.len());
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
            input: self.inputs.list.get(request.file.index())?.clone(),
            content: screening.content?,
            bytes: file.bytes?,
            name: file.name.text.clone(),
            bank: request.bank,
            category: category
                .and_then(AccountCategory::parse)
                .map(AccountCategory::name),
            account: account.map(|account| account.masked.clone()),
            password: password(screening, &policy),
            resend: if request.resend {
                Resend::Unknown
            } else {
                Resend::Never
            },
        })
    }

    fn draw_page(&mut self, file: FileId, page: usize, cells: (u16, u16), ticket: u64) {
        let (Some(input), Some(found)) = (
            self.inputs.list.get(file.index()),
            self.model.queue.file(file),
        ) else {
            return;
        };
        let policy = self.screener.policy().expecting(&found.expected);
        let opened_by = found
            .screening()
            .and_then(|screening| password(screening, &policy));
        self.painter.draw(Page {
            input: input.clone(),
            index: page,
            password: opened_by.map(|(password, _)| password),
            cells,
            ticket,
        });
    }

    fn read_history(&self, text: String) {
        let folder = self.mailroom.journal_folder();
        let sender = self.sender.clone();
        in_background(move || {
            let folder = match folder {
                Some(folder) => Ok(folder),
                None => resolve::state_folder().map_err(|failure| failure.to_string()),
            };
            let read = folder.and_then(|folder| past::read(&folder, &text));
            drop(sender.send(Message::History(read).into()));
        });
    }

    fn export(&self, order: Export) {
        let entries = export::entries(&self.model, &order.files);
        let sender = self.sender.clone();
        in_background(move || {
            drop(sender.send(match export::write(&order, &entries) {
                Ok(text) => Event::info(text),
                Err(why) => Event::error(why),
            }));
        });
    }
}

/// Puts text on the clipboard of the person's own machine, by OSC 52. Nothing is read back.
fn copy(text: &str) -> Result<(), Failure> {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::STANDARD.encode(text);
    Terminal::send(&format!("\x1b]52;c;{encoded}\x07")).map_err(|error| {
        Failure::environment("the terminal can't be written to", error, "start it again")
    })
}
