//! What stands below the flags in the long help of each command.

pub(super) const PROGRAM: &str = "\
Examples:
  bankscreen --check inbox                      screen a folder
  bankscreen --check --password-file pw.txt inbox/locked.pdf
  bankscreen upload --link-id loan-4711 inbox   screen, and upload what passes
  bankscreen --sandbox upload inbox             try it: no key, nothing leaves this machine
  find inbox -name '*.pdf' -print0 | bankscreen --check -0 --files-from - --format ndjson
  bankscreen history --outcome unknown          uploads whose fate is not known

Settings may stand in a config file too: bankscreen doctor tells which are in force, and from where.

Exit codes: 0 every file passed; 1 a file failed; 2 the run could not be done (usage, a path that
can't be read); 130, 143, 129 ended by SIGINT, SIGTERM, SIGHUP.";

pub(super) const UPLOAD: &str = "\
Examples:
  bankscreen --sandbox upload inbox             try it: no key, nothing leaves this machine
  bankscreen upload --dry-run inbox             what would be sent
  bankscreen upload --link-id loan-4711 --from 01/04/2024 --to 30/06/2024 inbox
  bankscreen upload --session-id ID --password-file pw.txt inbox

The same call again goes on where it stopped, and sends nothing twice.

Exit codes: 0 the service has every file; 1 a file was refused, skipped or is unknown; 2 the run
could not be done to its end (key, network, journal).";

pub(super) const SESSION: &str = "\
Examples:
  bankscreen session new --link-id loan-4711 --from 01/04/2024 --to 30/06/2024
  bankscreen session link --link-id loan-4711 --qr
  bankscreen session status --session-id ID
  bankscreen session process --session-id ID

The key is read from --api-key-file, BANKSCREEN_API_KEY or the config file, never from a flag.";

pub(super) const SANDBOX: &str = "\
Examples:
  bankscreen sandbox                            prints the environment to paste, and serves
  bankscreen sandbox --script script.json --fault 503:0.1";

pub(super) const HISTORY: &str = "\
Examples:
  bankscreen history april                      part of a name, session or code; a hash; a bank
  bankscreen history --outcome unknown --since 2026-09-01
  bankscreen history --format csv --output sent.csv";

pub(super) const BANKS: &str = "\
Examples:
  bankscreen banks baroda                       the identifiers that --bank takes
  bankscreen banks --refresh                    what the service reads now, kept for later runs";

pub(super) const DOCTOR: &str = "\
Secrets are tried, so that api_key_command is run, and never shown.

Exit codes: 0 nothing stands in the way of an upload; 1 something does.";

pub(super) const COMPLETIONS: &str = "\
Examples:
  bankscreen completions bash > ~/.local/share/bash-completion/completions/bankscreen
  bankscreen completions zsh > ~/.zfunc/_bankscreen
  bankscreen completions fish > ~/.config/fish/completions/bankscreen.fish";
