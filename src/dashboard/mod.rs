//! The dashboard, without its terminal: what it knows, what changes it, what it looks like.
//!
//! Elm-shaped and pure. [`update()`] takes a [`Message`] and changes the [`Model`]; what is to be
//! done outside comes back as [`Effect`]s. [`view()`] draws a model into a buffer of cells, and can
//! neither change it nor do anything. Whoever runs it performs the effects, answers with messages,
//! and puts the cells on a terminal.
//!
//! It opens nothing, reads no clock, and knows files by number and name only. One table
//! ([`keymap`]) says what each key does; keys are handled, footers printed and help searched by it.

mod effect;
pub mod keymap;
mod layout;
mod message;
pub mod model;
pub(crate) mod runtime;
mod update;
mod view;

pub use effect::{Effect, Export, Order, Request};
pub use layout::Layout;
pub use message::{Delivered, Finished, Found, Message, Step};
pub use model::{Model, Setup};
pub use update::{begin, update};
pub use view::{most_detail_top, view};
