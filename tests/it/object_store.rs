//! The recipe for object stores: the guide's script, with a stand-in for the command of the store,
//! and objects behind presigned URLs on loopback.

use crate::documents::{document, script};
use crate::harness::{RunOutput, TestDir, project};
use crate::path_server::{PathServer, respond};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

const KEYS: &str = "in/april may.pdf\nin/sub/b.PDF\nin/notes.txt\nin/../../escape.pdf\n";

/// Runs the script with this stand-in for `aws`.
fn screen_bucket(dir: &TestDir, aws: &str, args: &[&str]) -> RunOutput {
    let write = |name: &str, text: &str| {
        let path = dir.write(name, text);
        fs::set_permissions(&path, Permissions::from_mode(0o700)).unwrap();
        path
    };
    write("bin/aws", aws);
    let text = script(&document("src/guide/pipelines.md"), "screen-bucket");
    let program = write("bin/screen-bucket", &text);
    let own = Path::new(env!("CARGO_BIN_EXE_bankscreen"))
        .parent()
        .unwrap();
    let path = std::env::var("PATH").unwrap();
    let output = Command::new(program)
        .args(["statements", "in/"])
        .args(args)
        .current_dir(dir.path())
        .env_clear()
        .env(
            "PATH",
            format!("{}/bin:{}:{path}", dir.path().display(), own.display()),
        )
        .env("HOME", dir.path())
        .env("TMPDIR", dir.path())
        .output()
        .unwrap();
    RunOutput::new(output)
}

/// A command that lists `KEYS`, and signs a URL of the server for each.
fn aws(server: &PathServer) -> String {
    format!(
        "#!/bin/sh\ncase $1 in\ns3api) printf '{KEYS}' ;;\n\
         s3) path=$(echo \"$3\" | sed 's,s3://,{}/,;s, ,%20,')\n\
         echo \"$path?X-Amz-Signature=1f\" ;;\nesac\n",
        server.url("").trim_end_matches('/')
    )
}

#[test]
fn objects_are_screened_under_their_keys() {
    let bytes =
        |bank: &str| fs::read(project().join(format!("testdata/banks/{bank}.pdf"))).unwrap();
    let server = PathServer::start();
    server.route(
        "/statements/in/april%20may.pdf",
        respond("200 OK", "", &bytes("hdfc")),
    );
    server.route(
        "/statements/in/sub/b.PDF",
        respond("200 OK", "", &bytes("sbi")),
    );
    let dir = TestDir::new();
    let output = screen_bucket(&dir, &aws(&server), &["--format", "ndjson"]);
    assert_eq!(output.code, Some(0), "{}", output.all());
    let records = output.records();
    let paths: Vec<_> = records
        .iter()
        .map(|record| record["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["in/april may.pdf", "in/sub/b.PDF"]);
    let requests = server.requests();
    assert_eq!(requests.len(), 2, "{requests:?}");
    assert!(
        requests
            .iter()
            .all(|request| request.contains("X-Amz-Signature=1f"))
    );
    let left = fs::read_dir(dir.path()).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["bin"], "temporary files remain");
}

#[test]
fn nothing_is_screened_if_an_object_is_refused() {
    let server = PathServer::start();
    server.route("/statements/", respond("403 Forbidden", "", b"<Error/>"));
    let dir = TestDir::new();
    let output = screen_bucket(&dir, &aws(&server), &[]);
    assert_eq!(output.code, Some(22), "{}", output.all());
    assert_eq!(output.stdout, "");
}
