//! Dashboard models for tests of the view.

use bankscreen::dashboard::keymap::KeyMap;
use bankscreen::dashboard::model::{
    Alerts, Appearance, Colors, File, FileId, FirstOffer, HistoryRow, HistoryTotals, Level, Model,
    Palette, Session, SessionName, SessionState, UploadState,
};
use bankscreen::dashboard::{Setup, view};
use bankscreen::pdf::{Encryption, EncryptionStatus, Metadata, PageClass};
use bankscreen::report::{FileName, SettledUpload, Symbols};
use bankscreen::screen::cases::Case;
use bankscreen::screen::{
    Code, ContentHash, DocumentFacts, Finding, Screening, SeverityRules, Verdict,
};
use bankscreen::statement::{
    Account, AccountCategory, BankRegistry, DateRange, DocumentKind, Facts, Issuer, Period,
    PeriodSource,
};
use bankscreen::uploads::plan::{Outcome, OutcomeCode, OutcomeKind, Receipt};
use jiff::Timestamp;
use jiff::civil::Date;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use std::sync::Arc;

pub(crate) const APPEARANCE: Appearance = Appearance {
    symbols: Symbols::Unicode,
    colors: Colors::Sixteen,
    palette: Palette::TERMINAL,
};

/// Creates a dashboard without files.
pub(crate) fn model() -> Model {
    let setup = Setup {
        appearance: APPEARANCE,
        keys: KeyMap::default(),
        ends_with_connection: false,
        profile: Some("acme-prod".to_owned()),
        server: Some("FinBox".to_owned()),
        banks: BankRegistry::default(),
        rules: bankscreen::applicant::RuleTable::default(),
        cases: Vec::new(),
        notes: bankscreen::screen::notes::NoteLanguages::default(),
        requested_period: None,
        severities: SeverityRules::default(),
        include_warnings: true,
        files_only: false,
        show_amounts: false,
        today: date("2026-11-22"),
        time_zone: jiff::tz::TimeZone::UTC,
        initial_session: None,
        first_offer: FirstOffer::Service,
        has_server_hash: false,
        link_id: "LOAN-1".to_owned(),
        interrupted_queue: None,
        alerts: Alerts::default(),
    };
    Model::new(setup, (80, 24), now())
}

pub(crate) fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn requested_period() -> DateRange {
    DateRange {
        from: date("2026-04-01"),
        to: date("2026-09-30"),
    }
}

/// Creates a dashboard with an open session, files of all verdicts and uploads in progress.
pub(crate) fn busy() -> Model {
    let mut model = model();
    model.session = SessionState::Open(Session {
        name: SessionName {
            id: "8d5ea22b-77a1-4f0e-9d2e-0a1b2c3d4e5f".to_owned(),
            reference: Some("LOAN-4711".to_owned()),
        },
        sandbox: false,
        requested_period: Some(requested_period()),
        expires: Some("2026-11-22T10:42:00Z".parse().unwrap()),
        has_server_hash: true,
    });
    model.transfer_rate.bytes_per_second = Some(2_100_000.0);
    model.calls_saved = 4;
    for (index, file) in files().into_iter().chain(more_files()).enumerate() {
        let (name, bytes, screening, upload) = file;
        let id = add(&mut model, name, bytes, screening);
        model.queue.change(id, |file| {
            file.upload = upload;
            file.marked = matches!(index, 0 | 1 | 4);
        });
    }
    model.queue.refresh();
    model.queue.compute_coverage(Some(requested_period()));
    model
}

/// Creates a dashboard with a case of each state, of which one is uploaded and one has no file.
pub(crate) fn with_cases() -> Model {
    let mut setup = model().setup;
    let names = [
        "LOAN-4711",
        "LOAN-4712",
        "LOAN-4713",
        "LOAN-4714",
        "LOAN-4715",
    ];
    setup.cases = names.map(|name| Case::new(name).unwrap()).to_vec();
    setup.requested_period = Some(requested_period());
    let mut model = Model::new(setup, (80, 24), now());
    model.session = SessionState::PerCase { sandbox: false };
    let text = &[PageClass::Text; 3];
    let mut locked = screening(None, None, None, &[]);
    locked.document = None;
    locked.encryption = Some(Encryption {
        status: EncryptionStatus::Locked,
        method: Some("AES-128".to_owned()),
        ..Encryption::NONE
    });
    let finding = Finding::error(Code::PasswordIncorrect, "No candidate password matches");
    locked.findings.push(finding);
    locked.verdict = Verdict::Fail;
    let mut broken = passing("axis", "0042", WHOLE, text);
    let finding = Finding::warning(Code::BalanceMismatch, "A balance does not follow");
    broken.findings.push(finding.on_pages(vec![3]));
    broken.verdict = Verdict::Warn;
    let files = [
        (
            0,
            "LOAN-4711/hdfc.pdf",
            passing("hdfc", "5678", WHOLE, text),
        ),
        (
            1,
            "LOAN-4712/sbi_apr-jun.pdf",
            passing("sbi", "1234", HALF, text),
        ),
        (
            1,
            "LOAN-4712/icici.pdf",
            passing("icici", "9911", WHOLE, text),
        ),
        (2, "LOAN-4713/statement.pdf", locked),
        (3, "LOAN-4714/axis.pdf", broken),
    ];
    for (case, name, screening) in files {
        let name = FileName {
            text: name.to_owned(),
            bytes: None,
        };
        let file = File::new(name, Some(48_000), Arc::default());
        let id = model.queue.add(file.in_case(Some(case)));
        model.queue.set_screening(id, screening);
    }
    model.queue.judge_cases(Some(requested_period()));
    model.queue.refresh();
    model.case_table.refresh(&model.queue);
    model.queue.compute_coverage(Some(requested_period()));
    model
}

/// Adds a file and its screening.
pub(crate) fn add(
    model: &mut Model,
    name: &str,
    bytes: u64,
    screening: Option<Screening>,
) -> FileId {
    let name = FileName {
        text: name.to_owned(),
        bytes: None,
    };
    let id = model
        .queue
        .add(File::new(name, Some(bytes), Arc::default()));
    if let Some(screening) = screening {
        model.queue.set_screening(id, screening);
    }
    id
}

type FileSpec = (&'static str, u64, Option<Screening>, UploadState);

fn passing(bank: &str, digits: &str, months: (&str, &str), pages: &[PageClass]) -> Screening {
    screening(Some((bank, 0.99)), Some(digits), Some(months), pages)
}

const HALF: (&str, &str) = ("2026-04-01", "2026-06-30");
const WHOLE: (&str, &str) = ("2026-04-01", "2026-09-30");

/// The first files: uploads in progress, outcomes and problems.
fn files() -> Vec<FileSpec> {
    use PageClass::{Blank, Ocr, Scanned, Text};
    let mut mixed = vec![Text; 90];
    mixed.extend([Scanned, Ocr, Blank]);
    let with = |mut screening: Screening, verdict, findings: Vec<Finding>| {
        screening.verdict = verdict;
        screening.findings = findings;
        screening
    };
    let partly = Finding::warning(Code::PartlyScanned, "2 of 8 pages are scanned images")
        .on_pages(vec![7, 8])
        .with_hint(
            "Request the PDF downloaded from net banking; scans and photos are not supported",
        );
    let sbi = [[Text; 6].as_slice(), &[Scanned; 2]].concat();
    vec![
        (
            "inbox/hdfc_apr-sep.pdf",
            184_213,
            Some(passing("hdfc", "5678", WHOLE, &[Text; 12])),
            finished(OutcomeKind::Accepted, None, "Accepted by the service"),
        ),
        (
            "inbox/sbi_half.pdf",
            96_000,
            Some(with(
                passing("sbi", "1234", HALF, &sbi),
                Verdict::Warn,
                vec![partly],
            )),
            UploadState::Sending {
                sent: 60_000,
                total: 96_800,
            },
        ),
        (
            "inbox/stmt(1).pdf",
            184_000,
            Some(locked()),
            UploadState::NotRequested,
        ),
        (
            "inbox/IMG_2041.pdf",
            2_300_000,
            Some(scanned()),
            UploadState::NotRequested,
        ),
        (
            "inbox/axis-2026.pdf",
            1_220_000,
            Some(passing(
                "axis",
                "9012",
                ("2026-04-12", "2026-09-30"),
                &mixed,
            )),
            UploadState::Queued,
        ),
        (
            "inbox/icici.pdf",
            310_000,
            Some(passing("icici", "3344", WHOLE, &[Text; 20])),
            finished(
                OutcomeKind::Rejected,
                Some("BANK_NAME_MISMATCH"),
                "The service detected another bank",
            ),
        ),
    ]
}

/// More files: other outcomes, a duplicate, and a file that is not screened yet.
fn more_files() -> Vec<FileSpec> {
    use PageClass::Text;
    vec![
        (
            "inbox/2026/acme traders/current account/kotak statement april to september.pdf",
            510_000,
            Some(passing("kotak", "7788", WHOLE, &[Text; 31])),
            UploadState::Retrying("the connection was refused".to_owned()),
        ),
        (
            "inbox/yes bank.pdf",
            410_000,
            Some(passing(
                "yesbnk",
                "4321",
                ("2025-10-12", "2026-11-02"),
                &[Text; 9],
            )),
            finished(
                OutcomeKind::Unknown,
                Some("NO_ANSWER"),
                "The whole file was sent, but no response was received",
            ),
        ),
        (
            "inbox/likely.pdf",
            64_000,
            Some(likely_bank()),
            UploadState::NotRequested,
        ),
        (
            "inbox/icici copy.pdf",
            310_000,
            Some(passing("icici", "3344", WHOLE, &[Text; 20])),
            UploadState::NotRequested,
        ),
        (
            "inbox/idbi.pdf",
            220_000,
            Some(passing("idbi", "6655", HALF, &[Text; 4])),
            finished(
                OutcomeKind::Skipped,
                Some("SERVICE_UNREACHABLE"),
                "Not sent: the service is unreachable",
            ),
        ),
        ("inbox/late.pdf", 20_000, None, UploadState::NotRequested),
    ]
}

/// Creates a screening that passes.
pub(crate) fn screening(
    bank: Option<(&str, f32)>,
    digits: Option<&str>,
    period: Option<(&str, &str)>,
    pages: &[PageClass],
) -> Screening {
    let content = format!("{bank:?}{digits:?}{period:?}{}", pages.len());
    Screening {
        verdict: Verdict::Pass,
        findings: Vec::new(),
        content: Some(ContentHash::of(content.as_bytes())),
        document: Some(DocumentFacts {
            metadata: Metadata {
                version: "1.4".to_owned(),
                producer: Some("iText 2.1.7 by 1T3XT".to_owned()),
                creator: None,
                created: Some("2026-10-01T10:12:00+05:30".to_owned()),
                modified: None,
            },
            page_count: pages.len(),
            pages: pages.to_vec(),
            ..DocumentFacts::default()
        }),
        encryption: Some(Encryption::NONE),
        password_from: None,
        statement: Facts {
            kind: Some(DocumentKind::Statement),
            issuer: bank.map(|(id, confidence)| issuer(id, confidence)),
            period: period.map(|(from, to)| Period {
                from: date(from),
                to: date(to),
                source: PeriodSource::Printed,
            }),
            account: digits.map(account),
            ifsc: bank.map(|(id, _)| format!("{}0001234", id.to_uppercase())),
            category: Some(AccountCategory::Savings),
            fingerprint: None,
            ledger: None,
            contradicted_period: None,
            ..Facts::default()
        },
        needs_isolation: false,
    }
}

fn issuer(id: &str, confidence: f32) -> Issuer {
    let banks = BankRegistry::default();
    let other = banks.by_id("federal").unwrap().clone();
    Issuer {
        bank: banks
            .by_id(id)
            .unwrap_or_else(|| panic!("no bank {id}"))
            .clone(),
        confidence,
        evidence: vec!["IFSC of the account".into(), "name in the header".into()],
        alternatives: if confidence < 0.9 {
            vec![(other, 0.3)]
        } else {
            Vec::new()
        },
    }
}

fn account(digits: &str) -> Account {
    let bytes: Vec<u8> = digits.bytes().cycle().take(8).collect();
    Account {
        masked: format!("XXXXXX{digits}"),
        key: serde_json::from_value(serde_json::json!(bytes)).unwrap(),
        is_full: true,
    }
}

fn locked() -> Screening {
    let hint = "HDFC statements often use the Customer ID; add it to --password-file or a \
        manifest";
    let message = "Encrypted with AES-256; none of the 3 candidate passwords matches";
    let mut locked =
        Screening::not_screened(Finding::error(Code::PasswordIncorrect, message).with_hint(hint));
    locked.content = Some(ContentHash::of(b"locked"));
    locked.encryption = Some(Encryption {
        status: EncryptionStatus::Locked,
        method: Some("AES-256".to_owned()),
        revision: Some(6),
        ..Encryption::NONE
    });
    locked
}

fn scanned() -> Screening {
    let mut scanned = screening(None, None, None, &[PageClass::Scanned; 3]);
    scanned.verdict = Verdict::Fail;
    let finding = Finding::error(Code::PdfIsImage, "All 3 pages are scanned images");
    scanned.findings = vec![finding.with_hint("Request the PDF downloaded from net banking")];
    scanned.statement = Facts::default();
    scanned
}

fn likely_bank() -> Screening {
    let days = Some(("2026-05-01", "2026-05-31"));
    let mut likely = screening(
        Some(("karnataka", 0.62)),
        Some("8080"),
        days,
        &[PageClass::Text],
    );
    likely.verdict = Verdict::Fail;
    likely.findings = vec![
        Finding::error(
            Code::BankNameUndetected,
            "Likely karnataka (confidence 62 %, below the threshold of 90 %)",
        )
        .with_hint("Name the bank with --bank or in a manifest"),
        Finding::warning(Code::EditedPdf, "Saved by Adobe Acrobat after its creation"),
        Finding::note(
            Code::OverlappingPeriod,
            "Some days are covered by another file",
        ),
    ];
    likely
}

pub(crate) fn finished(kind: OutcomeKind, code: Option<&str>, message: &str) -> UploadState {
    let receipt = match kind {
        OutcomeKind::Accepted => Receipt {
            statement_id: Some("3f6c1f2e-7a52-4c0b".to_owned()),
            bank: Some("hdfc".to_owned()),
            months: vec!["2026-04".to_owned(), "2026-05".to_owned()],
            missing_months: vec!["2026-06".to_owned()],
            answer: None,
        },
        _ => Receipt::default(),
    };
    let hint = (!kind.is_uploaded()).then(|| "Check the file, then retry".to_owned());
    UploadState::Finished(Box::new(SettledUpload {
        outcome: Outcome {
            kind,
            code: code.map(OutcomeCode::from_name),
            http_status: code.map(|_| 400),
            attempts: 1,
            receipt,
        },
        session: Some("8d5ea22b-77a1-4f0e-9d2e-0a1b2c3d4e5f".to_owned()),
        at: now(),
        message: message.to_owned(),
        hint,
    }))
}

/// Adds lines to the activity log.
pub(crate) fn with_log(mut model: Model) -> Model {
    let lines = [
        (
            Level::Info,
            "POST /v1/statement/bank_statement/: 200 in 0.8 s, hdfc_apr-sep.pdf",
        ),
        (
            Level::Warning,
            "POST /v1/statement/bank_statement/: 429, retrying in 4 s",
        ),
        (
            Level::Error,
            "the service rejected icici.pdf: BANK_NAME_MISMATCH, the statement is \
         from another bank than the requested one",
        ),
    ];
    for (level, text) in lines.into_iter().cycle().take(30) {
        model.log.add(now(), level, text);
    }
    model
}

/// Adds a history.
pub(crate) fn with_history(mut model: Model) -> Model {
    let row = |outcome: Option<OutcomeKind>, code: &str, name: &str| HistoryRow {
        at: "2026-11-21 14:03".to_owned(),
        outcome,
        code: code.to_owned(),
        name: name.to_owned(),
        bank: "hdfc".to_owned(),
        session: "8d5ea22b-77a1".to_owned(),
        statement_id: "3f6c1f2e-7a52".to_owned(),
    };
    model.history.rows = vec![
        row(Some(OutcomeKind::Accepted), "", "inbox/hdfc_apr-sep.pdf"),
        row(
            Some(OutcomeKind::Rejected),
            "PASSWORD_INCORRECT",
            "inbox/stmt(1).pdf",
        ),
        row(
            Some(OutcomeKind::Unknown),
            "NO_ANSWER",
            "inbox/yes bank.pdf",
        ),
        row(None, "", "inbox/axis-2026.pdf"),
    ];
    model.history.totals = HistoryTotals {
        uploads: 1234,
        outcomes: [1200, 4, 20, 8, 2],
        calls_saved: 311,
    };
    model.history.requested = true;
    model
}

/// Selects a row.
pub(crate) fn select(model: &mut Model, row: usize) {
    let height = model.table_rows();
    model.queue.select(row, height);
}

/// Draws a model at a size. Returns the cells and the position of the cursor.
pub(crate) fn draw(model: &mut Model, (width, height): (u16, u16)) -> (Buffer, Option<Position>) {
    (model.viewport.width, model.viewport.height) = (width, height);
    let area = Rect::new(0, 0, width, height);
    let mut cells = Buffer::empty(area);
    let cursor = view(model, area, &mut cells);
    (cells, cursor)
}

/// Returns the text of a screen, and the position of the cursor below it.
pub(crate) fn text(model: &mut Model, size: (u16, u16)) -> String {
    let (cells, cursor) = draw(model, size);
    let mut lines: Vec<String> = rows(&cells)
        .iter()
        .map(|row| row.trim_end().to_owned())
        .collect();
    if let Some(cursor) = cursor {
        lines.push(format!("cursor: column {}, row {}", cursor.x, cursor.y));
    }
    lines.join("\n")
}

/// Returns the rows of a screen as text.
pub(crate) fn rows(cells: &Buffer) -> Vec<String> {
    use unicode_width::UnicodeWidthStr;
    let width = usize::from(cells.area.width).max(1);
    let row = |row: &[ratatui::buffer::Cell]| {
        let mut text = String::new();
        let mut hidden = 0;
        for cell in row {
            if hidden > 0 {
                hidden -= 1;
                continue;
            }
            text.push_str(cell.symbol());
            hidden = cell.symbol().width().saturating_sub(1);
        }
        text
    };
    cells.content().chunks(width).map(row).collect()
}
