//! What a pipeline reads about a run as a whole: statistics, metrics, and reports of errors only.

use crate::harness::{RunOutput, TestDir};

/// Runs `--check` over one file that passes, one with a warning and two that fail.
fn check(folder: &TestDir, args: &[&str]) -> RunOutput {
    folder.copy("banks/hdfc.pdf", "in/a.pdf");
    folder.copy("pages/mixed.pdf", "in/b.pdf");
    folder.copy("pages/scan_jpeg.pdf", "in/c.pdf");
    folder.write("in/d.pdf", "");
    folder.run([&["--check"], args, &["in"]].concat())
}

#[test]
fn statistics_count_files_by_code_and_by_bank() {
    let folder = TestDir::new();
    let plain = check(&folder, &[]);
    let output = check(&folder, &["--statistics"]);
    assert_eq!(output.code, Some(1), "{}", output.stderr);
    let lines: Vec<_> = output.stdout.lines().collect();
    let row = |name: &str| {
        let row = lines
            .iter()
            .find(|line| line.trim_start().starts_with(name));
        let row = row.unwrap_or_else(|| panic!("no row {name} in\n{}", output.stdout));
        row.split_whitespace().skip(1).collect::<Vec<_>>()
    };
    assert_eq!(row("code  "), ["files"]);
    let is_count = |line: &&&str| line.starts_with("  EMPTY_FILE ");
    let counts = lines.iter().filter(is_count);
    let counts: Vec<_> = counts.map(|line| line.split_whitespace().last()).collect();
    assert_eq!(counts, [Some("1")]);
    assert_eq!(row("bank  "), ["files", "pass", "warn", "fail"]);
    assert_eq!(row("hdfc  ")[0], "1");
    assert_eq!(row("(none)")[0], "2");
    assert_eq!(lines.last(), plain.stdout.lines().last().as_ref());
    // Only in text.
    let json = |args: &[&str]| check(&folder, &[&["--format", "json"], args].concat()).stdout;
    assert_eq!(json(&[]), json(&["--statistics"]));
}

#[test]
fn a_report_with_statistics_can_be_replaced() {
    let folder = TestDir::new();
    for args in [&["--statistics"][..], &["-qq"], &["-qq", "--statistics"]] {
        for _ in 0..2 {
            let output = check(&folder, &[args, &["--output", "report.txt"]].concat());
            assert_eq!(output.code, Some(1), "{args:?}: {}", output.stderr);
        }
    }
}

#[test]
fn twice_quiet_prints_only_errors() {
    let folder = TestDir::new();
    folder.write("pw.txt", "secret\n");
    // Its mode is a warning on standard error.
    let args = ["--password-file", "pw.txt"];
    let quiet = check(&folder, &[&args[..], &["-q"]].concat());
    assert!(quiet.stdout.contains("in/b.pdf"), "{}", quiet.stdout);
    assert!(quiet.stderr.contains("warning: "), "{}", quiet.stderr);
    let output = check(&folder, &[&args[..], &["-qq"]].concat());
    assert_eq!((output.code, output.stderr.as_str()), (Some(1), ""));
    assert!(!output.stdout.contains("in/a.pdf"), "{}", output.stdout);
    assert!(!output.stdout.contains("in/b.pdf"), "{}", output.stdout);
    assert!(output.stdout.contains("in/c.pdf"), "{}", output.stdout);
    assert!(output.stdout.contains("EMPTY_FILE"), "{}", output.stdout);
    assert!(!output.stdout.contains("files, "), "{}", output.stdout);
    let passed = folder.run(["--check", "-qq", "in/a.pdf"]);
    assert_eq!(passed.all(), "--- exit 0 ---\n");
    let missing = folder.run(["--check", "-qq", "none.pdf"]);
    assert_eq!(missing.code, Some(2));
    assert!(missing.stderr.contains("error: "), "{}", missing.stderr);
    assert_eq!(folder.run(["--check", "-q", "-v", "in"]).code, Some(2));
}

#[test]
fn metrics_are_those_of_the_last_run() {
    let folder = TestDir::new();
    let read = || std::fs::read_to_string(folder.path().join("run.prom")).unwrap();
    let output = check(&folder, &["--metrics", "run.prom"]);
    assert_eq!(output.code, Some(1), "{}", output.stderr);
    let metrics = read();
    for line in [
        "# TYPE bankscreen_files gauge",
        "bankscreen_files{verdict=\"pass\"} 1",
        "bankscreen_files{verdict=\"fail\"} 2",
        "bankscreen_finding_files{code=\"EMPTY_FILE\"} 1",
        "bankscreen_bank_files{bank=\"hdfc\"} 1",
        "bankscreen_interrupted 0",
    ] {
        assert!(
            metrics.lines().any(|found| found == line),
            "{line}\n{metrics}"
        );
    }
    let samples = metrics.lines().filter(|line| !line.starts_with('#'));
    for sample in samples {
        let (name, value) = sample.rsplit_once(' ').unwrap();
        assert!(name.starts_with("bankscreen_"), "{sample}");
        assert!(value.parse::<f64>().unwrap() >= 0.0, "{sample}");
    }
    let seconds = |name: &str| {
        let sample = metrics.lines().find_map(|line| line.strip_prefix(name));
        sample.unwrap().trim().parse::<f64>().unwrap()
    };
    assert!(seconds("bankscreen_screening_seconds") > 0.0);
    assert!(seconds("bankscreen_run_seconds") > 0.0);
    // The file is its own, so the next run replaces it.
    let again = folder.run(["--check", "--metrics", "run.prom", "in/a.pdf"]);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(read().contains("bankscreen_files{verdict=\"fail\"} 0\n"));
}

#[test]
fn metrics_never_replace_a_file_of_the_user() {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "a.pdf");
    folder.write("notes.txt", "mine\n");
    for (metrics, more) in [
        ("a.pdf", &[][..]),
        ("notes.txt", &[]),
        ("out.txt", &["--output", "out.txt"]),
        ("-", &[]),
        ("no/such/folder/m.prom", &[]),
    ] {
        let args = [&["--check", "--metrics", metrics], more, &["a.pdf"]].concat();
        let output = folder.run(args);
        assert_eq!(output.code, Some(2), "{metrics}: {}", output.all());
        assert!(output.stderr.contains("error: "), "{metrics}");
    }
    let notes = std::fs::read_to_string(folder.path().join("notes.txt")).unwrap();
    assert_eq!(notes, "mine\n");
}

#[test]
fn metrics_of_uploads_count_outcomes() {
    let folder = TestDir::new();
    folder.copy("banks/hdfc.pdf", "a.pdf");
    let args = ["--sandbox", "upload", "--metrics", "run.prom"];
    let period = ["--from", "2024-04-01", "--to", "2024-06-30", "a.pdf"];
    let output = folder.run(args.iter().chain(&period));
    assert_eq!(output.code, Some(0), "{}", output.all());
    let metrics = std::fs::read_to_string(folder.path().join("run.prom")).unwrap();
    let accepted = "bankscreen_upload_files{outcome=\"accepted\"} 1\n";
    assert!(metrics.contains(accepted), "{metrics}");
}
