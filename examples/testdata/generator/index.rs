//! The two texts that go with the files: an index for people and the passwords for programs.

use super::{Case, Encryption, Truth};

/// A table of all files: what is special, and what is true.
pub fn readme(cases: &[Case]) -> String {
    let mut text = "# Synthetic test files\n\n\
        Generated; do not edit. `cargo run --example testdata -- DIR` writes them,\n\
        `cargo run --example testdata -- --check DIR` compares. All people, numbers and\n\
        transactions are invented.\n\n\
        | file | what is special | pages | bank | IFSC | account | period | encryption | codes |\n\
        | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for Case {
        path, note, truth, ..
    } in cases
    {
        let cells = [
            format!("`{path}`"),
            (*note).to_owned(),
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
        text += &["| ", &cells.join(" | "), " |\n"].concat();
    }
    text += "\nA code in brackets may be there or not. A locked file shows its pages, once\n\
        opened, in the column of encryption.\n";
    text
}

fn encryption(truth: &Truth) -> String {
    match &truth.encryption {
        Encryption::None => String::new(),
        Encryption::Open { method, .. } => format!("{method}, open"),
        Encryption::NeedsPassword { method, map, .. } => format!("{method}, locked: {map}"),
        Encryption::NeedsCertificate { method } => format!("{method}, not to be opened"),
    }
}

fn codes(truth: &Truth) -> String {
    let expected = truth.codes.iter().map(|code| format!("`{code}`"));
    let tolerated = truth.tolerated.iter().map(|code| format!("(`{code}`)"));
    expected.chain(tolerated).collect::<Vec<_>>().join(" ")
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
