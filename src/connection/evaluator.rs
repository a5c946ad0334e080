//! Evaluates uploads to the sandbox by screening them.

use crate::bankconnect::wire::ErrorCode;
use crate::batch::{self, Input};
use crate::isolation;
use crate::pdf::Password;
use crate::sandbox::{Evaluation, Evaluator};
use crate::screen::{
    CONFIDENCE_THRESHOLD, CandidateId, CandidatePassword, Code, Policy, Screening, Severity,
};
use crate::statement::BankRegistry;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Returns the function with which the sandbox evaluates an uploaded file.
pub(crate) fn evaluator(banks: BankRegistry) -> Evaluator {
    Arc::new(move |bytes, password| {
        let candidates = password.map(|password| CandidatePassword {
            password: Password::new(password),
            id: CandidateId::Request,
        });
        let policy = Policy {
            candidates: candidates.into_iter().collect(),
            banks: banks.clone(),
            ..Policy::default()
        };
        let mut evaluation = None;
        let inputs = [Input::standard_input(bytes.to_vec())];
        let never = AtomicBool::new(false);
        let screen = &isolation::screen;
        let run = batch::run(&inputs, &policy, 1, &never, screen, |screened| {
            evaluation = Some(evaluate(&screened.screening));
            Ok(())
        });
        let failed = Evaluation {
            rejection: Some(ErrorCode::InvalidFileObject),
            ..Evaluation::default()
        };
        run.ok().and(evaluation).unwrap_or(failed)
    })
}

/// Returns what the service would answer for a screened file.
fn evaluate(screening: &Screening) -> Evaluation {
    let errors = screening
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error);
    // The sandbox compares bank and period with those of the session.
    let errors = errors.filter(|finding| finding.code != Code::BankNameUndetected);
    let mut codes = errors.map(|finding| ErrorCode::from_name(finding.code.name()));
    let issuer = screening.statement.issuer.as_ref();
    let bank = issuer.filter(|issuer| issuer.confidence >= CONFIDENCE_THRESHOLD);
    Evaluation {
        rejection: codes.find(|code| !matches!(code, ErrorCode::Other(_))),
        pages: screening
            .document
            .as_ref()
            .map_or(0, |document| document.page_count as u64),
        bank: bank.map(|issuer| issuer.bank.id().to_owned()),
        ..Evaluation::default()
    }
}
