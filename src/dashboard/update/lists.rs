//! The history: what is looked for in it, and what was found.

use super::overlays::{Edit, edit};
use crate::dashboard::Effect;
use crate::dashboard::model::{HistoryRow, Model, Past};
use crossterm::event::KeyEvent;

/// What is looked for while it is typed.
pub(super) fn type_query(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    match edit(&mut model.history.query, key) {
        Edit::Done => model.history.typing = false,
        Edit::Closed => {
            model.history.typing = false;
            model.history.query.clear();
        }
        Edit::Typed => {}
        Edit::Other => return Vec::new(),
    }
    vec![Effect::ReadHistory(model.history.query.text())]
}

/// Takes in what was read.
pub(super) fn history(
    model: &mut Model,
    read: Result<(Vec<HistoryRow>, Past), String>,
) -> Vec<Effect> {
    match read {
        Ok((rows, past)) => {
            model.history.selected = model.history.selected.min(rows.len().saturating_sub(1));
            model.history.rows = rows;
            model.history.past = past;
            model.history.fault = None;
        }
        Err(why) => model.history.fault = Some(crate::text::sanitize(&why).into_owned()),
    }
    Vec::new()
}
