//! `sarif`: SARIF 2.1.0, for code scanning and other collectors of findings.
//!
//! Results are written as files come in; what each file is follows at the end as artifacts, to
//! which the results point by number. Pages are properties, since SARIF has no place for them.

use super::json::write_object;
use super::record::{Entry, Name, Summary};
use super::sent::Sent;
use super::told::{OUTCOMES, Told, told};
use super::{Renderer, Scope};
use crate::screen::Code;
use base64::Engine as _;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::Duration;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Writes one run.
pub(super) struct Sarif {
    scope: Scope,
    artifacts: Vec<Value>,
    results: usize,
}

impl Sarif {
    pub(super) fn new(scope: Scope) -> Self {
        Self {
            scope,
            artifacts: Vec::new(),
            results: 0,
        }
    }

    /// The codes, then what can become of an upload; results point to them by number.
    fn rules(&self) -> Vec<Value> {
        let codes = Code::ALL.map(|code| {
            let meaning = code.meaning();
            rule(
                code.name(),
                meaning.when,
                meaning.remedy,
                meaning.severity.name(),
            )
        });
        let outcomes = OUTCOMES.map(|(_, id, when, remedy)| rule(id, when, remedy, "error"));
        let mut rules = Vec::from(codes);
        if self.scope == Scope::Upload {
            rules.extend(outcomes);
        }
        rules
    }

    fn result(&self, entry: &Entry, told: &Told) -> Value {
        let text = match &told.hint {
            Some(hint) => format!("{}. Try: {hint}", told.message),
            None => told.message.clone(),
        };
        let content = entry.screening.content;
        let fingerprint = content.map(|content| format!("{content}:{}", told.rule));
        let mut findings = entry.screening.findings.iter();
        let finding = findings.find(|finding| finding.code.name() == told.rule);
        let pages = finding.map(|finding| &finding.pages);
        let pages = pages.filter(|pages| !pages.is_empty());
        known(json!({
            "ruleId": told.rule,
            "ruleIndex": rule_index(told.rule),
            "level": told.severity.name(),
            "message": {"text": escape(&text)},
            "locations": [{"physicalLocation": {"artifactLocation": {
                "uri": uri(&entry.name),
                "index": self.artifacts.len(),
            }}}],
            "partialFingerprints": fingerprint.map(|text| json!({"contentAndRule/v1": text})),
            "properties": pages.map(|pages| json!({"pages": pages})),
        }))
    }
}

impl Renderer for Sarif {
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

    fn entry(&mut self, entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
        for told in told(entry) {
            out.write_all(if self.results == 0 { b"\n" } else { b",\n" })?;
            self.results += 1;
            write_object(&self.result(entry, &told), out)?;
        }
        self.artifacts.push(artifact(entry)?);
        out.flush()
    }

    fn end(
        &mut self,
        summary: &Summary,
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
        out.write_all(b"}}]}\n")?;
        out.flush()
    }
}

fn rule(id: &str, when: &str, remedy: &str, level: &str) -> Value {
    json!({
        "id": id,
        "shortDescription": {"text": escape(when)},
        "help": {"text": escape(remedy)},
        "defaultConfiguration": {"level": level},
    })
}

fn rule_index(id: &str) -> Option<usize> {
    let codes = Code::ALL.iter().map(|code| code.name());
    let outcomes = OUTCOMES.iter().map(|(_, id, ..)| *id);
    codes.chain(outcomes).position(|known| known == id)
}

/// One file: where it is, what it holds, what it is worth.
fn artifact(entry: &Entry) -> io::Result<Value> {
    let screening = &entry.screening;
    let upload = entry.upload.as_ref().and_then(Sent::record);
    let properties = json!({
        "verdict": screening.verdict.name(),
        "elapsed_ms": entry.elapsed_ms,
        "upload": upload.map(serde_json::to_value).transpose()?,
    });
    let content = screening.content;
    Ok(known(json!({
        "location": {"uri": uri(&entry.name)},
        "roles": ["analysisTarget"],
        "length": entry.bytes,
        "hashes": content.map(|content| json!({"sha-256": content.to_string()})),
        "properties": known(properties),
    })))
}

/// An object without the members of which nothing is known: null has no place in SARIF.
fn known(object: Value) -> Value {
    match object {
        Value::Object(members) => members.into_iter().filter(|(_, v)| !v.is_null()).collect(),
        other => other,
    }
}

/// A path as a URI reference: absolute ones as `file:` URIs, all others relative to wherever the
/// program was started.
fn uri(name: &Name) -> String {
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
            // A colon too: before the first slash it would end a scheme.
            let _infallible = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

/// Escapes what a message may embed: placeholders in braces, links in brackets.
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
            assert_eq!(uri(&Name { text, bytes: None }), expected);
        };
        check("inbox/april 2024.pdf", "inbox/april%202024.pdf");
        check("/srv/a#b?.pdf", "file:///srv/a%23b%3F.pdf");
        check("javascript:x.pdf", "javascript%3Ax.pdf");
        check("खाता.pdf", "%E0%A4%96%E0%A4%BE%E0%A4%A4%E0%A4%BE.pdf");
        let name = Name {
            text: "\u{FFFD}.pdf".to_owned(),
            bytes: Some("/y5wZGY=".to_owned()),
        };
        assert_eq!(uri(&name), "%FF.pdf");
    }

    #[test]
    fn messages_embed_nothing_that_was_not_put_there() {
        assert_eq!(escape(r"{0} [go](1) \"), r"{{0}} \[go\](1) \\");
    }

    #[test]
    fn rules_stand_where_results_look_for_them() {
        let rules = Sarif::new(Scope::Upload).rules();
        for (index, rule) in rules.iter().enumerate() {
            assert_eq!(rule_index(rule["id"].as_str().unwrap()), Some(index));
        }
    }
}
