//! What a message changes.

use super::{Effect, Message, Model};

/// Takes in a message, and gives what is to be done outside.
pub fn update(_model: &mut Model, _message: Message) -> Vec<Effect> {
    Vec::new()
}
