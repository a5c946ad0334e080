//! Options of `bankscreen forms`.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct FormsArgs {
    /// Without one: list the forms
    #[command(subcommand)]
    pub(in crate::cli) command: Option<FormsCommand>,
}

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum FormsCommand {
    /// Print what uploads from this machine have taught, as CSV
    Export,
    /// Add the forms of a file, in place of those of an earlier file of the same name
    Import {
        /// A file that `forms export` printed
        file: PathBuf,
    },
    /// Remove a form
    Forget {
        /// The first digits of the form, at least four
        form: String,
    },
}
