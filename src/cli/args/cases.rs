//! Options that group the files into cases.

use crate::screening_run::CasesBy;
use clap::ValueEnum;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Cases")]
pub(in crate::cli) struct CaseArgs {
    /// Group the files into cases, one applicant each
    #[arg(long, value_enum, value_name = "BY")]
    pub(in crate::cli) cases: Option<CasesArg>,

    /// Write one message to the applicant per incomplete case to this folder
    #[arg(long, value_name = "DIR", requires = "cases")]
    pub(in crate::cli) notes: Option<PathBuf>,

    /// Exit with 1 if any case is not ready
    #[arg(long, requires = "cases")]
    pub(in crate::cli) require_ready: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum CasesArg {
    /// The direct sub-folders of each folder given
    Folders,
    /// The column `case` of the manifest
    Manifest,
}

impl From<CasesArg> for CasesBy {
    fn from(arg: CasesArg) -> Self {
        match arg {
            CasesArg::Folders => Self::Folders,
            CasesArg::Manifest => Self::Manifest,
        }
    }
}
