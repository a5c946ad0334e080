//! The two text files beside the test files: an index (README) and the list of passwords.

use super::hostile::REJECTION_CODES;
use super::{Case, Encryption, GroundTruth};

/// Returns the README: a table of all files with their purpose and expected facts.
pub fn readme(cases: &[Case]) -> String {
    let (hostile, regular): (Vec<_>, Vec<_>) = cases
        .iter()
        .partition(|case| case.path.starts_with("hostile/"));
    let regular: String = regular.into_iter().map(row).collect();
    let hostile: String = hostile.into_iter().map(hostile_row).collect();
    let codes = REJECTION_CODES.iter().map(|code| format!("`{code}`"));
    let codes = codes.collect::<Vec<_>>().join(", ");
    [
        "# Synthetic test files\n\n\
        Generated; do not edit. `cargo run --example testdata -- DIR` writes the files and\n\
        `cargo run --example testdata -- --check DIR` compares them. All names, numbers and\n\
        transactions are invented.\n\n\
        | file | description | pages | bank | IFSC | account | period | encryption | codes |\n\
        | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
        &regular,
        "\nA code in parentheses is optional. For a locked file, the encryption column shows the\n\
        page map after decryption.\n\n\
        ## Hostile files\n\n\
        Most files are the same statement with a trap. If the page map is `?`, it depends on how\n\
        a reader repairs the file. A rejection is any of\n",
        &codes,
        ".\n\n| file | trap | pages | codes |\n| --- | --- | --- | --- |\n",
        &hostile,
    ]
    .concat()
}

fn row(case: &Case) -> String {
    let truth = &case.truth;
    let cells = [
        format!("`{}`", case.path),
        case.note.to_owned(),
        truth.map.clone(),
        truth.bank.unwrap_or_default().to_owned(),
        truth.ifsc.unwrap_or_default().to_owned(),
        truth.account.unwrap_or_default().to_owned(),
        truth
            .period
            .map(|(from, to)| format!("{from} to {to}"))
            .unwrap_or_default(),
        encryption(truth),
        codes(truth),
    ];
    ["| ", &cells.join(" | "), " |\n"].concat()
}

/// Returns a row of the hostile table, which omits the facts that all hostile files share.
fn hostile_row(case: &Case) -> String {
    let truth = &case.truth;
    let map = if truth.map_known { &truth.map } else { "?" };
    let cells = [&format!("`{}`", case.path), case.note, map, &codes(truth)];
    ["| ", &cells.join(" | "), " |\n"].concat()
}

fn encryption(truth: &GroundTruth) -> String {
    match &truth.encryption {
        Encryption::None => String::new(),
        Encryption::Open { method, .. } => format!("{method}, open"),
        Encryption::NeedsPassword { method, map, .. } => format!("{method}, locked: {map}"),
        Encryption::NeedsCertificate { method } => format!("{method}, no password"),
    }
}

/// Returns the expected codes, then the tolerated ones. All rejection codes together become one
/// entry.
fn codes(truth: &GroundTruth) -> String {
    let tolerated = &truth.tolerated;
    let known = |code: &&&str| truth.codes.contains(code) || tolerated.contains(code);
    let any_rejection = REJECTION_CODES.iter().filter(known).count() == REJECTION_CODES.len();
    let expected = truth.codes.iter().map(|code| format!("`{code}`"));
    let single = tolerated
        .iter()
        .filter(|code| !any_rejection || !REJECTION_CODES.contains(code))
        .map(|code| format!("(`{code}`)"));
    let rejection = any_rejection.then(|| "(any rejection)".to_owned());
    expected
        .chain(rejection)
        .chain(single)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Returns every user and owner password, one per line.
pub fn passwords(cases: &[Case]) -> String {
    let mut known: Vec<&str> = cases
        .iter()
        .flat_map(|case| match case.truth.encryption {
            Encryption::Open { owner, .. } => vec![owner],
            Encryption::NeedsPassword { user, owner, .. } => vec![user, owner],
            Encryption::None | Encryption::NeedsCertificate { .. } => Vec::new(),
        })
        .collect();
    known.sort_unstable();
    known.dedup();
    known.join("\n") + "\n"
}
