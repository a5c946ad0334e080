//! The dashboard: its model, the updates to it, its view and its key map.
//!
//! Everything but `runtime` is pure and follows the Elm architecture. [`update()`] applies a
//! [`Message`] to the [`Model`] and returns the [`Effect`]s to perform. [`view()`] draws a model
//! into a buffer of cells and changes nothing. `runtime` performs the effects, answers with
//! messages, and writes the cells to the terminal.
//!
//! The pure part opens no file and reads no clock; it refers to files by ID and name. One table,
//! [`keymap::BINDINGS`], dispatches keys and is the source of the footer and the help.

mod effect;
pub mod keymap;
mod layout;
mod message;
pub mod model;
pub(crate) mod runtime;
mod tab;
mod update;
mod view;

pub use effect::{Effect, ExportRequest, ScreeningRequest, UploadOrder, UploadRequest};
pub use layout::Layout;
pub use message::{
    CheckReason, DiscoveredFile, Message, ProcessingUpdate, ScreenedFile, UploadProgress,
    UploadUpdate,
};
pub use model::{Model, Setup};
pub use update::{begin, update};
pub use view::{max_detail_top, max_help_top, preview_pixels, view};
