//! Evaluates uploads to the sandbox by screening them.

use crate::bankconnect::wire::ErrorCode;
use crate::batch::{self, Input};
use crate::isolation;
use crate::pdf::Password;
use crate::sandbox::{EvaluatedPeriod, Evaluation, Evaluator};
use crate::screen::{
    CONFIDENCE_THRESHOLD, CandidateId, CandidatePassword, Code, Policy, Screening, Severity,
};
use crate::statement::BankRegistry;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The fraud that the service reports for files from programs that its banks do not use.
const AUTHOR_FRAUD: &str = "author_fraud";

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
    // The sandbox compares the bank with that of the request, and the period with the session's.
    let errors = errors.filter(|finding| finding.code != Code::BankNameUndetected);
    let mut codes = errors.map(|finding| ErrorCode::from_name(finding.code.name()));
    let issuer = screening.statement.issuer.as_ref();
    let bank = issuer.filter(|issuer| issuer.confidence >= CONFIDENCE_THRESHOLD);
    let account = screening.statement.account.as_ref();
    // A number without any visible digit identifies no account.
    let account = account.filter(|account| account.masked.bytes().any(|b| b.is_ascii_digit()));
    let is_edited = screening
        .findings
        .iter()
        .any(|finding| finding.code == Code::EditedPdf);
    Evaluation {
        rejection: codes.find(|code| !matches!(code, ErrorCode::Other(_))),
        pages: screening
            .document
            .as_ref()
            .map_or(0, |document| document.page_count as u64),
        bank: bank.map(|issuer| issuer.bank.id().to_owned()),
        period: screening
            .statement
            .period
            .map_or(EvaluatedPeriod::Unknown, |period| {
                EvaluatedPeriod::Days(period.from, period.to)
            }),
        account: account.map(|account| account.masked.clone()),
        account_key: account.map(|account| account.key),
        fraud: is_edited.then(|| AUTHOR_FRAUD.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::Finding;
    use crate::statement::{AccountKey, Facts, Issuer, Period, PeriodSource};
    use jiff::civil::date;
    use serde_json::json;

    fn screening(masked: Option<&str>, finding: Finding) -> Screening {
        let bank = BankRegistry::default().by_id("hdfc").unwrap().clone();
        let issuer = Issuer {
            bank,
            confidence: 0.99,
            evidence: Vec::new(),
            alternatives: Vec::new(),
        };
        let account = masked.map(|masked| {
            let account =
                json!({"masked": masked, "key": [1, 2, 3, 4, 5, 6, 7, 8], "is_full": true});
            serde_json::from_value(account).unwrap()
        });
        let period = Period {
            from: date(2024, 4, 1),
            to: date(2024, 6, 30),
            source: PeriodSource::Printed,
        };
        Screening {
            statement: Facts {
                issuer: Some(issuer),
                period: masked.map(|_| period),
                account,
                ..Facts::default()
            },
            ..Screening::not_screened(finding)
        }
    }

    #[test]
    fn period_account_and_fraud_are_those_of_the_screening() {
        let edited = Finding::warning(Code::EditedPdf, "Signs of editing");
        let evaluation = evaluate(&screening(Some("XXXXXXXX1234"), edited));
        let key: AccountKey = serde_json::from_value(json!([1, 2, 3, 4, 5, 6, 7, 8])).unwrap();
        let expected = Evaluation {
            rejection: None,
            pages: 0,
            bank: Some("hdfc".to_owned()),
            period: EvaluatedPeriod::Days(date(2024, 4, 1), date(2024, 6, 30)),
            account: Some("XXXXXXXX1234".to_owned()),
            account_key: Some(key),
            fraud: Some("author_fraud".to_owned()),
        };
        assert_eq!(evaluation, expected);
    }

    #[test]
    fn what_screening_does_not_find_stays_unknown() {
        let other = || Finding::warning(Code::DamagedPdf, "Repaired");
        let nothing = evaluate(&screening(None, other()));
        assert_eq!(nothing.period, EvaluatedPeriod::Unknown);
        assert_eq!((nothing.account, nothing.fraud), (None, None));
        let without_digits = evaluate(&screening(Some("XXXXXXXX"), other()));
        assert_eq!(
            (without_digits.account, without_digits.account_key),
            (None, None)
        );
    }
}
