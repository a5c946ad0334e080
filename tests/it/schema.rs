//! Validates reports against the published JSON Schema.

use crate::harness::{TestDir, project};
use bankscreen::screen::Code;
use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};

/// A strict version of the published schema, which rejects undocumented properties.
struct Schema {
    schemas: Schemas,
    strict: SchemaIndex,
}

impl Schema {
    fn parse(text: &str) -> Self {
        let mut schema: Value = serde_json::from_str(text).unwrap();
        forbid_additional_properties(&mut schema);
        let mut compiler = Compiler::new();
        compiler.enable_format_assertions();
        compiler.add_resource("strict.json", schema).unwrap();
        let mut schemas = Schemas::new();
        let strict = compiler.compile("strict.json", &mut schemas).unwrap();
        Self { schemas, strict }
    }

    fn assert_valid(&self, value: &Value) {
        if let Err(error) = self.schemas.validate(value, self.strict) {
            panic!("{error:#}\n{value:#}");
        }
    }

    fn rejects(&self, value: &Value) -> bool {
        self.schemas.validate(value, self.strict).is_err()
    }
}

/// Forbids properties that the schema does not name.
fn forbid_additional_properties(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("properties") && !members.contains_key("additionalProperties") {
                members.insert("additionalProperties".to_owned(), json!(false));
            }
            members.values_mut().for_each(forbid_additional_properties);
        }
        Value::Array(items) => items.iter_mut().for_each(forbid_additional_properties),
        _ => {}
    }
}

fn schema() -> Schema {
    let output = TestDir::new().run(["schema"]);
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
    Schema::parse(&output.stdout)
}

fn lines(text: &str) -> Vec<Value> {
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

#[test]
fn every_record_of_the_test_files_is_valid() {
    let schema = schema();
    let records = project().join("testdata/records.ndjson");
    let records = lines(&std::fs::read_to_string(records).unwrap());
    assert!(records.len() > 100);
    for record in &records {
        schema.assert_valid(record);
    }
}

#[test]
fn reports_of_check_are_valid() {
    let schema = schema();
    let testdata = project().join("testdata");
    let folders = ["banks", "encrypted", "foreign", "pages"].map(|name| testdata.join(name));
    let folders = folders.iter().map(|folder| folder.to_str().unwrap());
    let range = ["--from", "2024-01-01", "--to", "2024-06-30"];
    let passwords = testdata.join("passwords.txt");
    let passwords = ["--password-file", passwords.to_str().unwrap()];
    for format in ["json", "ndjson"] {
        let args = ["--check", "--timings", "--format", format];
        let args = args.into_iter().chain(range).chain(passwords);
        let output = TestDir::new().run(args.chain(folders.clone()).chain(["missing.pdf"]));
        assert_eq!(output.code, Some(2), "{}", output.stderr);
        if format == "json" {
            schema.assert_valid(&serde_json::from_str(&output.stdout).unwrap());
        } else {
            for line in lines(&output.stdout) {
                schema.assert_valid(&line);
            }
        }
    }
}

#[test]
fn reports_of_upload_are_valid() {
    let schema = schema();
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "a.pdf");
    folder.copy("pages/scan_jpeg.pdf", "b.pdf");
    folder.copy("banks/sbi.pdf", "c.pdf");
    for args in [
        &[
            "--sandbox",
            "upload",
            "--format",
            "json",
            "--from",
            "01/04/2024",
            "--to",
            "30/06/2024",
            "a.pdf",
            "b.pdf",
            "c.pdf",
        ][..],
        &["upload", "--dry-run", "--format", "json", "a.pdf", "b.pdf"],
    ] {
        let output = folder.run(args);
        assert_eq!(output.code, Some(1), "{}", output.stderr);
        let report: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_ne!(report["summary"]["outcomes"], Value::Null);
        schema.assert_valid(&report);
    }
}

#[test]
fn invalid_records_are_rejected() {
    let schema = schema();
    let records = project().join("testdata/records.ndjson");
    let records = lines(&std::fs::read_to_string(records).unwrap());
    for (field, value) in [
        ("verdict", json!("good")),
        ("sha256", json!("9F")),
        ("findings", json!([{"code": "lower"}])),
        ("surprise", json!(1)),
        ("schema", json!(2)),
    ] {
        let mut record = records[0].clone();
        record[field] = value;
        assert!(schema.rejects(&record), "{field}");
    }
}

#[test]
fn the_schema_lists_every_finding_code() {
    let schema: Value = serde_json::from_str(bankscreen::report::JSON_SCHEMA).unwrap();
    let listed = schema["$defs"]["code"]["examples"].as_array().unwrap();
    let listed: Vec<_> = listed.iter().filter_map(Value::as_str).collect();
    assert_eq!(listed, Code::ALL.map(Code::name));
}

#[test]
fn reports_of_cases_are_valid() {
    let schema = schema();
    let dir = TestDir::new();
    dir.copy("banks/hdfc.pdf", "in/A/1.pdf");
    dir.copy("encrypted/user_rc4_128.pdf", "in/B/1.pdf");
    dir.copy("banks/sbi.pdf", "in/loose.pdf");
    for command in [&["--check"][..], &["--sandbox", "upload"]] {
        let run = |format: &str| {
            let args = ["--cases", "folders", "--format", format, "in"];
            dir.run([command, &args].concat())
        };
        let report: Value = serde_json::from_str(&run("json").stdout).unwrap();
        schema.assert_valid(&report);
        assert_eq!(report["cases"].as_array().unwrap().len(), 2);
        for record in lines(&run("ndjson").stdout) {
            schema.assert_valid(&record);
        }
    }
}
