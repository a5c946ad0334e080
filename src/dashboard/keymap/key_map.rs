//! The keys in use: those of the table, and those that the user maps.

use super::{Action, BINDINGS, Binding, Key};
use crossterm::event::KeyEvent;
use std::collections::HashMap;
use std::sync::Arc;

/// Ends the program whatever the user maps: terminals send it for the interrupt key.
const INTERRUPT: Key = Key::Ctrl('c');

/// The keys of each action. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMap {
    /// The keys, in the order of [`BINDINGS`].
    keys: Arc<[Vec<Key>]>,
}

/// Two actions with the same key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyConflict {
    /// The key.
    pub key: Key,
    /// The actions, in the order of the table.
    pub actions: [Action; 2],
}

impl Default for KeyMap {
    fn default() -> Self {
        Self {
            keys: BINDINGS
                .iter()
                .map(|binding| binding.keys.to_vec())
                .collect(),
        }
    }
}

impl KeyMap {
    /// Creates a map with the keys of the table, except for the actions that `changes` lists.
    ///
    /// # Errors
    ///
    /// The first key that two actions would have.
    pub fn new(changes: &[(Action, Vec<Key>)]) -> Result<Self, KeyConflict> {
        let keys = BINDINGS.iter().map(|binding| {
            let change = changes.iter().find(|(action, _)| *action == binding.action);
            let mut keys = change.map_or_else(|| binding.keys.to_vec(), |(_, keys)| keys.clone());
            if binding.action == Action::Quit && !keys.contains(&INTERRUPT) {
                keys.push(INTERRUPT);
            }
            keys
        });
        let map = Self {
            keys: keys.collect(),
        };
        let mut used: HashMap<Key, Action> = HashMap::new();
        for (binding, keys) in map.rows() {
            for key in keys {
                if let Some(other) = used.insert(*key, binding.action)
                    && other != binding.action
                {
                    return Err(KeyConflict {
                        key: *key,
                        actions: [other, binding.action],
                    });
                }
            }
        }
        Ok(map)
    }

    /// Returns the rows of the table with the keys in use.
    pub fn rows(&self) -> impl Iterator<Item = (&'static Binding, &[Key])> {
        BINDINGS.iter().zip(self.keys.iter().map(Vec::as_slice))
    }

    /// Returns the action of a key.
    pub fn action(&self, key: KeyEvent) -> Option<Action> {
        let pressed = Key::from_event(key)?;
        let mut rows = self.rows();
        let found = rows.find(|(_, keys)| keys.contains(&pressed));
        found.map(|(binding, _)| binding.action)
    }

    /// Returns the name of the first key of an action. An action without a key is run by its name,
    /// as in `:undo`.
    pub fn name(&self, action: Action) -> String {
        let mut rows = self.rows();
        let row = rows.find(|(binding, _)| binding.action == action);
        row.map_or_else(String::new, |(binding, keys)| match keys.first() {
            Some(key) => key.name(),
            None => format!(":{}", binding.short),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{KeyCode, KeyModifiers};

    fn pressed(c: char) -> KeyEvent {
        KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)
    }

    #[test]
    fn mapped_keys_replace_those_of_the_table() {
        let changes = [
            (Action::Upload, vec![Key::Char('U'), Key::Ctrl('u')]),
            (Action::PageUp, vec![]),
        ];
        let map = KeyMap::new(&changes).unwrap();
        assert_eq!(map.action(pressed('U')), Some(Action::Upload));
        assert_eq!(map.action(pressed('u')), None);
        assert_eq!(map.name(Action::Upload), "U");
        assert_eq!(map.name(Action::PageUp), ":page up");
        assert_eq!(map.name(Action::Retry), "r");
    }

    #[test]
    fn a_key_of_two_actions_is_a_conflict() {
        let changes = [(Action::Upload, vec![Key::Char('r')])];
        let conflict = KeyMap::new(&changes).unwrap_err();
        assert_eq!(conflict.actions, [Action::Upload, Action::Retry]);
        assert_eq!(conflict.key, Key::Char('r'));
        // The key of an action that gets another one is free.
        let swapped = [
            (Action::Upload, vec![Key::Char('r')]),
            (Action::Retry, vec![Key::Char('u')]),
        ];
        assert!(KeyMap::new(&swapped).is_ok());
    }

    #[test]
    fn the_interrupt_key_always_quits() {
        let map = KeyMap::new(&[(Action::Quit, vec![Key::Char('Z')])]).unwrap();
        let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(map.action(interrupt), Some(Action::Quit));
        assert!(KeyMap::new(&[(Action::Undo, vec![Key::Ctrl('c')])]).is_err());
    }
}
