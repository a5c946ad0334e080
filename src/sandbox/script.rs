//! Fixed responses by file name or content, read from a JSON file.
//!
//! ```json
//! {
//!   "files": {
//!     "scan.pdf": {"code": "PDF_IS_IMAGE"},
//!     "<64 hex digits of the SHA-256>": {"bank": "hdfc", "from": "2024-04-01",
//!       "to": "2024-06-30", "account": "50100012345678", "pages": 3, "fraud": "author_fraud"},
//!     "odd.pdf": {"processing": "UNPARSABLE"},
//!     "lost.pdf": {"fault": "reset-after-body"}
//!   },
//!   "otherwise": {"bank": "axis"}
//! }
//! ```
//!
//! `code` rejects the upload. `processing` accepts it, and processing of its account fails later.
//! `fault` injects a fault into the call. All other fields describe an accepted file. `otherwise`
//! applies to files that are not listed.

use super::evaluator::{EvaluatedPeriod, Evaluation};
use super::faults::Fault;
use crate::bankconnect::wire::ErrorCode;
use jiff::civil::Date;
use serde::Deserialize;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Fixed responses to files. The default is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// Responses by SHA-256 or file name.
    files: HashMap<String, ScriptedResponse>,
    otherwise: Option<ScriptedResponse>,
}

/// The response that a script assigns to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ScriptedResponse {
    pub(super) evaluation: Evaluation,
    /// The error with which processing of the account fails later.
    pub(super) processing: Option<ErrorCode>,
    pub(super) fault: Option<Fault>,
}

/// The JSON form of a script.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScriptFile {
    #[serde(default)]
    files: HashMap<String, ResponseFields>,
    #[serde(default)]
    otherwise: Option<ResponseFields>,
}

/// The JSON form of a scripted response.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ResponseFields {
    code: Option<String>,
    processing: Option<String>,
    fault: Option<String>,
    bank: Option<String>,
    from: Option<Date>,
    to: Option<Date>,
    account: Option<String>,
    pages: Option<u64>,
    fraud: Option<String>,
}

/// An invalid script. `file` is the script's key for the file, or `otherwise`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScriptError {
    /// The JSON is malformed, or its structure does not match.
    #[error("invalid script")]
    Syntax(#[from] serde_json::Error),
    /// The fault is unknown.
    #[error("{file}: unknown fault {fault:?}")]
    UnknownFault {
        /// The script's key for the file.
        file: String,
        /// The unknown name.
        fault: String,
    },
    /// The service does not document the error code.
    #[error("{file}: unknown error code {code:?}")]
    UnknownCode {
        /// The script's key for the file.
        file: String,
        /// The unknown code.
        code: String,
    },
    /// The period has only one end, or ends before it begins.
    #[error("{0}: a period needs \"from\" and \"to\", in order")]
    Period(String),
}

impl Script {
    /// Parses a script.
    ///
    /// # Errors
    ///
    /// Returns an error if the JSON is invalid, or if a fault, error code or period is invalid.
    pub fn parse(json: &[u8]) -> Result<Self, ScriptError> {
        let script: ScriptFile = serde_json::from_slice(json)?;
        let files = script.files.into_iter().map(|(file, fields)| {
            let response = fields.validate(&file)?;
            Ok((file, response))
        });
        Ok(Self {
            files: files.collect::<Result<_, ScriptError>>()?,
            otherwise: script
                .otherwise
                .map(|fields| fields.validate("otherwise"))
                .transpose()?,
        })
    }

    /// Returns the response to a file: by SHA-256, else by name, else the `otherwise` response.
    ///
    /// A name also matches after a prefix that ends in an underscore, because upload clients put
    /// an identifier before the name. If several names match, the longest wins.
    pub(super) fn response(&self, sha256: &str, name: &str) -> Option<&ScriptedResponse> {
        let matches_name = |pattern: &str| {
            let prefix = name.strip_suffix(pattern);
            prefix.is_some_and(|prefix| prefix.is_empty() || prefix.ends_with('_'))
        };
        let by_name = || {
            let mut patterns: Vec<_> = self.files.iter().collect();
            // A hash map has no order. The longest pattern first makes the result deterministic.
            patterns.sort_by_key(|(pattern, _)| Reverse(pattern.len()));
            let mut matching = patterns
                .into_iter()
                .filter(|(pattern, _)| matches_name(pattern));
            matching.next().map(|(_, response)| response)
        };
        let listed = self.files.get(sha256).or_else(by_name);
        listed.or(self.otherwise.as_ref())
    }
}

impl ResponseFields {
    fn validate(self, file: &str) -> Result<ScriptedResponse, ScriptError> {
        let period = match (self.from, self.to) {
            (None, None) => EvaluatedPeriod::Session,
            (Some(from), Some(to)) if from <= to => EvaluatedPeriod::Days(from, to),
            _ => return Err(ScriptError::Period(file.to_owned())),
        };
        Ok(ScriptedResponse {
            evaluation: Evaluation {
                rejection: self.code.map(|code| error_code(file, code)).transpose()?,
                // A scripted file can consist of arbitrary bytes, so its pages are not counted.
                pages: self.pages.unwrap_or(1),
                bank: self.bank.map(|bank| bank.to_lowercase()),
                period,
                account: self.account,
                account_key: None,
                fraud: self.fraud,
            },
            processing: self
                .processing
                .map(|code| error_code(file, code))
                .transpose()?,
            fault: self.fault.map(|name| fault(file, name)).transpose()?,
        })
    }
}

fn error_code(file: &str, code: String) -> Result<ErrorCode, ScriptError> {
    match ErrorCode::from_name(&code) {
        ErrorCode::Other(_) => Err(ScriptError::UnknownCode {
            file: file.to_owned(),
            code,
        }),
        documented => Ok(documented),
    }
}

fn fault(file: &str, name: String) -> Result<Fault, ScriptError> {
    Fault::from_name(&name).ok_or_else(|| ScriptError::UnknownFault {
        file: file.to_owned(),
        fault: name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_takes_precedence_over_name_over_otherwise() {
        let script = Script::parse(
            br#"{"files": {"a.pdf": {"code": "PDF_IS_IMAGE"}, "ff": {"pages": 7}},
                 "otherwise": {"bank": "AXIS", "fault": "cut", "processing": "UNPARSABLE"}}"#,
        );
        let script = script.unwrap();
        let response = |hash, name| script.response(hash, name).unwrap();
        assert_eq!(response("ff", "a.pdf").evaluation.pages, 7);
        assert_eq!(
            response("00", "a.pdf").evaluation.rejection,
            Some(ErrorCode::PdfIsImage)
        );
        assert_eq!(
            response("00", "token_a.pdf").evaluation.rejection,
            Some(ErrorCode::PdfIsImage)
        );
        let other = response("00", "ba.pdf");
        assert_eq!(other.evaluation.bank.as_deref(), Some("axis"));
        assert_eq!(other.fault, Some(Fault::Cut));
        assert_eq!(other.processing, Some(ErrorCode::Unparsable));
        assert_eq!(Script::default().response("00", "a.pdf"), None);
    }

    #[test]
    fn an_invalid_script_is_rejected_when_it_is_parsed() {
        let error = |json: &str| Script::parse(json.as_bytes()).unwrap_err().to_string();
        assert!(error(r#"{"file": {}}"#).contains("invalid script"));
        assert!(error(r#"{"files": {"a": {"code": "NO"}}}"#).contains("a: unknown error code"));
        assert!(error(r#"{"otherwise": {"fault": "NO"}}"#).contains("unknown fault"));
        assert!(error(r#"{"otherwise": {"from": "2024-04-01"}}"#).contains("a period needs"));
    }
}
