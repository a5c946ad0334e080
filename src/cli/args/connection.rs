//! Options that say how to reach the service.

use crate::connection::ConnectionOptions;
use std::path::PathBuf;

#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Connection")]
pub(in crate::cli) struct ConnectionArgs {
    #[arg(long, value_name = "URL")]
    #[arg(help = "The service's URL, ending before /v1 [env: BANKSCREEN_BASE_URL]")]
    base_url: Option<String>,

    #[arg(long, value_name = "FILE")]
    #[arg(help = "Read the API key from FILE, which only you can read [env: BANKSCREEN_API_KEY]")]
    api_key_file: Option<PathBuf>,

    /// Start a sandbox for this run and use it: no key, nothing leaves this machine
    #[arg(long, conflicts_with_all = ["base_url", "api_key_file"])]
    pub(in crate::cli) sandbox: bool,
}

impl From<&ConnectionArgs> for ConnectionOptions {
    fn from(args: &ConnectionArgs) -> Self {
        Self {
            base_url: args.base_url.clone(),
            api_key_file: args.api_key_file.clone(),
            sandbox: args.sandbox,
        }
    }
}
