//! Options of `bankscreen forms`.

use super::super::examples;
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
    #[command(after_long_help = examples::FORMS_EXPORT)]
    Export,
    /// Add the forms of a file, in place of those of an earlier file of the same name
    #[command(after_long_help = examples::FORMS_IMPORT)]
    Import {
        /// A file that `forms export` printed
        file: PathBuf,
    },
    /// Print what may be logos on the first page of a file, for `logos.tsv` in the config folder
    #[command(after_long_help = examples::FORMS_LOGOS)]
    Logos {
        /// A statement whose bank is identified by nothing else
        file: PathBuf,
    },
    /// Remove a form
    #[command(after_long_help = examples::FORMS_FORGET)]
    Forget {
        /// The first digits of the form, at least four
        form: String,
    },
}
