//! The header: where files are sent, how far that is, which views there are, what was found.

use super::paint::{indented, put, safe_end};
use super::segments::{Segment, line};
use super::theme::{Role, Theme};
use super::words;
use crate::dashboard::model::{Model, Session, SessionState, Tab};
use crate::screen::Verdict;
use crate::text::columns::{counted, thousands};
use crate::text::sanitize;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

/// Characters of a session's id that tell sessions apart.
const ID_CHARS: usize = 8;
/// Seconds before the end of a session from which it warns.
const SOON: i64 = 10 * 60;

/// Draws it, in one line or two.
pub(super) fn draw(model: &Model, theme: Theme, area: Rect, cells: &mut Buffer) {
    let inside = indented(area);
    let columns = usize::from(inside.width);
    if area.height >= 2 {
        let left = place(model, theme);
        let right = [range(model, theme), progress(model, theme)];
        let right = right.into_iter().flatten().collect();
        put(cells, inside, 0, &line(left, right, columns));
        let tabs = tabs(model, theme);
        put(cells, inside, 1, &line(tabs, counts(model, theme), columns));
    } else {
        let mut left = place(model, theme);
        left.push(tab_name(model, theme));
        let mut right = counts(model, theme);
        right.extend(progress(model, theme));
        put(cells, inside, 0, &line(left, right, columns));
    }
}

/// The program, the profile or a sandbox, and the session.
fn place(model: &Model, theme: Theme) -> Vec<Segment> {
    let mut parts = vec![Segment::new(
        10,
        vec![theme.span(Role::Strong, "bankscreen")],
    )];
    let sandbox = model.open_session().is_some_and(|session| session.sandbox);
    if sandbox {
        let badge = |text| vec![theme.span(Role::Badge, text)];
        parts.push(Segment::new(99, badge(" SANDBOX ")).or(100, badge("SANDBOX")));
    } else if let Some(profile) = &model.setup.profile {
        let name = safe_end(profile, 24, theme);
        parts.push(Segment::new(50, vec![theme.span(Role::Key, name)]));
    }
    match &model.session {
        SessionState::None => parts.push(
            Segment::new(
                20,
                vec![
                    theme.span(Role::Faint, "no session, "),
                    theme.span(Role::Key, "S"),
                    theme.span(Role::Faint, " opens one"),
                ],
            )
            .or(45, vec![theme.span(Role::Faint, "no session")]),
        ),
        SessionState::Opening(what) => {
            let words = format!("opening {what}{}", theme.either("…", "..."));
            parts.push(Segment::new(60, vec![theme.span(Role::Moving, words)]));
        }
        SessionState::Open(session) => {
            let id: String = session.id.chars().take(ID_CHARS).collect();
            let id = sanitize(&id).into_owned();
            parts.push(
                Segment::new(
                    15,
                    vec![theme.span(Role::Faint, "session "), Span::raw(id.clone())],
                )
                .or(30, vec![Span::raw(id)]),
            );
            parts.extend(expiry(session, model, theme));
        }
    }
    parts
}

/// The time until the session ends: a warning where that is soon.
fn expiry(session: &Session, model: &Model, theme: Theme) -> Option<Segment> {
    let seconds = session.expires?.as_second() - model.screen.now.as_second();
    let (warning, alarm) = (theme.either("▲", "!"), theme.either("✖", "x"));
    let minutes = seconds / 60;
    let part = |weight, role, words: String| Segment::new(weight, vec![theme.span(role, words)]);
    let or = |part: Segment, weight, role, words| part.or(weight, vec![theme.span(role, words)]);
    Some(match seconds {
        ..=0 => {
            let long = part(70, Role::Bad, format!("{alarm} session expired"));
            or(long, 90, Role::Bad, format!("{alarm} expired"))
        }
        1..SOON => {
            // In whole minutes: what shows seconds is painted every second.
            let left = minutes + 1;
            let words = format!("{warning} expires in {left} min");
            let long = part(65, Role::Doubtful, words);
            or(long, 85, Role::Doubtful, format!("{warning} {left} min"))
        }
        SOON..7_200 => part(35, Role::Faint, format!("{minutes} min left")),
        _ => part(18, Role::Faint, format!("{} h left", minutes / 60)),
    })
}

/// The days that statements must touch.
fn range(model: &Model, theme: Theme) -> Option<Segment> {
    let session = model.open_session().and_then(|session| session.range);
    let range = session.or(model.setup.range)?;
    let long = words::days(range.from, range.to);
    let short = words::short_days(range.from, range.to);
    let part = Segment::new(12, vec![Span::raw(long)]);
    Some(part.or(32, vec![theme.span(Role::Plain, short)]))
}

/// How far the uploads are, how fast, and how long they take.
fn progress(model: &Model, theme: Theme) -> Option<Segment> {
    let progress = model.queue.progress();
    if progress.asked == 0 {
        return None;
    }
    let count = format!(
        "{}/{}",
        thousands(progress.ended),
        thousands(progress.asked)
    );
    if progress.ended >= progress.asked {
        let sent = theme.either("✔", "+");
        let words = format!("{sent} {count} sent");
        return Some(
            Segment::new(40, vec![theme.span(Role::Good, words)])
                .or(75, vec![theme.span(Role::Good, format!("{sent} {count}"))]),
        );
    }
    let arrow = theme.either("↑", "^");
    let short = vec![theme.span(Role::Moving, format!("{arrow} {count}"))];
    let Some(rate) = model.pace.bytes_per_second.filter(|rate| *rate >= 1.0) else {
        return Some(Segment::new(80, short));
    };
    let rest = progress.bytes.saturating_sub(progress.sent);
    let left = words::clock((rest as f64 / rate).ceil() as u64);
    let timed = vec![theme.span(Role::Moving, format!("{arrow} {count}  {left}"))];
    let speed = format!("{arrow} {count}  {}/s  {left}", words::size(rate as u64));
    let part = Segment::new(25, vec![theme.span(Role::Moving, speed)]);
    Some(part.or(55, timed).or(80, short))
}

fn tabs(model: &Model, theme: Theme) -> Vec<Segment> {
    let tab = |(index, tab): (usize, Tab)| {
        let number = (index + 1).to_string();
        let name = tab.name();
        if tab == model.tab {
            let long = format!(" {number} {name} ");
            return Segment::new(60, vec![theme.span(Role::Selected, long)]);
        }
        let spans = |name: &'static str| {
            vec![
                theme.span(Role::Key, number.clone()),
                Span::raw(" "),
                theme.span(Role::Plain, name),
            ]
        };
        Segment::new(40, spans(name)).or(50, vec![theme.span(Role::Key, number.clone())])
    };
    Tab::ALL.into_iter().enumerate().map(tab).collect()
}

fn tab_name(model: &Model, theme: Theme) -> Segment {
    Segment::new(
        48,
        vec![theme.span(Role::Selected, format!(" {} ", model.tab.name()))],
    )
}

/// Files by verdict, and what else there is to count.
fn counts(model: &Model, theme: Theme) -> Vec<Segment> {
    let tally = model.queue.tally();
    let mut parts = Vec::new();
    let verdicts = [
        (Some(Verdict::Pass), tally.pass, 32),
        (Some(Verdict::Warn), tally.warn, 33),
        (Some(Verdict::Fail), tally.fail, 34),
        (None, tally.waiting, 26),
    ];
    for (verdict, count, weight) in verdicts {
        if tally.files == 0 || (verdict.is_none() && count == 0) {
            continue;
        }
        let (role, sign, word) = theme.verdict(verdict);
        let count = thousands(count);
        parts.push(
            Segment::new(
                weight - 10,
                vec![theme.span(role, format!("{sign} {count} {word}"))],
            )
            .or(weight, vec![theme.span(role, format!("{sign}{count}"))]),
        );
    }
    let mut more = |count: usize, weight, sign: &str, word: &str| {
        if count > 0 {
            let count = thousands(count);
            parts.push(
                Segment::new(weight, vec![Span::raw(format!("{sign} {count} {word}"))])
                    .or(weight + 6, vec![Span::raw(format!("{sign}{count}"))]),
            );
        }
    };
    more(tally.marked, 13, theme.either("●", "*"), "marked");
    more(model.queue.arriving, 12, theme.either("↓", "v"), "arriving");
    if tally.saved > 0 {
        let calls = format!("{} saved", counted(tally.saved, "call"));
        let short = format!("{} saved", thousands(tally.saved));
        parts.push(Segment::new(11, vec![Span::raw(calls)]).or(17, vec![Span::raw(short)]));
    }
    parts
}
