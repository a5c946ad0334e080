//! The header: session, requested period, server, upload progress, tabs and counts.

use super::canvas::{draw_line, inside_margins, truncated};
use super::cases::state_role;
use super::labels;
use super::segments::{Segment, line};
use super::theme::{Role, Theme};
use crate::dashboard::keymap::Action;
use crate::dashboard::model::{
    FileCounts, Model, Session, SessionSource, SessionState, Tab, UploadTotals,
};
use crate::screen::cases::CaseState;
use crate::text::columns::{counted, shorten_middle, thousands};
use crate::text::sanitize;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

/// Maximum columns of a reference.
const REFERENCE_COLUMNS: usize = 24;
/// Maximum columns of the name of the server, and on narrow screens.
const SERVER_COLUMNS: [usize; 2] = [32, 16];
/// Maximum columns of the reason why uploads stopped.
const REASON_COLUMNS: usize = 48;
/// Seconds before the expiry of a session from which the header shows a warning.
const EXPIRY_WARNING_SECONDS: i64 = 10 * 60;

/// Draws the header in one to three lines.
pub(super) fn draw(model: &Model, theme: Theme, area: Rect, cells: &mut Buffer) {
    let inside = inside_margins(area);
    let columns = usize::from(inside.width);
    let mut left = session(model, theme);
    let progress = progress(model, theme);
    let counts = counts(model, theme);
    if area.height < 2 {
        left.push(active_tab(model, theme));
        let right = counts.into_iter().chain(progress);
        let right = right.chain(server(model, theme)).collect();
        draw_line(cells, inside, 0, &line(left, right, columns));
        return;
    }
    let mut right: Vec<Segment> = period(model, theme).into_iter().collect();
    let tabs = tabs(model, theme);
    if area.height == 2 {
        right.extend(progress);
        draw_line(cells, inside, 1, &line(tabs, counts, columns));
    } else {
        draw_line(cells, inside, 1, &line(tabs, Vec::new(), columns));
        draw_line(cells, inside, 2, &line(counts, progress, columns));
    }
    right.extend(server(model, theme));
    draw_line(cells, inside, 0, &line(left, right, columns));
}

/// Returns the program's name, the profile or the sandbox badge, and the session.
fn session(model: &Model, theme: Theme) -> Vec<Segment> {
    let mut segments = vec![Segment::new(
        10,
        vec![theme.span(Role::Emphasis, "bankscreen")],
    )];
    if model.is_sandbox() {
        let badge = |text| vec![theme.span(Role::Badge, text)];
        // The highest priority: the sandbox must never be mistaken for the service.
        segments.push(Segment::new(99, badge(" SANDBOX ")).or(100, badge("SANDBOX")));
    } else if let Some(profile) = &model.setup.profile {
        let name = truncated(profile, 24, theme);
        segments.push(Segment::new(50, vec![theme.span(Role::Key, name)]));
    }
    match &model.session {
        SessionState::None => segments.push(
            Segment::new(
                20,
                vec![
                    theme.span(Role::Muted, "no session, "),
                    theme.span(Role::Key, model.key(Action::Session)),
                    theme.span(Role::Muted, " opens one"),
                ],
            )
            .or(45, vec![theme.span(Role::Muted, "no session")]),
        ),
        SessionState::Planned(source) => {
            let name = Span::raw(reference(source.label(), theme));
            let note = theme.span(Role::Muted, ", not opened yet");
            segments.push(Segment::new(15, vec![name.clone(), note]).or(55, vec![name]));
        }
        SessionState::Opening(source) => {
            let name = reference(source.label(), theme);
            let text = format!("opening {name}{}", theme.symbol("…", "..."));
            segments.push(Segment::new(60, vec![theme.span(Role::InProgress, text)]));
        }
        SessionState::PerCase { .. } => segments.push(open_case(model, theme)),
        SessionState::Open(session) => {
            let name = Span::raw(reference(session.name.label(), theme));
            let label = theme.span(Role::Muted, "session ");
            segments.push(Segment::new(15, vec![label, name.clone()]).or(55, vec![name]));
            segments.extend(expiry(session, model, theme));
        }
    }
    segments
}

/// Returns the server that files are sent to, unless it is the sandbox, which has its badge.
fn server(model: &Model, theme: Theme) -> Option<Segment> {
    let is_opening_sandbox = matches!(
        model.session,
        SessionState::Opening(SessionSource::Sandbox(_))
    );
    if model.is_sandbox() || is_opening_sandbox {
        return None;
    }
    let server = sanitize(model.setup.server.as_deref()?).into_owned();
    let spans = |columns| {
        let name = shorten_middle(&server, columns, theme.ellipsis());
        let badge = format!("{} ", theme.symbol("■", "@"));
        vec![theme.span(Role::Key, badge), Span::raw(name)]
    };
    let [long, short] = SERVER_COLUMNS;
    Some(Segment::new(58, spans(long)).or(98, spans(short)))
}

/// Returns the name of the case whose files are shown, else the number of cases.
fn open_case(model: &Model, theme: Theme) -> Segment {
    let cases = model.queue.cases().list();
    let text = match open_case_index(model).and_then(|case| cases.get(case)) {
        Some(case) => reference(&case.name, theme),
        None => counted(model.queue.listed_cases().count(), "case"),
    };
    Segment::new(55, vec![Span::raw(text)])
}

/// Returns the reference or the short ID of a session for display.
fn reference(label: &str, theme: Theme) -> String {
    truncated(&sanitize(label), REFERENCE_COLUMNS, theme)
}

/// Returns the time until the session expires, with a warning if it is short.
fn expiry(session: &Session, model: &Model, theme: Theme) -> Option<Segment> {
    let seconds = session.expires?.as_second() - model.now.as_second();
    let (warning, error) = (theme.symbol("▲", "!"), theme.symbol("✖", "x"));
    let minutes = seconds / 60;
    let spans = |role, text: String| vec![theme.span(role, text)];
    Some(match seconds {
        ..=0 => {
            let long = format!("{error} session expired");
            let short = format!("{error} expired");
            Segment::new(70, spans(Role::Error, long)).or(90, spans(Role::Error, short))
        }
        1..EXPIRY_WARNING_SECONDS => {
            // Whole minutes, rounded up: seconds would cause a repaint every second.
            let minutes = minutes + 1;
            let long = format!("{warning} expires in {minutes} min");
            let short = format!("{warning} {minutes} min");
            Segment::new(65, spans(Role::Warning, long)).or(85, spans(Role::Warning, short))
        }
        EXPIRY_WARNING_SECONDS..7_200 => {
            Segment::new(35, spans(Role::Muted, format!("{minutes} min left")))
        }
        _ => Segment::new(18, spans(Role::Muted, format!("{} h left", minutes / 60))),
    })
}

/// Returns the index of the case whose files are shown.
fn open_case_index(model: &Model) -> Option<usize> {
    model.queue.filter.case.filter(|_| model.tab == Tab::Files)
}

/// Returns the counts and totals to show: of the case whose files are shown, else of all files.
fn totals(model: &Model) -> (FileCounts, UploadTotals) {
    match open_case_index(model) {
        Some(case) => model.queue.totals_of_case(case),
        None => (model.queue.counts(), model.queue.upload_totals()),
    }
}

/// Returns the requested period.
fn period(model: &Model, theme: Theme) -> Option<Segment> {
    let session = model.open_session();
    let period = session
        .and_then(|session| session.requested_period)
        .or(model.setup.requested_period)?;
    let long = labels::days(period.from, period.to);
    let short = labels::short_days(period.from, period.to);
    let segment = Segment::new(12, vec![Span::raw(long)]);
    Some(segment.or(22, vec![theme.span(Role::Normal, short)]))
}

/// Returns the uploads by outcome, and why they stopped; while files are sent, also the transfer
/// rate and the remaining time.
fn progress(model: &Model, theme: Theme) -> Vec<Segment> {
    let (_, totals) = totals(model);
    let mut segments = Vec::new();
    if let Some(reason) = &model.stopped {
        let reason = truncated(reason, REASON_COLUMNS, theme);
        let long = format!("{} {reason}", theme.symbol("✖", "x"));
        let short = format!("{} stopped", theme.symbol("✖", "x"));
        let spans = |text| vec![theme.span(Role::Error, text)];
        segments.push(Segment::new(28, spans(long)).or(85, spans(short)));
    }
    segments.extend(processing(model, theme));
    if totals.requested == 0 {
        return segments;
    }
    let counts = [
        (
            totals.uploaded,
            Role::Success,
            theme.symbol("✔", "+"),
            "uploaded",
        ),
        (totals.unknown, Role::Warning, "?", "unknown"),
        (
            totals.not_sent,
            Role::Error,
            theme.symbol("✖", "x"),
            "not sent",
        ),
        (
            totals.left(),
            Role::InProgress,
            theme.symbol("↑", "^"),
            "left",
        ),
    ];
    let shown = counts.into_iter().filter(|(count, ..)| *count > 0);
    let (mut long, mut short): (Vec<Span<'_>>, Vec<Span<'_>>) = (Vec::new(), Vec::new());
    if model.tab == Tab::Cases && !model.queue.cases().is_empty() {
        // The counts beside them are those of cases.
        long.push(theme.span(Role::Muted, "files:"));
    }
    for (count, role, symbol, label) in shown {
        let count = thousands(count);
        if !long.is_empty() {
            let separator = if short.is_empty() {
                " "
            } else {
                theme.symbol(" · ", " ")
            };
            long.push(theme.span(Role::Muted, separator));
        }
        if !short.is_empty() {
            short.push(Span::raw(" "));
        }
        long.push(theme.span(role, format!("{count} {label}")));
        short.push(theme.span(role, format!("{symbol}{count}")));
    }
    segments.push(Segment::new(40, long).or(80, short));
    segments.extend(speed(model, model.queue.upload_totals(), theme));
    segments
}

/// Returns how far the service is with the sessions that it processes.
fn processing(model: &Model, theme: Theme) -> Option<Segment> {
    let running = Some(model.processing.running()).filter(|running| *running > 0)?;
    let mut text = format!("processing {}", counted(running, "session"));
    if let Some((done, all)) = model.processing.progress() {
        text = format!("{text}, {done} of {}", counted(all, "statement"));
    }
    let long = vec![theme.span(Role::InProgress, text)];
    let short = vec![theme.span(Role::InProgress, "processing")];
    Some(Segment::new(38, long).or(78, short))
}

/// Returns the transfer rate and the remaining time while files are sent.
fn speed(model: &Model, totals: UploadTotals, theme: Theme) -> Option<Segment> {
    // Without a rate, a remaining time would be a guess.
    let rate = model.transfer_rate.bytes_per_second;
    let rate = rate.filter(|rate| *rate >= 1.0 && totals.left() > 0)?;
    let remaining = totals.bytes.saturating_sub(totals.bytes_sent);
    let remaining = labels::duration((remaining as f64 / rate).ceil() as u64);
    let speed = labels::size(rate as u64);
    let long = vec![theme.span(Role::InProgress, format!("{speed}/s  {remaining}"))];
    let short = vec![theme.span(Role::InProgress, remaining)];
    Some(Segment::new(25, long).or(30, short))
}

fn tabs(model: &Model, theme: Theme) -> Vec<Segment> {
    let segment = |tab: Tab| {
        let number = model.key(Action::Show(tab));
        let name = tab.name();
        if tab == model.tab {
            let text = format!(" {number} {name} ");
            return Segment::new(60, vec![theme.span(Role::Selected, text)]);
        }
        let number = theme.span(Role::Key, number);
        let name = theme.span(Role::Normal, name);
        let long = vec![number.clone(), Span::raw(" "), name];
        Segment::new(40, long).or(50, vec![number])
    };
    Tab::ALL.into_iter().map(segment).collect()
}

fn active_tab(model: &Model, theme: Theme) -> Segment {
    Segment::new(
        48,
        vec![theme.span(Role::Selected, format!(" {} ", model.tab.name()))],
    )
}

/// Returns counts of the cases by state. A ready case counts as ready as long as it has a file to
/// send, and as uploaded once it has no other one.
fn case_counts(model: &Model, theme: Theme) -> Vec<Segment> {
    let cases = model.queue.cases();
    let counts = cases.counts();
    let (mut to_send, mut uploaded) = (0, 0);
    for case in 0..cases.list().len() {
        let (counts, totals) = model.queue.totals_of_case(case);
        let is_ready = model.check_case(case).is_ok();
        to_send += usize::from(is_ready && counts.eligible > 0);
        let has_all = totals.uploaded > 0 && totals.uploaded == totals.requested;
        let was_ready = cases.judged(case).map(|judged| judged.state) == Some(CaseState::Ready);
        uploaded += usize::from(was_ready && has_all && counts.eligible == 0);
    }
    let state = |state: CaseState| (state_role(state, theme), state.name());
    let states = [
        (state(CaseState::Ready), to_send, 32),
        (state(CaseState::Incomplete), counts.incomplete, 33),
        (state(CaseState::Blocked), counts.blocked, 34),
    ];
    let segments = states
        .into_iter()
        .map(|(((role, symbol), name), count, priority)| {
            let role = if count == 0 { Role::Muted } else { role };
            let count = thousands(count);
            let long = vec![theme.span(role, format!("{symbol} {count} {name}"))];
            let short = vec![theme.span(role, format!("{symbol}{count}"))];
            Segment::new(priority - 3, long).or(priority, short)
        });
    // Only with its label: its symbol is that of ready cases, too.
    let uploaded = (uploaded > 0).then(|| {
        let text = format!(
            "{} {} uploaded",
            theme.symbol("✔", "+"),
            thousands(uploaded)
        );
        Segment::new(21, vec![theme.span(Role::Success, text)])
    });
    segments.chain(uploaded).collect()
}

/// Returns counts of the files whose upload was not requested: the ready ones as an upload states
/// them, and what keeps the others.
fn ready_counts(model: &Model, theme: Theme) -> Vec<Segment> {
    let counts = model.ready_counts(open_case_index(model));
    let span = |role, count: usize, text: String| {
        let role = if count == 0 { Role::Muted } else { role };
        theme.span(role, text)
    };
    let count = |role, count: usize, symbol, label, priority: u8| {
        let number = thousands(count);
        let long = vec![span(role, count, format!("{symbol} {number} {label}"))];
        let short = vec![span(role, count, format!("{symbol}{number}"))];
        // Words are more useful than the speed of uploads.
        Segment::new(priority - 3, long).or(priority, short)
    };
    let mut ready = count(
        Role::Success,
        counts.ready,
        theme.symbol("✔", "+"),
        "ready",
        34,
    );
    if counts.with_warnings > 0 {
        let number = thousands(counts.ready);
        let text = format!("{} {number} ready", theme.symbol("✔", "+"));
        let warnings = thousands(counts.with_warnings);
        let warnings = format!(" ({} {warnings} warn)", theme.symbol("▲", "!"));
        let spans = vec![
            theme.span(Role::Success, text),
            theme.span(Role::Warning, warnings),
        ];
        ready = ready.before(10, spans);
    }
    let needs = if counts.needs_user == 1 {
        "needs you"
    } else {
        "need you"
    };
    let dash = theme.symbol("–", "-");
    let on_hold =
        (counts.on_hold > 0).then(|| count(Role::Muted, counts.on_hold, dash, "on hold", 31));
    let needs_user = count(Role::Warning, counts.needs_user, "#", needs, 33);
    let cross = theme.symbol("✖", "x");
    let number = thousands(counts.unsendable);
    // The shorter word is that of the question before an upload.
    let long = format!("{cross} {number} can't be sent");
    let unsendable = count(Role::Error, counts.unsendable, cross, "failed", 32);
    let unsendable = unsendable.before(27, vec![span(Role::Error, counts.unsendable, long)]);
    let dots = theme.symbol("…", ".");
    let waiting =
        (counts.waiting > 0).then(|| count(Role::Muted, counts.waiting, dots, "waiting", 26));
    let others = on_hold
        .into_iter()
        .chain([needs_user, unsendable])
        .chain(waiting);
    std::iter::once(ready).chain(others).collect()
}

/// Returns counts of the cases, or of the files: ready, on hold, marked, arriving, and calls saved.
fn counts(model: &Model, theme: Theme) -> Vec<Segment> {
    if model.tab == Tab::Cases && !model.queue.cases().is_empty() {
        return case_counts(model, theme);
    }
    let (counts, _) = totals(model);
    let mut segments = if counts.files > 0 {
        ready_counts(model, theme)
    } else {
        Vec::new()
    };
    let others = [
        (counts.marked, 13, theme.symbol("●", "*"), "marked"),
        (
            model.watched.arriving(),
            12,
            theme.symbol("↓", "v"),
            "arriving",
        ),
    ];
    for (count, priority, symbol, label) in others {
        if count > 0 {
            let count = thousands(count);
            let long = vec![Span::raw(format!("{symbol} {count} {label}"))];
            let short = vec![Span::raw(format!("{symbol}{count}"))];
            segments.push(Segment::new(priority, long).or(priority + 6, short));
        }
    }
    // They are counted over all cases.
    if model.calls_saved > 0 && open_case_index(model).is_none() {
        let long = format!("{} saved", counted(model.calls_saved, "call"));
        let short = format!("{} saved", thousands(model.calls_saved));
        segments.push(Segment::new(11, vec![Span::raw(long)]).or(17, vec![Span::raw(short)]));
    }
    segments
}
