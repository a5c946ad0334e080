//! Upload items: the files that are sent, and the reasons why others are skipped.

use super::plan::{Eligibility, Outcome, OutcomeCode, OutcomeKind};
use crate::applicant::{RuleUse, producer_key};
use crate::bankconnect::Client;
use crate::batch::Input;
use crate::journal::{FormLesson, Intent, Resend};
use crate::pdf::EncryptionStatus;
use crate::screen::{
    CONFIDENCE_THRESHOLD, CandidateId, CandidatePassword, Code, ContentHash, Policy, Screening,
};
use crate::statement::{AccountCategory, AccountKey, FormKey};
use jiff::Timestamp;

pub(crate) use super::plan::Skipped;

/// A file to send.
#[derive(Debug, Clone)]
pub(crate) struct UploadItem {
    /// Its index among the entries of the report or the files of the dashboard.
    pub(crate) index: usize,
    pub(crate) input: Input,
    /// The screened bytes, and therefore the only bytes that may be sent.
    pub(crate) content: ContentHash,
    pub(crate) bytes: u64,
    pub(crate) name: String,
    /// Identifier of the bank to name to the service.
    pub(crate) bank: Option<String>,
    /// The account category in the service's spelling, if one was given.
    pub(crate) category: Option<&'static str>,
    /// The masked account number.
    pub(crate) account: Option<String>,
    /// The candidate that unlocked the file. Boxed, as the rule: most files have none, and a run
    /// may have 100,000.
    pub(crate) password: Option<Box<CandidatePassword>>,
    /// The rule by which that candidate was derived, as the journal counts it.
    pub(crate) rule_use: Option<Box<RuleUse>>,
    /// The form that the answer can teach, and whether the user named the bank.
    pub(crate) lesson: Option<PossibleLesson>,
    /// The finding codes, which predict the service's answer.
    pub(crate) predicted: Vec<String>,
    /// Which uploads the user allows to repeat.
    pub(crate) resend: Resend,
}

impl UploadItem {
    /// Builds the item of a screened file, or returns why the file is skipped.
    pub(crate) fn new(
        (index, input): (usize, &Input),
        (name, bytes): (&str, Option<u64>),
        screening: &Screening,
        policy: &Policy,
        eligibility: Eligibility,
        resend: Resend,
    ) -> Result<Self, Skipped> {
        let own = input.expected.as_ref().map(|own| policy.expecting(own));
        let policy = own.as_ref().unwrap_or(policy);
        let bank = eligibility.check(screening, policy.expected_bank.as_ref())?;
        let file = (index, input);
        Self::with_bank(file, (name, bytes), screening, policy, bank, resend)
    }

    /// Builds the item of an eligible file; `policy` contains what is expected of this file.
    pub(crate) fn with_bank(
        (index, input): (usize, &Input),
        (name, bytes): (&str, Option<u64>),
        screening: &Screening,
        policy: &Policy,
        bank: Option<String>,
        resend: Resend,
    ) -> Result<Self, Skipped> {
        let (Some(content), Some(bytes)) = (screening.content, bytes) else {
            return Err(Skipped::unreadable());
        };
        let category = policy.account_category.as_deref();
        let account = screening.statement.account.as_ref();
        Ok(Self {
            index,
            input: input.clone(),
            content,
            bytes,
            name: name.to_owned(),
            bank,
            category: category
                .and_then(AccountCategory::parse)
                .map(AccountCategory::name),
            account: account.map(|account| account.masked.clone()),
            password: opening_password(screening, policy).map(Box::new),
            rule_use: rule_use(screening, policy).map(Box::new),
            lesson: PossibleLesson::of(screening, policy),
            predicted: predicted_codes(screening),
            resend,
        })
    }
}

impl UploadItem {
    /// Returns what the journal stores of an attempt to send the file to a session.
    pub(super) fn intent(&self, client: &Client, session: &str) -> Intent {
        let password = self.password.as_ref().map(|candidate| &candidate.password);
        Intent {
            content: self.content,
            session: session.to_owned(),
            name: self.name.clone(),
            bytes: self.bytes,
            bank: self.bank.clone(),
            account: self.account.clone(),
            request: Some(client.digest(self.bank.as_deref(), self.category, password)),
            predicted: self.predicted.clone(),
            resend: self.resend,
            at: Timestamp::now(),
        }
    }
}

/// What the answer to an upload can teach about the form of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PossibleLesson {
    form: FormKey,
    account: AccountKey,
    /// Whether the user named the bank. Our own guess teaches nothing.
    is_bank_named: bool,
}

impl PossibleLesson {
    /// Returns `None` without a form or an account: each account counts once.
    fn of(screening: &Screening, policy: &Policy) -> Option<Self> {
        let statement = &screening.statement;
        Some(Self {
            form: statement.form.clone()?,
            account: statement.account.as_ref()?.key,
            is_bank_named: policy.expected_bank.is_some(),
        })
    }

    /// Returns what an outcome teaches; `sent` is the bank that the upload named.
    pub(super) fn taught(&self, outcome: &Outcome, sent: Option<&str>) -> Option<FormLesson> {
        let is_accepted = outcome.kind == OutcomeKind::Accepted;
        let code = outcome.code.as_ref().map(OutcomeCode::name);
        let bank = match sent {
            Some(bank) if is_accepted && self.is_bank_named => bank,
            Some(bank) if code == Some(Code::BankNameMismatch.name()) => bank,
            None if is_accepted => outcome.receipt.bank.as_deref()?,
            _ => return None,
        };
        Some(FormLesson {
            form: self.form.clone(),
            bank: bank.to_owned(),
            account: self.account,
            agrees: is_accepted,
        })
    }
}

/// Returns the codes of a screening's findings, each once.
pub(crate) fn predicted_codes(screening: &Screening) -> Vec<String> {
    let mut codes: Vec<_> = screening
        .findings
        .iter()
        .map(|finding| finding.code.name().to_owned())
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Returns the rule that formed the password of the file, for the file's bank and producer.
fn rule_use(screening: &Screening, policy: &Policy) -> Option<RuleUse> {
    let Some(CandidateId::Rule(rule)) = &screening.password_from else {
        return None;
    };
    let issuer = screening.statement.issuer.as_ref();
    let issuer = issuer.filter(|issuer| issuer.confidence >= CONFIDENCE_THRESHOLD);
    let document = screening.document.as_ref();
    let producer = document.and_then(|document| document.metadata.producer.as_deref());
    Some(RuleUse {
        bank: issuer.map_or_else(String::new, |issuer| issuer.bank.id().to_owned()),
        producer: producer.map(producer_key).unwrap_or_default(),
        rule: policy.applicants.as_ref()?.use_of(rule)?,
        files: 1,
    })
}

/// Returns the candidate that unlocked the file, if one did.
pub(crate) fn opening_password(
    screening: &Screening,
    policy: &Policy,
) -> Option<CandidatePassword> {
    screening
        .encryption
        .as_ref()
        .filter(|encryption| encryption.status == EncryptionStatus::Unlocked)?;
    let form = screening.encryption.as_ref()?.password_form;
    let id = screening.password_from.as_ref()?;
    Some(CandidatePassword {
        password: policy.password(id)?.in_form(form),
        id: id.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::{Encryption, Password, PasswordForm};
    use crate::screen::Finding;

    #[test]
    fn the_password_is_sent_in_the_form_that_opened_the_file() {
        let id = CandidateId::PasswordFile(1);
        let policy = Policy {
            candidates: vec![CandidatePassword {
                password: Password::new(" \"RAJE1503\" "),
                id: id.clone(),
            }],
            ..Policy::default()
        };
        let sent = |password_form| {
            let finding = Finding::error(Code::InternalError, "none");
            let screening = Screening {
                encryption: Some(Encryption {
                    status: EncryptionStatus::Unlocked,
                    password_form,
                    ..Encryption::NONE
                }),
                password_from: Some(id.clone()),
                ..Screening::not_screened(finding)
            };
            let candidate = opening_password(&screening, &policy).unwrap();
            candidate.password.expose().to_owned()
        };
        assert_eq!(sent(PasswordForm::Literal), " \"RAJE1503\" ");
        assert_eq!(sent(PasswordForm::Trimmed), "\"RAJE1503\"");
        assert_eq!(sent(PasswordForm::Unquoted), "RAJE1503");
    }
}
