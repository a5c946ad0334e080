//! Names of files and folders that are not statements yet: of downloads, copies and editors.

use crate::archive::ArchiveKind;
use std::ffi::OsStr;
use std::path::Path;

/// Names, in lower case, that file managers give to a new folder before the user names it.
const UNNAMED_FOLDERS: [&str; 2] = ["new folder", "untitled folder"];
/// Extensions, in lower case, of files that a program has not completed. They end the name, or
/// precede `.pdf`.
const PARTIAL_EXTENSIONS: [&str; 12] = [
    "!ut",
    "bak",
    "crdownload",
    "download",
    "filepart",
    "lock",
    "opdownload",
    "part",
    "partial",
    "swp",
    "temp",
    "tmp",
];

/// The files of a case that are screened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Screened {
    /// PDF files.
    Pdf,
    /// PDF files, and archives and mails with PDF files in them.
    PdfAndArchives,
}

impl Screened {
    /// Returns whether a file can be, or contain, a statement by its name, and is not temporary.
    pub(super) fn is_statement(self, name: &OsStr) -> bool {
        let path = Path::new(name);
        let is_temporary = path.file_stem().is_some_and(is_partial);
        let is_wanted = has_extension(path, "pdf")
            || self == Self::PdfAndArchives
                && ArchiveKind::of_name(name.as_encoded_bytes()).is_some();
        is_wanted && !is_temporary && !is_lock_or_hidden(name)
    }
}

/// Returns whether a name ends as that of a file that a program has not completed.
pub(super) fn is_partial(name: &OsStr) -> bool {
    let mut extensions = PARTIAL_EXTENSIONS.iter();
    extensions.any(|partial| has_extension(Path::new(name), partial))
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    let extension = path.extension();
    extension.is_some_and(|own| own.eq_ignore_ascii_case(wanted))
}

/// Returns whether a folder can be that of a case. Programs keep their own files in hidden folders,
/// and a new folder waits for its name.
pub(super) fn is_case(name: &OsStr) -> bool {
    let text = name.to_string_lossy().to_lowercase();
    // File managers number further ones: `New folder (2)`, `untitled folder 2`.
    let numbering = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '(' | ')');
    let unnumbered = text.trim_end_matches(numbering);
    !is_lock_or_hidden(name) && !UNNAMED_FOLDERS.contains(&unnumbered)
}

/// Returns whether a name is hidden, or that of a lock as office programs create it.
fn is_lock_or_hidden(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(b".") || name.starts_with(b"~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_in_transfer_have_the_extension_of_their_program() {
        for (name, expected) in [
            ("april.pdf.filepart", true),
            ("april.PART", true),
            ("april.pdf", false),
            ("letter.docx", false),
        ] {
            assert_eq!(is_partial(name.as_ref()), expected, "{name}");
        }
    }

    #[test]
    fn temporary_and_hidden_files_are_not_statements() {
        for name in ["april.pdf", "APRIL.PDF", "april (1).pdf", "a.part.b.pdf"] {
            assert!(Screened::Pdf.is_statement(name.as_ref()), "{name}");
        }
        for name in [
            "april.pdf.part",
            "april.pdf.crdownload",
            "april.tmp",
            "~$april.pdf",
            ".april.pdf",
            "._april.pdf",
            ".april.pdf.x7Qa2",
            "april.pdf.filepart",
            "april.pdf.!ut",
            "april.part.pdf",
            "april.TMP.pdf",
            "notes.txt",
        ] {
            let is_statement = |screened: Screened| screened.is_statement(name.as_ref());
            assert!(!is_statement(Screened::Pdf), "{name}");
            assert!(!is_statement(Screened::PdfAndArchives), "{name}");
        }
    }

    #[test]
    fn archives_are_statements_on_request() {
        for (name, expected) in [
            ("april.zip", true),
            ("APRIL.EML", true),
            ("in.tar.gz", true),
            ("in.zip.part", false),
            ("in.part.zip", false),
            ("~$in.zip", false),
        ] {
            let is_statement = |screened: Screened| screened.is_statement(name.as_ref());
            assert!(!is_statement(Screened::Pdf), "{name}");
            assert_eq!(is_statement(Screened::PdfAndArchives), expected, "{name}");
        }
    }

    #[test]
    fn a_new_folder_waits_for_its_name() {
        for name in ["Asha", "New folder of Asha", "2024", "loan (2)"] {
            assert!(is_case(name.as_ref()), "{name}");
        }
        for name in [
            "New folder",
            "New Folder (2)",
            "untitled folder 3",
            ".Trash",
        ] {
            assert!(!is_case(name.as_ref()), "{name}");
        }
    }
}
