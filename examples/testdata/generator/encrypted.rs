//! Statements with each kind of encryption that banks and their customers use.

use super::banks::design;
use super::encrypt::{Encryptor, Placement, Scheme};
use super::statement::statement;
use super::writer::FileKind;
use super::{Case, Encryption};

/// The encoding of a password before hashing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PasswordEncoding {
    /// The characters that `PDFDocEncoding` and Latin-1 encode alike.
    Latin1,
    Utf8,
}

/// The encryption of one statement.
struct Protection {
    name: &'static str,
    note: &'static str,
    design: &'static str,
    scheme: Scheme,
    /// Empty if the file opens without a password.
    user: &'static str,
    owner: &'static str,
    placement: Placement,
    kind: FileKind,
    encoding: PasswordEncoding,
}

const DEFAULT: Protection = Protection {
    name: "",
    note: "",
    design: "hdfc",
    scheme: Scheme::Aes128,
    user: "",
    owner: "",
    placement: Placement::Indirect,
    kind: FileKind::Classic,
    encoding: PasswordEncoding::Utf8,
};

const PROTECTIONS: [Protection; 12] = [
    Protection {
        name: "user_rc4_40",
        note: "user password, RC4 with 40 bits, revision 2",
        design: "axis",
        scheme: Scheme::Rc4With40Bits,
        user: "SMIT1407",
        owner: "bank-side-40",
        ..DEFAULT
    },
    Protection {
        name: "user_rc4_128",
        note: "user password, RC4 with 128 bits, revision 3",
        design: "sbi",
        scheme: Scheme::Rc4With128Bits,
        user: "20518@120491",
        owner: "bank-side-128",
        ..DEFAULT
    },
    Protection {
        name: "user_aes_128",
        note: "user password, AES with 128 bits, revision 4",
        design: "idfc",
        user: "gaur0311",
        owner: "bank-side-aes",
        ..DEFAULT
    },
    Protection {
        name: "user_aes_256_r5",
        note: "user password, the AES-256 draft of Acrobat 9, revision 5",
        design: "federal",
        scheme: Scheme::Aes256Draft,
        user: "JISH2207",
        owner: "bank-side-r5",
        ..DEFAULT
    },
    Protection {
        name: "user_aes_256_r6",
        note: "user password, AES-256 of PDF 2.0, revision 6",
        design: "kotak",
        scheme: Scheme::Aes256,
        user: "512LEENA1988",
        owner: "bank-side-r6",
        ..DEFAULT
    },
    Protection {
        name: "user_direct_dictionary",
        note: "user password; the encryption dictionary is in the trailer",
        design: "pnbbnk",
        scheme: Scheme::Rc4With128Bits,
        user: "KULJ19650301",
        owner: "bank-side-direct",
        placement: Placement::InTrailer,
        ..DEFAULT
    },
    Protection {
        name: "user_object_streams",
        note: "user password; objects in encrypted object streams, so pages cannot be counted",
        design: "canara",
        scheme: Scheme::Aes256,
        user: "318840275",
        owner: "bank-side-packed",
        kind: FileKind::ObjectStreams,
        ..DEFAULT
    },
    Protection {
        name: "user_latin_letters",
        note: "user password with letters outside ASCII in PDFDocEncoding, revision 3",
        design: "yesbnk",
        scheme: Scheme::Rc4With128Bits,
        user: "Jos\u{e9}-Ch\u{e2}teau-7",
        owner: "bank-side-\u{fc}\u{f6}\u{e4}",
        encoding: PasswordEncoding::Latin1,
        ..DEFAULT
    },
    Protection {
        name: "user_devanagari",
        note: "user password in Devanagari (UTF-8, revision 6), with object streams",
        design: "baroda",
        scheme: Scheme::Aes256,
        user: "\u{939}\u{947}\u{924}\u{932}-1987",
        owner: "\u{936}\u{93e}\u{916}\u{93e}-2847",
        kind: FileKind::ObjectStreams,
        ..DEFAULT
    },
    Protection {
        name: "owner_rc4_40",
        note: "owner password only, RC4 with 40 bits, copying forbidden: opens without a password",
        design: "hdfc",
        scheme: Scheme::Rc4With40Bits,
        owner: "only-owner-40",
        ..DEFAULT
    },
    Protection {
        name: "owner_aes_256_r6",
        note: "owner password only, AES-256 revision 6, copying forbidden: opens without a \
               password",
        design: "icici",
        scheme: Scheme::Aes256,
        owner: "only-owner-r6",
        ..DEFAULT
    },
    Protection {
        name: "identity_filters",
        note: "default crypt filters Identity: a password is set, but pages and strings are plain",
        design: "pnbbnk",
        scheme: Scheme::AttachmentsOnly,
        user: "never-needed",
        owner: "never-needed-either",
        ..DEFAULT
    },
];

/// Returns one case per protection, and one that only a certificate opens.
pub fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = PROTECTIONS.iter().map(protected).collect();
    cases.push(for_certificate());
    cases
}

fn protected(protection: &Protection) -> Case {
    let statement = statement(design(protection.design))
        .rows(30)
        .seed(protection.name.len() as u64 + 7000);
    let mut document = statement.document();
    document.version = match protection.scheme {
        Scheme::Rc4With40Bits | Scheme::Rc4With128Bits => "1.4",
        Scheme::Aes128 | Scheme::AttachmentsOnly => "1.6",
        Scheme::Aes256Draft => "1.7",
        Scheme::Aes256 | Scheme::Aes256Gcm => "2.0",
    };
    let bytes_of = |password: &str| match protection.encoding {
        PasswordEncoding::Utf8 => password.as_bytes().to_vec(),
        PasswordEncoding::Latin1 => password
            .chars()
            .map(|c| u8::try_from(c).expect("a Latin-1 letter"))
            .collect(),
    };
    document.encrypt_with(Encryptor::new(
        protection.scheme,
        &bytes_of(protection.user),
        &bytes_of(protection.owner),
        document.file_id(),
        protection.placement,
    ));

    let mut truth = statement.truth();
    let method = protection.scheme.method();
    if protection.user.is_empty() || protection.scheme == Scheme::AttachmentsOnly {
        truth.encryption = Encryption::Open {
            method,
            owner: protection.owner,
        };
    } else {
        let map = std::mem::take(&mut truth.map);
        truth.encryption = Encryption::NeedsPassword {
            method,
            user: protection.user,
            owner: protection.owner,
            map,
        };
        truth.codes.push("PASSWORD_INCORRECT");
    }
    Case {
        path: format!("encrypted/{}.pdf", protection.name),
        note: protection.note,
        bytes: document.write(protection.kind),
        truth,
    }
}

fn for_certificate() -> Case {
    let statement = statement(design("dbsbnk")).rows(12);
    let mut document = statement.document();
    document.version = "1.6";
    document.encrypt_with(Encryptor::for_certificate());
    let mut truth = statement.truth();
    truth.map = String::new();
    truth.encryption = Encryption::NeedsCertificate {
        method: "Adobe.PubSec",
    };
    truth.codes.push("PASSWORD_INCORRECT");
    Case {
        path: "encrypted/certificate.pdf".to_owned(),
        note: "encrypted for a certificate (Adobe.PubSec): no password opens it",
        bytes: document.write(FileKind::Classic),
        truth,
    }
}
