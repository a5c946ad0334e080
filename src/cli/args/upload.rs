//! Options of `bankscreen upload` and of the dashboard.

use super::connection::ConnectionArgs;
use super::screening::ScreeningArgs;
use super::values::{link_id, session_id, uploads};
use super::watch::WatchArgs;
use crate::bankconnect::ResponseExtras;
use crate::journal::Resend;
use crate::uploads::plan::Eligibility;
use crate::uploads::{Selection, SessionChoice};
use crate::uploads::{UploadOptions, UploadType};
use clap::ValueEnum;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct UploadArgs {
    #[command(flatten)]
    pub(in crate::cli) screening: ScreeningArgs,

    #[command(flatten)]
    pub(in crate::cli) sending: SendingArgs,

    #[command(flatten)]
    pub(in crate::cli) watch: WatchArgs,

    #[command(flatten)]
    pub(in crate::cli) connection: ConnectionArgs,
}

impl UploadArgs {
    /// Returns the session that files without a case go to.
    pub(in crate::cli) fn session(&self) -> SessionChoice {
        SessionChoice {
            session_id: self.sending.session_id.clone(),
            link_id: self.sending.link_id.clone(),
            period: self.screening.period(),
            is_sandbox: self.connection.sandbox,
        }
    }
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Upload")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one field per flag; the methods give them types"
)]
pub(in crate::cli) struct SendingArgs {
    #[arg(long, value_name = "ID", conflicts_with_all = ["session_id", "cases"])]
    #[arg(value_parser = link_id)]
    #[arg(
        help = "Your own name for the applicant [env: BANKSCREEN_LINK_ID]. A repeated call \
                  resumes in the session that it created"
    )]
    pub(in crate::cli) link_id: Option<String>,

    /// Upload to this session instead of creating one
    #[arg(long, value_name = "ID", conflicts_with = "cases", value_parser = session_id)]
    pub(in crate::cli) session_id: Option<String>,

    /// Simultaneous uploads
    #[arg(long, value_name = "N", default_value = "4", value_parser = uploads)]
    pub(in crate::cli) concurrency: u16,

    /// Also send the files of incomplete cases that can be sent
    #[arg(long, requires = "cases")]
    include_incomplete: bool,

    /// Start processing for each ready case whose files the service has
    #[arg(long, requires = "cases")]
    pub(in crate::cli) process: bool,

    /// Encoding of files in requests
    #[arg(long, value_enum, default_value_t = UploadTypeArg::Pdf)]
    upload_type: UploadTypeArg,

    /// Ask the service to add the account holder's identity, such as name and address, to each
    /// answer. bankscreen discards that part
    #[arg(long)]
    identity: bool,

    /// Append the identities of accepted files to FILE, as JSON lines that only you can read
    #[arg(long, value_name = "FILE", requires = "identity")]
    pub(in crate::cli) keep_identity: Option<PathBuf>,

    /// Request the session's progress with each answer
    #[arg(long)]
    progress: bool,

    /// Upload files with warnings too (default)
    #[arg(long, overrides_with = "no_include_warnings")]
    include_warnings: bool,

    /// Do not upload files with warnings
    #[arg(long)]
    no_include_warnings: bool,

    /// Send files with unknown outcome again
    #[arg(long)]
    resend_unknown: bool,

    /// Send files again that the service refused, although nothing has changed
    #[arg(long)]
    resend_refused: bool,

    /// Send files again that an ended session has
    #[arg(long)]
    resend_expired: bool,

    /// If the bank is not certain, let the service detect it instead of skipping the file
    #[arg(long)]
    bankless: bool,

    /// Show what would be sent, without sending it
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}

impl SendingArgs {
    /// Returns which files are uploaded.
    pub(in crate::cli) fn selection(&self) -> Selection {
        Selection {
            eligibility: Eligibility {
                include_warnings: !self.no_include_warnings,
                bankless: self.bankless,
            },
            resend: Resend {
                unknown: self.resend_unknown,
                refused: self.resend_refused,
                expired: self.resend_expired,
            },
            include_incomplete: self.include_incomplete,
        }
    }

    /// Returns the options of all attempts.
    pub(in crate::cli) fn options(&self, max_bytes: u64) -> UploadOptions {
        UploadOptions {
            upload_type: self.upload_type.into(),
            extras: ResponseExtras {
                identity: self.identity,
                progress: self.progress,
            },
            max_bytes,
        }
    }
}

impl From<UploadTypeArg> for UploadType {
    fn from(argument: UploadTypeArg) -> Self {
        match argument {
            UploadTypeArg::Pdf => Self::Pdf,
            UploadTypeArg::Base64 => Self::Base64,
        }
    }
}

impl DashboardArgs {
    /// Returns the encoding of files in requests.
    pub(in crate::cli) fn upload_type(&self) -> UploadType {
        self.upload_type.into()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum UploadTypeArg {
    /// A file
    Pdf,
    /// Base64 text: a third longer, and unknown outcomes can't be reconciled
    Base64,
}

#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Dashboard")]
pub(in crate::cli) struct DashboardArgs {
    #[arg(long, value_name = "ID", value_parser = link_id)]
    #[arg(conflicts_with_all = ["session_id", "check"])]
    #[arg(help = "Your own name for the applicant [env: BANKSCREEN_LINK_ID]. Opens its session")]
    pub(in crate::cli) link_id: Option<String>,

    /// Upload to this session
    #[arg(long, value_name = "ID", conflicts_with = "check", value_parser = session_id)]
    pub(in crate::cli) session_id: Option<String>,

    /// Simultaneous uploads
    #[arg(long, value_name = "N", default_value = "4", value_parser = uploads)]
    pub(in crate::cli) concurrency: u16,

    /// Encoding of files in requests. Hidden: the config file is the place for it
    #[arg(long, value_enum, hide = true, default_value_t = UploadTypeArg::Pdf)]
    upload_type: UploadTypeArg,

    /// Use the mouse; most terminals then select text with Shift
    #[arg(long, conflicts_with = "check")]
    pub(in crate::cli) mouse: bool,

    #[command(flatten)]
    pub(in crate::cli) connection: ConnectionArgs,
}
