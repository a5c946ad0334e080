//! The JSON Schema that is published, against what the program prints.

use crate::harness::{TestDir, project};
use bankscreen::screen::Code;
use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};

/// The schema as it is printed, and a strict one: properties it does not name are refused, so that
/// no field is printed that it does not explain.
struct Schema {
    schemas: Schemas,
    strict: SchemaIndex,
}

impl Schema {
    fn of(text: &str) -> Self {
        let mut schema: Value = serde_json::from_str(text).unwrap();
        close(&mut schema);
        let mut compiler = Compiler::new();
        compiler.enable_format_assertions();
        compiler.add_resource("strict.json", schema).unwrap();
        let mut schemas = Schemas::new();
        let strict = compiler.compile("strict.json", &mut schemas).unwrap();
        Self { schemas, strict }
    }

    fn check(&self, value: &Value) {
        if let Err(error) = self.schemas.validate(value, self.strict) {
            panic!("{error:#}\n{value:#}");
        }
    }

    fn refuses(&self, value: &Value) -> bool {
        self.schemas.validate(value, self.strict).is_err()
    }
}

/// Lets no object have properties beyond those named.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("properties") && !members.contains_key("additionalProperties") {
                members.insert("additionalProperties".to_owned(), json!(false));
            }
            members.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

fn schema() -> Schema {
    let said = TestDir::new().run(["schema"]);
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""));
    Schema::of(&said.stdout)
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
        schema.check(record);
    }
}

#[test]
fn what_check_prints_now_is_valid() {
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
        let said = TestDir::new().run(args.chain(folders.clone()).chain(["missing.pdf"]));
        assert_eq!(said.code, Some(2), "{}", said.stderr);
        if format == "json" {
            schema.check(&serde_json::from_str(&said.stdout).unwrap());
        } else {
            for line in lines(&said.stdout) {
                schema.check(&line);
            }
        }
    }
}

#[test]
fn what_upload_prints_is_valid() {
    let schema = schema();
    let sandbox = TestDir::new();
    sandbox.copy("banks/hdfc.pdf", "a.pdf");
    sandbox.copy("pages/scan_jpeg.pdf", "b.pdf");
    sandbox.copy("banks/sbi.pdf", "c.pdf");
    for args in [
        &[
            "--sandbox",
            "upload",
            "--format",
            "json",
            "a.pdf",
            "b.pdf",
            "c.pdf",
        ][..],
        &["upload", "--dry-run", "--format", "json", "a.pdf", "b.pdf"],
    ] {
        let said = sandbox.run(args);
        assert_eq!(said.code, Some(1), "{}", said.stderr);
        let report: Value = serde_json::from_str(&said.stdout).unwrap();
        assert_ne!(report["summary"]["outcomes"], Value::Null);
        schema.check(&report);
    }
}

#[test]
fn what_is_no_record_is_refused() {
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
        assert!(schema.refuses(&record), "{field}");
    }
}

#[test]
fn every_code_is_listed() {
    let schema: Value = serde_json::from_str(bankscreen::report::JSON_SCHEMA).unwrap();
    let listed = schema["$defs"]["code"]["examples"].as_array().unwrap();
    let listed: Vec<_> = listed.iter().filter_map(Value::as_str).collect();
    assert_eq!(listed, Code::ALL.map(Code::name));
}
