//! The protocol between parent and child.
//!
//! A request consists of a length, JSON, the passwords, the details of the applicants and the bytes
//! of the file. An answer is
//! JSON, followed by pixels if it is a picture.
//!
//! Both ends are the same executable, so the protocol has no version. Secrets are sent only
//! through the pipe and without any encoding, because an encoded form would be another copy to
//! wipe.
//!
//! The child has parsed a hostile file, so the parent does not trust the answer. The parent accepts
//! only numbers, known names, and the text that screening extracts from documents, which is
//! untrusted in any case.

#[cfg(debug_assertions)]
use super::probe::Probe;
use crate::applicant::{
    Applicants, Details, Field, PasswordDescription, Rule, RuleTable, RuleUses,
};
use crate::pdf::{Engines, LimitHit, Limits, Password, Picture, PictureSize, TrustAnchors};
use crate::screen::{
    CandidateId, CandidatePassword, LedgerUse, PeriodOrigin, Policy, Screening, SeverityRules,
};
use crate::statement::custom_banks::CustomBank;
use crate::statement::{BankRegistry, DateRange, KnownLogos, LearntForms};
use serde::{Deserialize, Serialize};
use std::io::{self, Read};
use std::mem;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Maximum length of the JSON of a request.
const MAX_REQUEST_BYTES: u64 = 16 << 20;

/// The task of the child.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Task {
    /// Screen the file.
    Screen,
    /// Draw a page.
    Draw {
        /// Index of the page, from 0.
        page: usize,
        /// Maximum width in pixels.
        width: u32,
        /// Maximum height in pixels.
        height: u32,
    },
    /// Read the text of a page.
    Text {
        /// Index of the page, from 0.
        page: usize,
        /// Whether the invisible text of a scanned page is read.
        is_ocr: bool,
        /// Columns over which the words are spread.
        columns: u16,
    },
    /// Test the restrictions.
    #[cfg(debug_assertions)]
    Probe(Probe),
}

/// The task, the policy without its secrets, and the limits of the process.
#[derive(Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) task: Task,
    policy: WirePolicy,
    /// Address space limit in bytes.
    pub(super) memory: u64,
    /// Size of the file in bytes.
    pub(super) file_bytes: usize,
    /// ID of the parent process.
    pub(super) parent: u32,
}

/// A policy without its secrets.
#[derive(Serialize, Deserialize)]
struct WirePolicy {
    limits: Limits,
    /// Length in bytes and origin of each password.
    candidates: Vec<(usize, CandidateId)>,
    untried: usize,
    people: Option<WirePeople>,
    rule_uses: RuleUses,
    learnt_forms: LearntForms,
    logos: KnownLogos,
    suggested_bank: Option<String>,
    described_password: Option<PasswordDescription>,
    expected_bank: Option<String>,
    account_category: Option<String>,
    /// Banks that the user added to the registry.
    custom_banks: Vec<CustomBank>,
    requested_period: Option<DateRange>,
    period_origin: PeriodOrigin,
    /// The certificates of the user's trust anchors.
    anchors: Vec<Vec<u8>>,
    severities: SeverityRules,
    ledger: LedgerUse,
}

/// Applicants without their details.
#[derive(Serialize, Deserialize)]
struct WirePeople {
    /// The fields of each applicant, with the length of each detail in bytes.
    people: Vec<Vec<(Field, usize)>>,
    /// The rules that the user added.
    custom_rules: Vec<Rule>,
}

impl WirePeople {
    fn of(applicants: &Applicants) -> Self {
        let lengths = |own: &Details| {
            let known = |field| Some((field, own.get(field)?.len()));
            Field::ALL.into_iter().filter_map(known).collect()
        };
        Self {
            people: applicants.people().iter().map(lengths).collect(),
            custom_rules: applicants.rules().custom().to_vec(),
        }
    }

    /// Reads the details that follow the passwords.
    fn read(&self, input: &mut impl Read) -> io::Result<Applicants> {
        let mut people = Vec::with_capacity(self.people.len());
        for fields in &self.people {
            let mut details = Details::default();
            for (field, length) in fields {
                details.restore(*field, read_secret(input, *length)?);
            }
            people.push(details);
        }
        let rules = RuleTable::new(self.custom_rules.clone());
        Ok(Applicants::new(people, rules))
    }
}

impl WirePolicy {
    fn from_policy(policy: &Policy) -> Self {
        let candidate = |candidate: &CandidatePassword| {
            (candidate.password.expose().len(), candidate.id.clone())
        };
        Self {
            limits: policy.limits.clone(),
            candidates: policy.candidates.iter().map(candidate).collect(),
            untried: policy.untried,
            people: policy.applicants.as_ref().map(WirePeople::of),
            rule_uses: RuleUses::clone(&policy.rule_uses),
            learnt_forms: LearntForms::clone(&policy.learnt_forms),
            logos: KnownLogos::clone(&policy.logos),
            suggested_bank: policy
                .suggested_bank
                .as_ref()
                .map(|bank| bank.id().to_owned()),
            described_password: policy.described_password.clone(),
            expected_bank: policy
                .expected_bank
                .as_ref()
                .map(|bank| bank.id().to_owned()),
            account_category: policy.account_category.clone(),
            custom_banks: policy.banks.custom_banks().to_vec(),
            requested_period: policy.requested_period,
            period_origin: policy.period_origin,
            anchors: policy.anchors.certificates().to_vec(),
            severities: policy.severities.clone(),
            ledger: policy.ledger,
        }
    }

    /// Returns the policy of the child, which is that of the parent with all engines.
    fn to_policy(
        &self,
        candidates: Vec<CandidatePassword>,
        applicants: Option<Applicants>,
    ) -> Policy {
        let banks = BankRegistry::new(self.custom_banks.clone());
        let bank = |id: &Option<String>| id.as_deref().and_then(|id| banks.by_id(id)).cloned();
        Policy {
            limits: self.limits.clone(),
            candidates,
            untried: self.untried,
            applicants,
            rule_uses: Arc::new(self.rule_uses.clone()),
            learnt_forms: Arc::new(self.learnt_forms.clone()),
            logos: Arc::new(self.logos.clone()),
            suggested_bank: bank(&self.suggested_bank),
            described_password: self.described_password.clone(),
            expected_bank: bank(&self.expected_bank),
            banks,
            account_category: self.account_category.clone(),
            requested_period: self.requested_period,
            period_origin: self.period_origin,
            anchors: TrustAnchors::new(self.anchors.clone()),
            severities: self.severities.clone(),
            engines: Engines::All,
            ledger: self.ledger,
        }
    }
}

impl Request {
    pub(super) fn new(task: Task, policy: &Policy, file_bytes: usize, memory: u64) -> Self {
        Self {
            task,
            policy: WirePolicy::from_policy(policy),
            memory,
            file_bytes,
            parent: std::process::id(),
        }
    }

    /// Returns length and JSON. The [`secrets`] of the policy and the file must follow.
    pub(super) fn head(&self) -> io::Result<Vec<u8>> {
        let json = serde_json::to_vec(self)?;
        let mut head = (json.len() as u64).to_le_bytes().to_vec();
        head.extend_from_slice(&json);
        Ok(head)
    }

    /// Reads a request and the policy of the child.
    ///
    /// `input` must be unbuffered, because a buffer would retain the passwords.
    pub(super) fn read(input: &mut impl Read) -> io::Result<(Self, Policy)> {
        let mut length = [0; 8];
        input.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        if length > MAX_REQUEST_BYTES {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut json = vec![0; length as usize];
        input.read_exact(&mut json)?;
        let request: Self = serde_json::from_slice(&json)?;
        let mut candidates = Vec::with_capacity(request.policy.candidates.len());
        for (length, id) in &request.policy.candidates {
            candidates.push(CandidatePassword {
                password: Password::new(read_secret(input, *length)?.as_str()),
                id: id.clone(),
            });
        }
        let people = request.policy.people.as_ref();
        let applicants = people.map(|people| people.read(input)).transpose()?;
        let policy = request.policy.to_policy(candidates, applicants);
        Ok((request, policy))
    }
}

/// Reads a secret of this length.
fn read_secret(input: &mut impl Read, length: usize) -> io::Result<Zeroizing<String>> {
    let mut secret = Zeroizing::new(vec![0; length]);
    input.read_exact(&mut secret)?;
    // The buffer becomes the text without a copy; on error, it is returned and wiped.
    let secret = String::from_utf8(mem::take(&mut *secret)).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        io::Error::from(io::ErrorKind::InvalidData)
    })?;
    Ok(Zeroizing::new(secret))
}

/// Returns the secrets of a policy in the order in which they follow a request.
pub(super) fn secrets(policy: &Policy) -> impl Iterator<Item = &str> {
    let passwords = policy.candidates.iter().map(|c| c.password.expose());
    let people = policy.applicants.iter().flat_map(Applicants::people);
    let details = people.flat_map(|own| Field::ALL.map(|field| own.get(field)));
    passwords.chain(details.flatten())
}

/// Why the child could not draw a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum DrawFailure {
    Locked,
    Unreadable,
    NoSuchPage,
    Limit(LimitHit),
}

/// Reads the answer to [`Task::Screen`]; `None` if it is invalid.
///
/// Only the identifiers of banks are used. Names and codes come from the parent's registry. A
/// candidate that the parent did not send is left out.
pub(super) fn read_screening(answer: &[u8], policy: &Policy) -> Option<Screening> {
    let screening = serde_json::from_slice::<Screening>(answer).ok()?;
    let mut screening = screening.resolve_banks(&policy.banks)?;
    screening.password_from = screening.password_from.filter(|id| match id {
        CandidateId::Rule(rule) => {
            let applicants = policy.applicants.as_ref();
            applicants.is_some_and(|applicants| applicants.confirms(rule))
        }
        id => policy.candidates.iter().any(|own| own.id == *id),
    });
    Some(screening)
}

/// The start of the answer to [`Task::Draw`]; a line feed and the pixels follow.
#[derive(Serialize, Deserialize)]
struct PictureHead {
    width: u32,
    height: u32,
}

/// Formats the answer to [`Task::Draw`].
pub(super) fn write_picture(drawn: &Result<Picture, DrawFailure>) -> io::Result<Vec<u8>> {
    let head = drawn.as_ref().map(|picture| PictureHead {
        width: picture.width(),
        height: picture.height(),
    });
    let mut answer = serde_json::to_vec(&head)?;
    answer.push(b'\n');
    if let Ok(picture) = drawn {
        answer.extend_from_slice(picture.pixels().as_flattened());
    }
    Ok(answer)
}

/// Parses the output of [`write_picture`].
///
/// Returns `None` if the answer is invalid or the picture is larger than `max_size`.
pub(super) fn read_picture(
    answer: &[u8],
    max_size: PictureSize,
) -> Option<Result<Picture, DrawFailure>> {
    let end = memchr::memchr(b'\n', answer)?;
    let (head, pixels) = answer.split_at_checked(end + 1)?;
    let head = match serde_json::from_slice::<Result<PictureHead, DrawFailure>>(head).ok()? {
        Ok(head) => head,
        Err(failure) => return pixels.is_empty().then_some(Err(failure)),
    };
    if head.width > max_size.width() || head.height > max_size.height() {
        return None;
    }
    let (pixels, rest) = pixels.as_chunks::<3>();
    let picture = Picture::new(head.width, pixels.to_vec())?;
    (rest.is_empty() && picture.height() == head.height).then_some(Ok(picture))
}

/// Formats the answer to [`Task::Text`].
pub(super) fn write_text(read: &Result<String, DrawFailure>) -> io::Result<Vec<u8>> {
    Ok(serde_json::to_vec(read)?)
}

/// Parses the output of [`write_text`]. The text is untrusted.
///
/// Returns `None` if the answer is invalid.
pub(super) fn read_text(answer: &[u8]) -> Option<Result<String, DrawFailure>> {
    serde_json::from_slice(answer).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::applicant::RuleUse;
    use crate::screen::{Code, Finding};
    use crate::statement::{FormKey, Issuer, LearntForm};

    #[test]
    fn a_request_round_trips_and_its_json_contains_no_password() {
        let candidate = |secret: &str, line: usize| CandidatePassword {
            password: Password::new(secret),
            id: CandidateId::PasswordFile(line),
        };
        let mut details = Details::default();
        details.set(Field::Name, "Sécretary Rao").unwrap();
        details.set(Field::Dob, "05/03/1988").unwrap();
        let logo = format!("axis\t{}/250", "01ef".repeat(16));
        let policy = Policy {
            candidates: vec![candidate("sécret", 3), candidate("\"\\ other", 5)],
            untried: 7,
            applicants: Some(Applicants::new(
                vec![details.clone(), Details::default()],
                RuleTable::default(),
            )),
            rule_uses: Arc::new(RuleUses(vec![RuleUse {
                bank: "hdfc".to_owned(),
                producer: String::new(),
                rule: "HDFC:customer_id".to_owned(),
                files: 3,
            }])),
            learnt_forms: Arc::new(LearntForms(vec![LearntForm {
                form: FormKey::parse(&"0f".repeat(16)).unwrap(),
                bank: "hdfc".to_owned(),
                accounts: 3,
                contradictions: 0,
            }])),
            logos: Arc::new(KnownLogos::parse(&logo, &BankRegistry::default()).unwrap()),
            suggested_bank: BankRegistry::default().by_id("axis").cloned(),
            described_password: PasswordDescription::find("password: date of birth"),
            period_origin: PeriodOrigin::Session,
            anchors: TrustAnchors::new(vec![vec![0x30, 0x03, 0xFF]]),
            expected_bank: BankRegistry::default().by_id("hdfc").cloned(),
            severities: SeverityRules {
                strict: true,
                errors: vec![Code::EditedPdf],
                ..SeverityRules::default()
            },
            ..Policy::default()
        };
        let task = Task::Draw {
            page: 3,
            width: 80,
            height: 50,
        };
        let request = Request::new(task, &policy, 5, 1 << 20);
        let head = request.head().unwrap();
        assert!(memchr::memmem::find(&head, "cret".as_bytes()).is_none());
        let sent = [
            &head[..],
            secrets(&policy).collect::<String>().as_bytes(),
            b"%PDF-",
        ]
        .concat();
        let mut rest = sent.as_slice();
        let (parsed, child) = Request::read(&mut rest).unwrap();
        assert_eq!(rest, b"%PDF-");
        assert_eq!(parsed.task, task);
        assert_eq!((parsed.file_bytes, parsed.memory), (5, 1 << 20));
        assert_eq!(child.candidates, policy.candidates);
        assert_eq!(child.applicants, policy.applicants);
        assert_eq!(child.rule_uses, policy.rule_uses);
        assert_eq!(child.learnt_forms, policy.learnt_forms);
        assert_eq!(child.logos, policy.logos);
        assert_eq!(child.suggested_bank, policy.suggested_bank);
        assert_eq!(child.described_password, policy.described_password);
        assert_eq!(
            (child.expected_bank, child.untried),
            (policy.expected_bank, 7)
        );
        assert_eq!(child.severities, policy.severities);
        assert_eq!(child.anchors, policy.anchors);
        assert_eq!(child.engines, Engines::All);
        assert_eq!(child.limits, policy.limits);
    }

    #[test]
    fn the_banks_of_an_answer_come_from_the_registry_of_the_parent() {
        let policy = Policy::default();
        let banks = &policy.banks;
        let mut screening = Screening::not_screened(Finding::note(Code::EditedPdf, "Edited"));
        screening.statement.issuer = Some(Issuer {
            bank: banks.by_id("hdfc").unwrap().clone(),
            confidence: 0.99,
            evidence: vec!["logo".into()],
            alternatives: Vec::new(),
        });
        let answer = serde_json::to_string(&screening).unwrap();
        let forged = answer.replace("HDFC Bank", "Forged Bank");
        assert_ne!(forged, answer);
        assert_eq!(read_screening(forged.as_bytes(), &policy), Some(screening));
        let unknown = answer.replace("\"hdfc\"", "\"unknown\"");
        assert_ne!(unknown, answer);
        assert_eq!(read_screening(unknown.as_bytes(), &policy), None);
        assert_eq!(read_screening(b"", &policy), None);
    }

    #[test]
    fn a_candidate_of_an_answer_must_be_one_of_the_policy() {
        let mut details = Details::default();
        details.set(Field::CustomerId, "77120486").unwrap();
        let applicants = Applicants::new(vec![details], RuleTable::default());
        let rule = CandidateId::Rule(applicants.rule_of(0, None).unwrap());
        let policy = Policy {
            applicants: Some(applicants),
            ..Policy::default()
        };
        let mut screening = Screening::not_screened(Finding::note(Code::EditedPdf, "Edited"));
        screening.password_from = Some(rule.clone());
        let answer = serde_json::to_string(&screening).unwrap();
        let read = |answer: &str| {
            let read = read_screening(answer.as_bytes(), &policy);
            read.unwrap().password_from
        };
        assert_eq!(read(&answer), Some(rule));
        let forged = answer.replace("HDFC:customer_id", "HDFC:secret");
        assert_ne!(forged, answer);
        assert_eq!(read(&forged), None);
        screening.password_from = Some(CandidateId::Manifest(7));
        assert_eq!(read(&serde_json::to_string(&screening).unwrap()), None);
    }

    #[test]
    fn a_picture_round_trips() {
        let max_size = PictureSize::new(2, 3);
        let picture = Picture::new(2, (0..6).map(|n| [n, 10, b'\n']).collect()).unwrap();
        let failure = DrawFailure::Limit(LimitHit::Nesting);
        for drawn in [Ok(picture), Err(failure), Err(DrawFailure::NoSuchPage)] {
            let answer = write_picture(&drawn).unwrap();
            assert_eq!(read_picture(&answer, max_size), Some(drawn));
        }
    }

    #[test]
    fn an_inconsistent_answer_is_rejected() {
        let max_size = PictureSize::new(2, 3);
        let is_rejected = |answer: &[u8]| read_picture(answer, max_size).is_none();
        let head = |width: u64, height: u64| {
            format!("{{\"Ok\":{{\"width\":{width},\"height\":{height}}}}}\n").into_bytes()
        };
        assert!(!is_rejected(&[head(2, 2), vec![0; 12]].concat()));
        assert!(is_rejected(&[head(2, 2), vec![0; 11]].concat()));
        assert!(is_rejected(&[head(2, 2), vec![0; 13]].concat()));
        assert!(is_rejected(&[head(2, 2), vec![0; 18]].concat()));
        assert!(is_rejected(&[head(0, 2), vec![0; 6]].concat()));
        assert!(is_rejected(&head(0, 0)));
        assert!(
            is_rejected(&[head(3, 2), vec![0; 18]].concat()),
            "wider than requested"
        );
        assert!(
            is_rejected(&[head(1, 4), vec![0; 12]].concat()),
            "higher than requested"
        );
        assert!(is_rejected(&head(u64::MAX, 1)));
        assert!(is_rejected(b"{\"Err\":\"Locked\"}\nmore"));
        assert!(is_rejected(b"{\"Err\":\"NoSuchFailure\"}\n"));
        assert!(is_rejected(b""));
    }
}
