//! `sarif`: SARIF 2.1.0, for code scanning and other collectors of findings.
//!
//! Results are written as entries arrive. The artifacts (files) follow at the end, and results
//! refer to them by index. Page numbers are properties, because SARIF has no element for them.

use super::case_report::{CaseRecord, CaseReport};
use super::diagnostic::{Diagnostic, Rule, diagnostics};
use super::json::write_object;
use super::record::{FileName, ReportEntry, ReportSummary};
use super::upload_record::UploadRecord;
use super::{Renderer, Scope};
use base64::Engine as _;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::Duration;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Writes one SARIF log with one run.
pub(super) struct SarifRenderer {
    scope: Scope,
    artifacts: Vec<Value>,
    results: usize,
    /// The records of the cases, which are properties of the run.
    cases: Vec<Value>,
}

impl SarifRenderer {
    pub(super) fn new(scope: Scope) -> Self {
        Self {
            scope,
            artifacts: Vec::new(),
            results: 0,
            cases: Vec::new(),
        }
    }

    /// Returns the rules in the order to which [`rule_index`] refers.
    fn rules(&self) -> Vec<Value> {
        Rule::all()
            .filter(|rule| self.scope == Scope::Upload || matches!(rule, Rule::Code(_)))
            .map(rule)
            .collect()
    }

    fn result(&self, entry: &ReportEntry, diagnostic: &Diagnostic) -> Value {
        let rule = diagnostic.rule;
        let content = entry.screening.content;
        // Independent of the path, so that a renamed file keeps its results.
        let fingerprint = content.map(|content| format!("{content}:{}", rule.name()));
        let pages = Some(&diagnostic.pages).filter(|pages| !pages.is_empty());
        without_nulls(json!({
            "ruleId": rule.name(),
            "ruleIndex": rule_index(rule),
            "level": diagnostic.severity.name(),
            "message": {"text": escape(&diagnostic.text(". "))},
            "locations": [{"physicalLocation": {"artifactLocation": {
                "uri": uri(&entry.name),
                "index": self.artifacts.len(),
            }}}],
            "partialFingerprints": fingerprint.map(|text| json!({"contentAndRule/v1": text})),
            "properties": pages.map(|pages| json!({"pages": pages})),
        }))
    }
}

impl Renderer for SarifRenderer {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let driver = json!({
            "name": "bankscreen",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": self.rules(),
        });
        let category = match self.scope {
            Scope::Screening => "bankscreen/check",
            Scope::Upload => "bankscreen/upload",
        };
        write!(
            out,
            "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\n\"tool\":{{\"driver\":"
        )?;
        write_object(&driver, out)?;
        write!(
            out,
            "}},\n\"automationDetails\":{{\"id\":\"{category}/\"}},\
             \"columnKind\":\"unicodeCodePoints\",\n\"results\":["
        )
    }

    fn entry(&mut self, entry: &ReportEntry, out: &mut dyn Write) -> io::Result<()> {
        for diagnostic in diagnostics(entry) {
            out.write_all(if self.results == 0 { b"\n" } else { b",\n" })?;
            self.results += 1;
            write_object(&self.result(entry, &diagnostic), out)?;
        }
        self.artifacts.push(artifact(entry)?);
        out.flush()
    }

    fn case(&mut self, case: &CaseReport, _: &mut dyn Write) -> io::Result<()> {
        self.cases
            .push(serde_json::to_value(CaseRecord::new(case))?);
        Ok(())
    }

    fn end(
        &mut self,
        summary: &ReportSummary,
        _: Option<Duration>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        out.write_all(b"\n],\n\"artifacts\":[")?;
        for (index, artifact) in self.artifacts.iter().enumerate() {
            out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
            write_object(artifact, out)?;
        }
        out.write_all(b"\n],\n\"properties\":{\"summary\":")?;
        write_object(summary, out)?;
        if summary.cases.is_some() {
            out.write_all(b",\n\"cases\":")?;
            write_object(&self.cases, out)?;
        }
        out.write_all(b"}}]}\n")?;
        out.flush()
    }
}

fn rule(rule: Rule) -> Value {
    json!({
        "id": rule.name(),
        "shortDescription": {"text": escape(rule.condition())},
        "help": {"text": escape(rule.remedy())},
        "defaultConfiguration": {"level": rule.severity().name()},
    })
}

fn rule_index(rule: Rule) -> Option<usize> {
    Rule::all().position(|listed| listed == rule)
}

/// Returns the artifact of one file: its location, hash, verdict and upload.
fn artifact(entry: &ReportEntry) -> io::Result<Value> {
    let screening = &entry.screening;
    let upload = entry.upload.as_ref().and_then(UploadRecord::record);
    let properties = json!({
        "verdict": screening.verdict.name(),
        "elapsed_ms": entry.elapsed_ms,
        "upload": upload.map(serde_json::to_value).transpose()?,
    });
    let content = screening.content;
    Ok(without_nulls(json!({
        "location": {"uri": uri(&entry.name)},
        "roles": ["analysisTarget"],
        "length": entry.bytes,
        "hashes": content.map(|content| json!({"sha-256": content.to_string()})),
        "properties": without_nulls(properties),
    })))
}

/// Removes null members, which SARIF does not allow.
fn without_nulls(object: Value) -> Value {
    match object {
        Value::Object(members) => members.into_iter().filter(|(_, v)| !v.is_null()).collect(),
        other => other,
    }
}

/// Returns a path as a URI reference: a `file:` URI if absolute, otherwise relative to the working
/// directory.
fn uri(name: &FileName) -> String {
    let decoded = name.bytes.as_deref().map(|bytes| {
        let engine = &base64::engine::general_purpose::STANDARD;
        engine.decode(bytes).unwrap_or_default()
    });
    let bytes = decoded.as_deref().unwrap_or(name.text.as_bytes());
    let mut uri = String::new();
    if bytes.starts_with(b"/") {
        uri.push_str("file://");
    }
    for byte in bytes {
        let plain = byte.is_ascii_alphanumeric() || b"-._~/".contains(byte);
        if plain {
            uri.push(char::from(*byte));
        } else {
            // Includes the colon: before the first slash, it would end a URI scheme.
            let _infallible = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

/// Escapes placeholders (braces) and links (brackets), which SARIF messages interpret.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '{' | '}' => out.push(c),
            '[' | ']' | '\\' => out.push('\\'),
            _ => {}
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uri_references() {
        let check = |text: &str, expected| {
            let text = text.to_owned();
            assert_eq!(uri(&FileName { text, bytes: None }), expected);
        };
        check("inbox/april 2024.pdf", "inbox/april%202024.pdf");
        check("/srv/a#b?.pdf", "file:///srv/a%23b%3F.pdf");
        check("javascript:x.pdf", "javascript%3Ax.pdf");
        check("खाता.pdf", "%E0%A4%96%E0%A4%BE%E0%A4%A4%E0%A4%BE.pdf");
        let name = FileName {
            text: "\u{FFFD}.pdf".to_owned(),
            bytes: Some("/y5wZGY=".to_owned()),
        };
        assert_eq!(uri(&name), "%FF.pdf");
    }

    #[test]
    fn a_message_cannot_embed_a_placeholder_or_link() {
        assert_eq!(escape(r"{0} [go](1) \"), r"{{0}} \[go\](1) \\");
    }

    #[test]
    fn every_rule_is_at_its_rule_index() {
        let rules = SarifRenderer::new(Scope::Upload).rules();
        for rule in Rule::all() {
            let index = rule_index(rule).unwrap();
            assert_eq!(rules[index]["id"], rule.name());
        }
    }
}
