//! Examples and notes below the options in the long help of each command.

pub(super) const PROGRAM: &str = "\
Examples:
  bankscreen --check inbox                      screen a folder
  bankscreen --check --password-file pw.txt inbox/locked.pdf
  bankscreen upload --link-id loan-4711 inbox   screen, and upload the files that pass
  bankscreen --sandbox upload inbox             try it: no key, nothing leaves this machine
  find inbox -name '*.pdf' -print0 | bankscreen --check -0 --files-from - --format ndjson
  bankscreen history --outcome unknown          uploads with unknown outcome

A config file can set defaults: bankscreen doctor shows the effective settings and their sources.

Exit codes: 0 every file passed; 1 a file failed; 2 the run could not be done (usage, unreadable
path, no file); 130, 143, 129 ended by SIGINT, SIGTERM, SIGHUP; 141 the reader of the report went
away.";

pub(super) const UPLOAD: &str = "\
Examples:
  bankscreen --sandbox upload inbox             try it: no key, nothing leaves this machine
  bankscreen upload --dry-run inbox             show what would be sent
  bankscreen upload --link-id loan-4711 --from 01/04/2024 --to 30/06/2024 inbox
  bankscreen upload --session-id ID --password-file pw.txt inbox
  bankscreen upload --watch /srv/statements --cases folders --move-done /srv/done

A repeated call resumes, and sends no file twice.

Exit codes: 0 the service has every file; 1 a file was rejected or skipped, or its outcome is
unknown; 2 the run could not be completed (usage, key, journal); 75 the network or the service was
unavailable or busy: run the same call later.";

pub(super) const SESSION: &str = "\
Examples:
  bankscreen session new --link-id loan-4711 --from 01/04/2024 --to 30/06/2024
  bankscreen session link --link-id loan-4711 --qr
  bankscreen session status --session-id ID
  bankscreen session process --session-id ID
  bankscreen session report --session-id ID --format xlsx --output report.xlsx

The API key comes from --api-key-file, BANKSCREEN_API_KEY or the config file, never from a flag.";

pub(super) const SESSION_NEW: &str = "\
Examples:
  bankscreen session new --link-id loan-4711 --from 01/04/2024 --to 30/06/2024
  bankscreen session new --link-id loan-4711 --bank hdfc --mode pdf --format json";

pub(super) const SESSION_LINK: &str = "\
Examples:
  bankscreen session link --link-id loan-4711 --qr
  bankscreen session link --link-id loan-4711 --open --wait 600

Exit codes: 0 the applicant finished the journey; 1 they left it.";

pub(super) const SESSION_STATUS: &str = "\
Examples:
  bankscreen session status --session-id ID
  bankscreen --sandbox session status           try it: a session with sample uploads";

pub(super) const SESSION_PROCESS: &str = "\
Examples:
  bankscreen session process --session-id ID
  bankscreen session process --session-id ID --wait 600 --quiet

Exit codes: 0 all accounts were completed; 1 an account failed; 2 or 75 the same call resumes.";

pub(super) const SESSION_FORGET: &str = "\
Examples:
  bankscreen session forget --session-id ID
  bankscreen history --limit 5                  lists sessions with their IDs";

pub(super) const SESSION_REPORT: &str = "\
Examples:
  bankscreen session report --session-id ID --output report.json
  bankscreen session report --session-id ID --format xlsx --output report.xlsx
  bankscreen --sandbox session report --output sample.json

The report contains personal data and transactions. The file is created with mode 0600, and only if
the download is complete. The link to the spreadsheet is requested without key and server hash.";

pub(super) const SESSION_WEBHOOK: &str = "\
Examples:
  bankscreen session webhook https://hooks.example.com/bankconnect
  bankscreen session webhook https://hooks.example.com/bankconnect --format json

The service then calls this URL when an applicant has completed the uploads, when a session expires,
and when processing ends. bankscreen does not receive the calls: to wait for the end of processing
without a server, use bankscreen session process --wait SECONDS.";

pub(super) const SANDBOX: &str = "\
Examples:
  bankscreen sandbox                            print the environment to paste, and serve
  bankscreen sandbox --script script.json --fault 503:0.1";

pub(super) const HISTORY: &str = "\
Examples:
  bankscreen history april                      part of a name, session or code; a hash; a bank
  bankscreen history --outcome unknown --since 2026-09-01
  bankscreen history --format csv --output sent.csv";

pub(super) const HISTORY_FORGET: &str = "\
Examples:
  bankscreen history forget april.pdf           asks before it removes anything
  bankscreen history forget --yes loan-4711";

pub(super) const FORMS: &str = "\
Examples:
  bankscreen forms                              list them, with the accounts that agree
  bankscreen forms export > ours.csv            share them as a file
  bankscreen forms import ours.csv              in place of an earlier file of this name
  bankscreen forms forget 0f3a5c

An accepted upload teaches its form if you named the bank, or with --bankless. A form is a
hash of headings and labels; three accounts make a bank likely, five make it detected.";

pub(super) const FORMS_EXPORT: &str = "\
Examples:
  bankscreen forms export > ours.csv            without what was imported
  bankscreen forms export | wc -l";

pub(super) const FORMS_IMPORT: &str = "\
Examples:
  bankscreen forms import ours.csv
  bankscreen forms import pune/forms.csv        in place of the forms of an earlier forms.csv";

pub(super) const FORMS_LOGOS: &str = "\
Examples:
  bankscreen forms logos statement.pdf          a hash per line, with its place on the page
  bankscreen forms logos statement.pdf | grep 'top [0-5] %'

Add a line to logos.tsv: the identifier of the bank, a tab, and the hash. The logo is evidence if
nothing else identifies the bank of a statement.";

pub(super) const FORMS_FORGET: &str = "\
Examples:
  bankscreen forms                              lists the forms
  bankscreen forms forget 0f3a5c";

pub(super) const BANKS: &str = "\
Examples:
  bankscreen banks baroda                       list identifiers for --bank
  bankscreen banks --refresh                    download the service's list for later runs";

pub(super) const DOCTOR: &str = "\
Examples:
  bankscreen doctor                             for people
  bankscreen doctor --format json --profile night

The sources of secrets are tried, so api_key_command runs; secrets are never printed.

Exit codes: 0 no problem prevents uploads; 1 a problem prevents uploads.";

pub(super) const COMPLETIONS: &str = "\
Examples:
  bankscreen completions bash > ~/.local/share/bash-completion/completions/bankscreen
  bankscreen completions zsh > ~/.zfunc/_bankscreen
  bankscreen completions fish > ~/.config/fish/completions/bankscreen.fish";

pub(super) const SCHEMA: &str = "\
Examples:
  bankscreen schema > record.schema.json
  bankscreen schema | python3 -m json.tool";

pub(super) const MAN: &str = "\
Examples:
  bankscreen man | man -l -
  bankscreen man > ~/.local/share/man/man1/bankscreen.1";
