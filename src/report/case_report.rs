//! One case in a report: the line after its files.

use super::record::{ReportEntry, SCHEMA, VerdictCounts};
use super::upload_record::OutcomeCounts;
use crate::screen::cases::{CaseState, Judgement};
use crate::screen::notes::{Need, NoteTexts};
use crate::screen::{AccountCoverage, Code, Severity, Verdict};
use crate::statement::{Bank, Month};
use crate::text::columns::counted;
use crate::uploads::plan::OutcomeKind;
use serde::Serialize;

/// One case in a report. Name, requests and actions are untrusted text.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseReport {
    /// The name of the case.
    pub name: String,
    /// Number of files.
    pub files: usize,
    /// Number of its files by verdict.
    pub verdicts: VerdictCounts,
    /// The months that its accounts cover.
    pub accounts: Vec<AccountCoverage>,
    /// Whether it can be sent, as screening found.
    pub state: CaseState,
    /// What to ask the applicant for, in English.
    pub requests: Vec<String>,
    /// The same without words, for messages in other languages.
    pub needs: Vec<Need>,
    /// What the staff must do.
    pub actions: Vec<String>,
    /// The session of the service, if the files of the case have one.
    pub session: Option<String>,
    /// The uploads; `None` if the run uploads nothing.
    pub uploads: Option<CaseUploads>,
}

/// The uploads of a case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaseUploads {
    /// Number of files by outcome.
    pub outcomes: OutcomeCounts,
    /// The months that the service still misses, as it last answered; `None` without an answer.
    pub missing_months: Option<Vec<String>>,
}

/// Number of cases by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct CaseCounts {
    /// Cases that can be sent.
    pub ready: usize,
    /// Cases for which the applicant must send something.
    pub incomplete: usize,
    /// Cases for which the staff must act.
    pub blocked: usize,
}

impl CaseCounts {
    /// Counts a case.
    pub fn add(&mut self, state: CaseState) {
        match state {
            CaseState::Ready => self.ready += 1,
            CaseState::Incomplete => self.incomplete += 1,
            CaseState::Blocked => self.blocked += 1,
        }
    }

    /// Returns the counts, each with the class of its colour and a label.
    pub(super) fn labelled(self) -> [(&'static str, &'static str, usize); 3] {
        [
            ("pass", "Cases ready", self.ready),
            ("warn", "Cases incomplete", self.incomplete),
            ("fail", "Cases blocked", self.blocked),
        ]
    }

    /// Formats the counts: `3 cases: 1 ready, 1 incomplete, 1 blocked`.
    pub(super) fn in_words(self) -> String {
        let Self {
            ready,
            incomplete,
            blocked,
        } = self;
        let cases = counted(ready + incomplete + blocked, "case");
        format!("{cases}: {ready} ready, {incomplete} incomplete, {blocked} blocked")
    }
}

impl CaseReport {
    /// Creates the line of a case that was screened.
    pub fn new<'e>(
        name: &str,
        entries: impl Iterator<Item = &'e ReportEntry>,
        accounts: Vec<AccountCoverage>,
        judgement: Judgement,
        texts: &NoteTexts,
    ) -> Self {
        let mut verdicts = VerdictCounts::default();
        entries.for_each(|entry| verdicts.add(entry.screening.verdict));
        // A run may have 20,000 cases.
        let mut needs = without_spare(judgement.needs);
        needs.iter_mut().for_each(Need::shrink_to_fit);
        Self {
            name: name.to_owned(),
            files: verdicts.total(),
            verdicts,
            accounts: without_spare(accounts),
            state: judgement.state,
            requests: without_spare(texts.requests(&needs)),
            needs,
            actions: without_spare(judgement.actions),
            session: None,
            uploads: None,
        }
    }

    /// Adds the upload of one of the case's files.
    ///
    /// The state stays that of screening; a file that the service rejected or flagged is something
    /// that the staff must act on.
    pub fn add_upload(&mut self, entry: &ReportEntry) {
        let Some(upload) = &entry.upload else {
            return;
        };
        if self.uploads.is_none() {
            // A flag of the service changes verdicts.
            self.verdicts = VerdictCounts::default();
        }
        self.verdicts.add(entry.screening.verdict);
        self.actions.extend(upload_action(entry));
        let uploads = self.uploads.get_or_insert_default();
        uploads.outcomes.add(upload);
        let Some(settled) = upload.settled() else {
            return;
        };
        if settled.session.is_some() {
            self.session.clone_from(&settled.session);
        }
        let receipt = &settled.outcome.receipt;
        if settled.outcome.kind.is_uploaded() && receipt.answer.is_some() {
            // Each answer covers the files before it, so a month that one of them has is there.
            let missing = receipt.missing_months.iter();
            let missing = match uploads.missing_months.take() {
                None => missing.cloned().collect(),
                Some(known) => {
                    let still = known.into_iter();
                    still
                        .filter(|month| receipt.missing_months.contains(month))
                        .collect()
                }
            };
            uploads.missing_months = Some(missing);
        }
    }
}

/// Returns what the staff must do about a file that the service rejected or flagged.
fn upload_action(entry: &ReportEntry) -> Option<String> {
    let name = &entry.name.text;
    let upload = entry.upload.as_ref()?;
    if upload.kind() == Some(OutcomeKind::Rejected) {
        return Some(format!(
            "{name}: the service rejected the file: {}.",
            upload.message()
        ));
    }
    let flagged = upload
        .answer()
        .is_some_and(|answer| answer.is_fraud)
        .then(|| {
            let mut findings = entry.screening.findings.iter();
            findings.find(|finding| finding.code == Code::FlaggedByService)
        });
    let finding = flagged.flatten()?;
    (finding.severity > Severity::Note).then(|| {
        let advice = finding.code.advice().hint();
        format!("{name}: {}: {}. {advice}.", finding.code, finding.message)
    })
}

impl VerdictCounts {
    /// Counts a file.
    pub(super) fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Pass => self.pass += 1,
            Verdict::Warn => self.warn += 1,
            Verdict::Fail => self.fail += 1,
        }
    }

    /// Returns the number of files.
    pub fn total(&self) -> usize {
        self.pass + self.warn + self.fail
    }
}

/// The record of a case, ready for serialization.
#[derive(Serialize)]
pub(super) struct CaseRecord<'c> {
    schema: u32,
    #[serde(rename = "type")]
    kind: &'static str,
    case: &'c str,
    files: usize,
    verdicts: VerdictCounts,
    accounts: Vec<AccountRecord<'c>>,
    state: CaseState,
    requests: &'c [String],
    actions: &'c [String],
    session_id: Option<&'c str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcomes: Option<OutcomeCounts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_missing_months: Option<&'c [String]>,
}

#[derive(Serialize)]
struct AccountRecord<'c> {
    bank: Option<&'c str>,
    account: &'c str,
    months: Vec<Month>,
    missing_months: Vec<Month>,
}

impl<'c> CaseRecord<'c> {
    pub(super) fn new(case: &'c CaseReport) -> Self {
        let accounts = case.accounts.iter().map(|account| AccountRecord {
            bank: account.bank.as_ref().map(Bank::id),
            account: &account.account,
            months: account.present(),
            missing_months: account.missing(),
        });
        let uploads = case.uploads.as_ref();
        Self {
            schema: SCHEMA,
            kind: "case",
            case: &case.name,
            files: case.files,
            verdicts: case.verdicts,
            accounts: accounts.collect(),
            state: case.state,
            requests: &case.requests,
            actions: &case.actions,
            session_id: case.session.as_deref(),
            outcomes: uploads.map(|uploads| uploads.outcomes),
            service_missing_months: uploads.and_then(|uploads| uploads.missing_months.as_deref()),
        }
    }
}

/// Returns the accounts of a case in words, for formats with one text per case.
pub(super) fn accounts_in_words(case: &CaseReport) -> String {
    let accounts = case.accounts.iter().map(|account| {
        let bank = account.bank.as_ref().map_or("-", Bank::id);
        format!("{bank} {}", account.account)
    });
    accounts.collect::<Vec<_>>().join(", ")
}

/// Returns one line per request and action, each with its addressee.
pub(super) fn lines(case: &CaseReport) -> Vec<String> {
    let requests = case.requests.iter();
    let requests = requests.map(|text| format!("Request: {text}"));
    let actions = case.actions.iter().map(|text| format!("Action: {text}"));
    requests.chain(actions).collect()
}

/// Returns the outcomes of uploads as a text, if there are any.
pub(super) fn outcomes(case: &CaseReport) -> Option<String> {
    let uploads = case.uploads.as_ref()?;
    (uploads.outcomes != OutcomeCounts::default()).then(|| uploads.outcomes.list())
}

/// Frees the memory that a list has for more elements.
fn without_spare<T>(mut list: Vec<T>) -> Vec<T> {
    list.shrink_to_fit();
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::columns::assert_agrees;

    #[test]
    fn counts_agree_with_their_number() {
        assert_agrees(|ready| {
            CaseCounts {
                ready,
                ..CaseCounts::default()
            }
            .in_words()
        });
    }
}
