//! The two texts that go with the files: an index for people and the passwords for programs.

use super::hostile::REFUSALS;
use super::{Case, Encryption, Truth};

/// A table of all files: what is special, and what is true.
pub fn readme(cases: &[Case]) -> String {
    let (hostile, others): (Vec<_>, Vec<_>) = cases
        .iter()
        .partition(|case| case.path.starts_with("hostile/"));
    let others: String = others.into_iter().map(row).collect();
    let hostile: String = hostile.into_iter().map(hostile_row).collect();
    let refusals = REFUSALS.iter().map(|code| format!("`{code}`"));
    let refusals = refusals.collect::<Vec<_>>().join(", ");
    [
        "# Synthetic test files\n\n\
        Generated; do not edit. `cargo run --example testdata -- DIR` writes them,\n\
        `cargo run --example testdata -- --check DIR` compares. All people, numbers and\n\
        transactions are invented.\n\n\
        | file | what is special | pages | bank | IFSC | account | period | encryption | codes |\n\
        | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
        &others,
        "\nA code in brackets may be there or not. A locked file shows its pages, once\n\
        opened, in the column of encryption.\n\n\
        ## Hostile files\n\n\
        Most are the same statement with a trap beside it. Where `?` stands for the pages, they\n\
        depend on how a reader repairs. A refusal is any of\n",
        &refusals,
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

/// A row of the narrower table: bank, period and account are the same in all hostile files.
fn hostile_row(case: &Case) -> String {
    let truth = &case.truth;
    let map = if truth.map_known { &truth.map } else { "?" };
    let cells = [&format!("`{}`", case.path), case.note, map, &codes(truth)];
    ["| ", &cells.join(" | "), " |\n"].concat()
}

fn encryption(truth: &Truth) -> String {
    match &truth.encryption {
        Encryption::None => String::new(),
        Encryption::Open { method, .. } => format!("{method}, open"),
        Encryption::NeedsPassword { method, map, .. } => format!("{method}, locked: {map}"),
        Encryption::NeedsCertificate { method } => format!("{method}, not to be opened"),
    }
}

/// The codes expected, then those tolerated; refusals are told in a word.
fn codes(truth: &Truth) -> String {
    let tolerated = &truth.tolerated;
    let known = |code: &&&str| truth.codes.contains(code) || tolerated.contains(code);
    let any_refusal = REFUSALS.iter().filter(known).count() == REFUSALS.len();
    let expected = truth.codes.iter().map(|code| format!("`{code}`"));
    let single = tolerated
        .iter()
        .filter(|code| !any_refusal || !REFUSALS.contains(code))
        .map(|code| format!("(`{code}`)"));
    let refusal = any_refusal.then(|| "(any refusal)".to_owned());
    expected
        .chain(refusal)
        .chain(single)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Every user and owner password, one a line.
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
