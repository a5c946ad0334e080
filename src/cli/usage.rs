//! Usage lines of the commands that need an option unless they use the sandbox.

pub(super) const BANKS: &str = "\
bankscreen banks [OPTIONS] [QUERY]...
       bankscreen banks --refresh [OPTIONS]";

pub(super) const UPLOAD: &str = "\
bankscreen upload [OPTIONS] --link-id <ID> [PATH]...
       bankscreen upload [OPTIONS] --session-id <ID> [PATH]...
       bankscreen upload [OPTIONS] --cases <BY> [PATH]...
       bankscreen upload [OPTIONS] --watch <DIR> --cases folders
       bankscreen upload [OPTIONS] --sandbox [PATH]...";

pub(super) const SESSION_NEW: &str = "bankscreen session new [OPTIONS] --link-id <ID>";

pub(super) const SESSION_LINK: &str = "bankscreen session link [OPTIONS] --link-id <ID>";

pub(super) const SESSION_STATUS: &str = "bankscreen session status [OPTIONS] --session-id <ID>";

pub(super) const SESSION_PROCESS: &str = "bankscreen session process [OPTIONS] --session-id <ID>";

pub(super) const SESSION_REPORT: &str =
    "bankscreen session report [OPTIONS] --session-id <ID> --output <FILE>";
