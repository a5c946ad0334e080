//! Answers laid down beforehand, by file name or content, in a JSON file.
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
//! `code` refuses the upload; `processing` lets its account fail later; `fault` hits the upload on
//! its way; all else describes a file that is taken. `otherwise` holds for files not listed.

use super::faults::Fault;
use super::judge::Judgement;
use crate::bankconnect::wire::ErrorCode;
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::HashMap;

/// Scripted answers; the default scripts nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    #[serde(default)]
    files: HashMap<String, Scene>,
    #[serde(default)]
    otherwise: Option<Scene>,
}

/// What happens to one file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Scene {
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

/// Why a text is no script.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScriptError {
    /// It is not the JSON that scripts are made of.
    #[error("it is no script")]
    Syntax(#[from] serde_json::Error),
    /// There is no such fault.
    #[error("{file}: there is no fault {fault:?}")]
    Fault {
        /// Where it stands.
        file: String,
        /// What stands there.
        fault: String,
    },
    /// A code that the service does not have.
    #[error("{file}: there is no code {code:?}")]
    Code {
        /// Where it stands.
        file: String,
        /// What stands there.
        code: String,
    },
    /// A period that ends before it begins, or has one end.
    #[error("{0}: a period needs from and to, in order")]
    Period(String),
}

/// What a script lays down for one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cue {
    pub(super) judgement: Judgement,
    pub(super) processing: Option<ErrorCode>,
    pub(super) fault: Option<Fault>,
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    ///
    /// When it is no script, or names what does not exist.
    pub fn parse(json: &[u8]) -> Result<Self, ScriptError> {
        let script: Self = serde_json::from_slice(json)?;
        let otherwise = script.otherwise.iter().map(|scene| ("otherwise", scene));
        let files = script
            .files
            .iter()
            .map(|(name, scene)| (name.as_str(), scene));
        for (file, scene) in files.chain(otherwise) {
            scene.check(file)?;
        }
        Ok(script)
    }

    /// What happens to a file: by content first, then by name, then otherwise.
    ///
    /// A name also fits with something and an underscore before it: uploaders mark names so.
    pub(super) fn cue(&self, sha256: &str, name: &str) -> Option<Cue> {
        let by_name = || {
            let mut known: Vec<_> = self.files.iter().collect();
            known.sort_by_key(|(known, _)| std::cmp::Reverse(known.len()));
            let fits = |known: &str| {
                let before = name.strip_suffix(known);
                before.is_some_and(|before| before.is_empty() || before.ends_with('_'))
            };
            known
                .into_iter()
                .find(|(known, _)| fits(known))
                .map(|(_, scene)| scene)
        };
        let scene = self.files.get(sha256).or_else(by_name);
        scene.or(self.otherwise.as_ref()).map(Scene::cue)
    }
}

impl Scene {
    fn check(&self, file: &str) -> Result<(), ScriptError> {
        let file = || file.to_owned();
        if let Some(fault) = self
            .fault
            .as_ref()
            .filter(|name| Fault::named(name).is_none())
        {
            let fault = fault.clone();
            return Err(ScriptError::Fault {
                file: file(),
                fault,
            });
        }
        for code in [&self.code, &self.processing].into_iter().flatten() {
            if let ErrorCode::Other(_) = ErrorCode::from_name(code) {
                let code = code.clone();
                return Err(ScriptError::Code { file: file(), code });
            }
        }
        match (self.from, self.to) {
            (None, None) => Ok(()),
            (Some(from), Some(to)) if from <= to => Ok(()),
            _ => Err(ScriptError::Period(file())),
        }
    }

    fn cue(&self) -> Cue {
        Cue {
            judgement: Judgement {
                refusal: self.code.as_deref().map(ErrorCode::from_name),
                pages: self.pages.unwrap_or(1),
                bank: self.bank.as_ref().map(|bank| bank.to_lowercase()),
                period: self.from.zip(self.to),
                account: self.account.clone(),
                fraud: self.fraud.clone(),
            },
            processing: self.processing.as_deref().map(ErrorCode::from_name),
            fault: self.fault.as_deref().and_then(Fault::named),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_beats_name_beats_otherwise() {
        let script = Script::parse(
            br#"{"files": {"a.pdf": {"code": "PDF_IS_IMAGE"}, "ff": {"pages": 7}},
                 "otherwise": {"bank": "AXIS", "fault": "cut", "processing": "UNPARSABLE"}}"#,
        );
        let script = script.unwrap();
        let cue = |hash, name| script.cue(hash, name).unwrap();
        assert_eq!(cue("ff", "a.pdf").judgement.pages, 7);
        assert_eq!(
            cue("00", "a.pdf").judgement.refusal,
            Some(ErrorCode::PdfIsImage)
        );
        assert_eq!(
            cue("00", "token_a.pdf").judgement.refusal,
            Some(ErrorCode::PdfIsImage)
        );
        let other = cue("00", "ba.pdf");
        assert_eq!(other.judgement.bank.as_deref(), Some("axis"));
        assert_eq!(other.fault, Some(Fault::Cut));
        assert_eq!(other.processing, Some(ErrorCode::Unparsable));
        assert_eq!(Script::default().cue("00", "a.pdf"), None);
    }

    #[test]
    fn mistakes_in_a_script_are_found_when_it_is_read() {
        let refused = |json: &str| Script::parse(json.as_bytes()).unwrap_err().to_string();
        assert!(refused(r#"{"file": {}}"#).contains("no script"));
        assert!(refused(r#"{"files": {"a": {"code": "NO"}}}"#).contains("a: there is no code"));
        assert!(refused(r#"{"otherwise": {"fault": "NO"}}"#).contains("no fault"));
        assert!(refused(r#"{"otherwise": {"from": "2024-04-01"}}"#).contains("needs from and to"));
    }
}
