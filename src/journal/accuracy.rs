//! Compares what screening predicted with what the service answered.

use super::entry::{self, COLUMNS, UploadEntry};
use super::error::JournalError;
use super::reader::JournalReader;
use crate::bankconnect::wire::ErrorCode;
use crate::screen::Code;
use crate::uploads::plan::{OutcomeCode, OutcomeKind};
use std::collections::{BTreeMap, BTreeSet};

/// Fewest answers from which a share can be judged.
pub const MIN_ANSWERS: usize = 30;
/// Quantile of the normal distribution for a two-sided interval of 95 %.
const Z: f64 = 1.959_964;

/// The answers about one code and one bank.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Accuracy {
    /// The code that was predicted or answered.
    pub code: String,
    /// The bank's identifier; empty if the service was sent none and assigned none.
    pub bank: String,
    /// Files with the finding that the service refused with this code, at once or later.
    pub predicted_refused: usize,
    /// Files with the finding that the service accepted.
    pub predicted_accepted: usize,
    /// Files without the finding that the service refused with this code.
    pub not_predicted: usize,
}

impl Accuracy {
    /// Returns the number of answers that concern the code.
    pub fn answers(&self) -> usize {
        self.predicted_refused + self.predicted_accepted + self.not_predicted
    }

    /// Returns the share of predictions that the service confirmed, with the ends of its 95 %
    /// interval (Wilson 1927); `None` without a prediction.
    pub fn share(&self) -> Option<(f64, f64, f64)> {
        let predictions = self.predicted_refused + self.predicted_accepted;
        if predictions == 0 {
            return None;
        }
        let n = predictions as f64;
        let share = self.predicted_refused as f64 / n;
        let center = (share + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
        let spread = (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
        let half = Z * spread / (1.0 + Z * Z / n);
        let bound = |end: f64| end.clamp(0.0, 1.0);
        Some((share, bound(center - half), bound(center + half)))
    }

    /// Returns what contradicts the prediction, if most of enough answers do.
    pub fn contradiction(&self) -> Option<String> {
        let predictions = self.predicted_refused + self.predicted_accepted;
        let accepted = self.predicted_accepted;
        (predictions >= MIN_ANSWERS && 2 * accepted > predictions)
            .then(|| format!("the service accepted {accepted} of {predictions} such files"))
    }
}

impl JournalReader {
    /// Returns the accuracy by code and bank, in this order.
    ///
    /// Only uploads with an answer count: accepted or refused, not unknown.
    ///
    /// # Errors
    ///
    /// Returns an error if the journal cannot be read or is damaged.
    pub fn accuracy(&self) -> Result<Vec<Accuracy>, JournalError> {
        self.with_connection(|connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM uploads
                 WHERE outcome IN ('accepted', 'rejected') AND NOT pruned"
            );
            let mut select = connection.prepare(&sql)?;
            let mut rows = select.query([])?;
            let mut table = BTreeMap::new();
            while let Some(row) = rows.next()? {
                add(&mut table, &entry::read(row)?);
            }
            let rows = table.into_iter().map(|((code, bank), counts)| {
                let [predicted_refused, predicted_accepted, not_predicted] = counts;
                Accuracy {
                    code,
                    bank,
                    predicted_refused,
                    predicted_accepted,
                    not_predicted,
                }
            });
            Ok(rows.collect())
        })
    }
}

/// Adds one upload to the counts by code and bank.
fn add(table: &mut BTreeMap<(String, String), [usize; 3]>, entry: &UploadEntry) {
    let Some(outcome) = entry.settled.as_ref().map(|settled| &settled.outcome) else {
        return;
    };
    let predicted = entry.predicted.iter().filter(|name| is_prediction(name));
    let predicted: BTreeSet<&str> = predicted.map(String::as_str).collect();
    let mut refused: BTreeSet<&str> = entry.later_codes.iter().map(String::as_str).collect();
    if outcome.kind == OutcomeKind::Rejected {
        if !outcome.is_certain_refusal() {
            return;
        }
        refused.extend(outcome.code.as_ref().map(OutcomeCode::name));
    }
    let is_fraud = outcome
        .receipt
        .answer
        .as_ref()
        .is_some_and(|answer| answer.is_fraud);
    if is_fraud {
        refused.insert(Code::EditedPdf.name());
    }
    let bank = entry.bank.clone().unwrap_or_default().to_lowercase();
    let mut count = |code: &str, column: usize| {
        let counts = table.entry((code.to_owned(), bank.clone())).or_default();
        for (_, count) in counts
            .iter_mut()
            .enumerate()
            .filter(|(index, _)| *index == column)
        {
            *count += 1;
        }
    };
    for code in predicted.union(&refused) {
        match (predicted.contains(code), refused.contains(code)) {
            (true, true) => count(code, 0),
            // A file that was refused for another reason says nothing about this code.
            (true, false) if outcome.kind == OutcomeKind::Accepted => count(code, 1),
            (false, true) => count(code, 2),
            (true | false, false) => {}
        }
    }
}

/// Returns whether a finding code predicts an answer of the service: one of its codes, or a
/// suspicion of fraud.
fn is_prediction(name: &str) -> bool {
    name == Code::EditedPdf.name() || !matches!(ErrorCode::from_name(name), ErrorCode::Other(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(predicted_refused: usize, predicted_accepted: usize) -> Accuracy {
        Accuracy {
            code: "X".to_owned(),
            bank: "hdfc".to_owned(),
            predicted_refused,
            predicted_accepted,
            not_predicted: 0,
        }
    }

    #[test]
    fn shares_have_the_interval_of_wilson() {
        let (share, low, high) = row(8, 2).share().unwrap();
        // Computed with the formula in an independent program.
        assert!((share - 0.8).abs() < 1e-9);
        assert!((low - 0.490_162).abs() < 1e-5 && (high - 0.943_318).abs() < 1e-5);
        assert_eq!(row(0, 0).share(), None);
        let (_, low, high) = row(0, 5).share().unwrap();
        assert!(low.abs() < 1e-12 && high < 0.5);
    }

    #[test]
    fn a_prediction_is_contradicted_by_most_of_thirty_answers() {
        let text = row(3, 28).contradiction();
        assert_eq!(text.unwrap(), "the service accepted 28 of 31 such files");
        assert_eq!(row(3, 26).contradiction(), None);
        assert_eq!(row(20, 20).contradiction(), None);
    }
}
