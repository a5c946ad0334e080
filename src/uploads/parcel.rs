//! Which files are sent, as what, and why the others are not.

use crate::batch::Input;
use crate::journal::Resend;
use crate::pdf::{EncryptionStatus, Password};
use crate::report::Entry;
use crate::screen::{CONFIDENCE_THRESHOLD, ContentHash, Policy, Screening, Severity, Verdict};
use crate::statement::AccountCategory;

/// A file to send.
#[derive(Debug, Clone)]
pub(crate) struct Parcel {
    /// Its place among the entries of the report.
    pub(crate) place: usize,
    pub(crate) input: Input,
    /// What was screened, and so what may be sent.
    pub(crate) content: ContentHash,
    pub(crate) bytes: u64,
    pub(crate) name: String,
    pub(crate) bank: Option<&'static str>,
    /// As the service spells it, where one was given for the file.
    pub(crate) category: Option<&'static str>,
    /// Masked.
    pub(crate) account: Option<String>,
    /// What opened it, and where that came from.
    pub(crate) password: Option<(Password, String)>,
    /// Whether it may be sent although the service may have it, because a person said so.
    pub(crate) resend: Resend,
}

/// A file that is not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) code: String,
    pub(crate) told: String,
    pub(crate) hint: Option<String>,
}

/// What may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rules {
    pub(crate) warnings: bool,
    pub(crate) bankless: bool,
    pub(crate) resend: Resend,
}

impl Rules {
    /// Decides about one screened file.
    pub(crate) fn sort(
        self,
        place: usize,
        input: &Input,
        entry: &Entry,
        policy: &Policy,
    ) -> Result<Parcel, Kept> {
        let screening = &entry.screening;
        self.fits(screening)?;
        let own = input.expected.as_ref().map(|own| policy.expecting(own));
        let policy = own.as_ref().unwrap_or(policy);
        let category = policy.account_category.as_deref();
        let (Some(content), Some(bytes)) = (screening.content, entry.bytes) else {
            return Err(kept("MISSING_FILE_OBJECT", "its bytes are not known", None));
        };
        let account = screening.statement.account.as_ref();
        Ok(Parcel {
            place,
            input: input.clone(),
            content,
            bytes,
            name: entry.name.text.clone(),
            bank: self.bank(screening, policy)?,
            category: category
                .and_then(AccountCategory::parse)
                .map(AccountCategory::name),
            account: account.map(|account| account.masked.clone()),
            password: password(screening, policy),
            resend: self.resend,
        })
    }

    fn fits(self, screening: &Screening) -> Result<(), Kept> {
        let worst = |least| {
            let mut findings = screening.findings.iter();
            let found = findings.find(|finding| finding.severity >= least);
            found.map_or("INTERNAL_ERROR", |finding| finding.code.name())
        };
        let error = |f: &crate::screen::Finding| f.severity == Severity::Error;
        match screening.verdict {
            Verdict::Fail if screening.findings.iter().any(error) => {
                let told = "not sent, for the service would refuse it";
                Err(kept(worst(Severity::Error), told, None))
            }
            Verdict::Fail => {
                let told = "not sent: warnings fail it with --strict";
                Err(kept(worst(Severity::Warning), told, None))
            }
            Verdict::Warn if !self.warnings => {
                let told = "not sent: files with warnings are left out";
                let hint = "--include-warnings sends it";
                Err(kept(worst(Severity::Warning), told, Some(hint)))
            }
            Verdict::Warn | Verdict::Pass => Ok(()),
        }
    }

    /// The bank to name: the one given, else the one detected.
    fn bank(self, screening: &Screening, policy: &Policy) -> Result<Option<&'static str>, Kept> {
        if let Some(bank) = policy.expected_bank {
            return Ok(Some(bank.id));
        }
        let issuer = screening.statement.issuer.as_ref();
        if let Some(issuer) = issuer.filter(|issuer| issuer.confidence >= CONFIDENCE_THRESHOLD) {
            return Ok(Some(issuer.bank.id));
        }
        if self.bankless {
            return Ok(None);
        }
        let (code, told) = match issuer {
            Some(issuer) => (
                "BANK_UNCERTAIN",
                format!("not sent: {} is likely, and not certain", issuer.bank.id),
            ),
            None => (
                "BANK_NAME_UNDETECTED",
                "not sent: no bank can be told".to_owned(),
            ),
        };
        let hint = "--bank ID names it; --bankless leaves that to the service";
        Err(kept(code, &told, Some(hint)))
    }
}

fn kept(code: &str, told: &str, hint: Option<&str>) -> Kept {
    Kept {
        code: code.to_owned(),
        told: told.to_owned(),
        hint: hint.map(str::to_owned),
    }
}

/// The candidate that opened the file, and no other.
pub(crate) fn password(screening: &Screening, policy: &Policy) -> Option<(Password, String)> {
    let unlocked = |status| status == EncryptionStatus::Unlocked;
    screening
        .encryption
        .as_ref()
        .filter(|encryption| unlocked(encryption.status))?;
    let origin = screening.password_from.as_deref()?;
    let opened = policy.candidates.iter().find(|c| c.origin == origin)?;
    Some((opened.password.clone(), opened.origin.clone()))
}
