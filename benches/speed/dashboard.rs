//! The dashboard with many files: drawing a frame and handling a key. Throughput in rows.

use bankscreen::dashboard::keymap::KeyMap;
use bankscreen::dashboard::model::{Alerts, Appearance, Colors, File, FirstOffer, Palette, Stage};
use bankscreen::dashboard::{Message, Model, Setup, update, view};
use bankscreen::report::{FileName, Symbols};
use bankscreen::screen::{Code, Finding, Screening};
use bankscreen::statement::BankRegistry;
use criterion::{BenchmarkId, Criterion, Throughput};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::hint::black_box;
use std::sync::Arc;

const ROWS: [usize; 2] = [10_000, 100_000];
const SCREEN: (u16, u16) = (200, 50);

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("view");
    for rows in ROWS {
        let model = model(rows);
        let area = Rect::new(0, 0, SCREEN.0, SCREEN.1);
        let mut cells = Buffer::empty(area);
        group.throughput(Throughput::Elements(rows as u64));
        group.bench_function(BenchmarkId::from_parameter(rows), |bencher| {
            bencher.iter(|| view(black_box(&model), area, &mut cells));
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("update");
    for rows in ROWS {
        let mut model = model(rows);
        group.throughput(Throughput::Elements(rows as u64));
        // Moves the selection, reverses the order twice, sets and clears a filter.
        for (name, keys) in [("move", "jk"), ("order", "OO"), ("filter", "/99\n\u{1b}")] {
            group.bench_function(BenchmarkId::new(name, rows), |bencher| {
                bencher.iter(|| press(&mut model, keys));
            });
        }
    }
    group.finish();
}

fn model(rows: usize) -> Model {
    let setup = Setup {
        appearance: Appearance {
            symbols: Symbols::Unicode,
            colors: Colors::Sixteen,
            palette: Palette::TERMINAL,
        },
        keys: KeyMap::default(),
        ends_with_connection: false,
        profile: None,
        server: None,
        banks: BankRegistry::default(),
        rules: bankscreen::applicant::RuleTable::default(),
        cases: Vec::new(),
        notes: bankscreen::screen::notes::NoteLanguages::default(),
        requested_period: None,
        severities: bankscreen::screen::SeverityRules::default(),
        include_warnings: true,
        files_only: false,
        show_amounts: false,
        today: jiff::civil::date(2026, 11, 22),
        time_zone: jiff::tz::TimeZone::UTC,
        initial_session: None,
        first_offer: FirstOffer::Service,
        has_server_hash: false,
        link_id: String::new(),
        interrupted_queue: None,
        alerts: Alerts::default(),
    };
    let mut model = Model::new(setup, SCREEN, Timestamp::UNIX_EPOCH);
    for row in 0..rows {
        let name = FileName {
            text: format!("inbox/{row:06}.pdf"),
            bytes: None,
        };
        let mut file = File::new(name, Some(100_000), Arc::default());
        let finding = Finding::error(Code::PdfIsImage, "Scanned images");
        file.stage = Stage::Screened {
            own_findings: None,
            screening: Box::new(Screening::not_screened(finding)),
        };
        model.queue.add(file);
    }
    model
}

fn press(model: &mut Model, keys: &str) {
    for c in keys.chars() {
        let code = match c {
            '\n' => KeyCode::Enter,
            '\u{1b}' => KeyCode::Esc,
            c => KeyCode::Char(c),
        };
        let key = KeyEvent::new(code, KeyModifiers::NONE);
        black_box(update(model, Message::Key(key)));
    }
}
