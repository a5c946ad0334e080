//! Compares the applicant's name with the holder that a statement prints.

use super::names_alike::{is_same, is_similar};
use crate::statement::{HolderMatch, Holders};

/// Titles, in lower case, as words between spaces and dots.
const TITLES: [&str; 18] = [
    "mr", "mrs", "ms", "miss", "dr", "shri", "sri", "shree", "smt", "prof", "kumari", "master",
    "m/s", "messrs", "adv", "er", "ca", "capt",
];
/// Words of firms that many share.
const GENERIC: [&str; 40] = [
    "agencies",
    "agency",
    "associates",
    "bros",
    "brothers",
    "co",
    "company",
    "construction",
    "constructions",
    "corp",
    "corporation",
    "engineering",
    "engineers",
    "enterprise",
    "enterprises",
    "exports",
    "huf",
    "imports",
    "inc",
    "india",
    "industries",
    "infotech",
    "limited",
    "llp",
    "ltd",
    "opc",
    "plc",
    "private",
    "pvt",
    "services",
    "solutions",
    "sons",
    "store",
    "stores",
    "technologies",
    "the",
    "traders",
    "trading",
    "works",
    "of",
];
/// Names that so many applicants share that one alone identifies nobody.
const COMMON: [&str; 36] = [
    "ali",
    "bai",
    "bhai",
    "chauhan",
    "choudhary",
    "das",
    "desai",
    "devi",
    "fernandes",
    "gowda",
    "gupta",
    "iyer",
    "jain",
    "jha",
    "joshi",
    "kaur",
    "khan",
    "kumar",
    "kumari",
    "lal",
    "mehta",
    "mishra",
    "naidu",
    "nair",
    "pandey",
    "patel",
    "patil",
    "prasad",
    "ram",
    "rao",
    "reddy",
    "roy",
    "shah",
    "sharma",
    "singh",
    "yadav",
];
/// What separates the names of joint holders, as words.
const JOINTS: [&str; 9] = ["and", "or", "&", "/", ",", ";", "+", "jt", "joint"];
/// Words after which another holder is named: a parent, a husband, an owner.
const RELATIONS: [&str; 15] = [
    "s/o",
    "d/o",
    "w/o",
    "h/o",
    "c/o",
    "so",
    "wo",
    "prop",
    "proprietor",
    "proprietress",
    "partner",
    "karta",
    "guardian",
    "minor",
    "ug",
];

/// How two names relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Relation {
    /// They share no name.
    Different,
    /// They share a family name, and their other names differ.
    Relatives,
    Uncertain,
    Same,
}

/// Compares the names of applicants with the holders that a statement names.
///
/// One holder who is one of the applicants is enough: accounts have joint holders. Without a holder
/// line that is certain, names can match, but never differ.
pub fn compare_holders<'n>(
    applicants: &(impl Iterator<Item = &'n str> + Clone),
    holders: &Holders,
) -> HolderMatch {
    let relation = |names: &[String]| {
        let pairs = names.iter().flat_map(|holder| {
            let applicants = applicants.clone();
            applicants.map(move |applicant| compare(applicant, holder))
        });
        pairs.max()
    };
    let certain = relation(&holders.certain);
    let labelled = relation(&holders.labelled);
    let other = relation(&holders.possible);
    if certain == Some(Relation::Same) || certain.is_none() && labelled == Some(Relation::Same) {
        return HolderMatch::Matches;
    }
    // A name beside a weak label may be that of a branch or a scheme.
    if certain.is_none() && other == Some(Relation::Same) {
        return HolderMatch::Matches;
    }
    match certain.max(labelled) {
        Some(Relation::Different) => HolderMatch::Differs,
        Some(Relation::Relatives) => HolderMatch::SharesName,
        Some(Relation::Uncertain | Relation::Same) | None => HolderMatch::Unknown,
    }
}

/// Compares an applicant with a holder line, which may name several people.
fn compare(applicant: &str, holder: &str) -> Relation {
    let relations = parts(applicant).into_iter().flat_map(|applicant| {
        let holders = parts(holder).into_iter();
        holders.map(move |holder| compare_names(&applicant, &holder))
    });
    relations.max().unwrap_or(Relation::Uncertain)
}

/// The words of one name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Name {
    /// Words of two or more letters, without titles and generic words of firms.
    words: Vec<String>,
    initials: Vec<char>,
}

/// Returns the names on a line: that of each joint holder, and the whole line, which may be a firm.
fn parts(line: &str) -> Vec<Name> {
    let spaced: String = line
        .to_lowercase()
        .chars()
        .flat_map(|c| {
            let is_separator = matches!(c, '&' | ',' | ';' | '+' | '(' | ')');
            let space = is_separator.then_some(' ');
            space.into_iter().chain([c]).chain(space)
        })
        .collect();
    let words: Vec<&str> = spaced
        .split_whitespace()
        .map(|word| word.trim_matches(['.', ':', '-', '*']))
        .filter(|word| !word.is_empty())
        .collect();
    let mut groups: Vec<Vec<&str>> = vec![Vec::new()];
    // After a relation, the rest of the group is another holder's name.
    let mut is_other = false;
    for word in &words {
        let is_joint = JOINTS.contains(word) || matches!(*word, "(" | ")");
        if is_joint {
            groups.push(Vec::new());
            is_other = false;
        } else if RELATIONS.contains(word) {
            // The name of an owner counts, that of a parent does not.
            is_other = word.contains('/') || matches!(*word, "so" | "wo");
            groups.push(Vec::new());
        } else if !is_other && let Some(group) = groups.last_mut() {
            group.push(word);
        }
    }
    let mut names: Vec<Name> = groups.iter().map(|group| Name::new(group)).collect();
    let is_joint = |word: &&str| JOINTS.contains(word);
    if words.iter().any(is_joint) {
        let whole: Vec<&str> = words
            .iter()
            .copied()
            .filter(|word| !is_joint(word))
            .collect();
        names.push(Name::new(&whole));
    }
    names.retain(|name| *name != Name::default());
    names
}

impl Name {
    fn new(words: &[&str]) -> Self {
        let mut name = Self::default();
        let words = words.iter().filter(|word| !TITLES.contains(word));
        // "mr.ravi" is a title and a name, "s.k.rao" two initials and a name.
        let words = words.flat_map(|word| word.split(['.', '-', '/']));
        for word in words {
            let letters: String = word.chars().filter(|c| c.is_alphabetic()).collect();
            let mut chars = letters.chars();
            match (chars.next(), chars.next()) {
                (Some(initial), None) => name.initials.push(initial),
                (Some(_), Some(_)) => {
                    let word = letters.as_str();
                    if !TITLES.contains(&word) && !GENERIC.contains(&word) {
                        name.words.push(letters);
                    }
                }
                (None, _) => {}
            }
        }
        name
    }

    fn is_latin(&self) -> bool {
        self.words.iter().all(|word| word.is_ascii())
    }
}

/// What two names have in common.
#[derive(Debug, Default)]
struct Overlap {
    /// Words that are in both.
    shared: Vec<String>,
    /// Initials of one that begin words of the other.
    initials: usize,
    /// What is left of each.
    rest: [Name; 2],
}

impl Overlap {
    fn of(a: &Name, b: &Name) -> Self {
        let mut overlap = Self {
            rest: [a.clone(), b.clone()],
            ..Self::default()
        };
        overlap.match_words();
        overlap.match_joined();
        for (own, other) in [(0, 1), (1, 0)] {
            overlap.match_initials(own, other);
        }
        overlap
    }

    fn match_words(&mut self) {
        let [a, b] = &mut self.rest;
        a.words.retain(|word| {
            let found = b.words.iter().position(|other| is_same(word, other));
            if let Some(found) = found {
                b.words.remove(found);
                self.shared.push(word.clone());
            }
            found.is_none()
        });
    }

    /// Matches a word with two words of the other name that are written apart there.
    fn match_joined(&mut self) {
        for (own, other) in [(0, 1), (1, 0)] {
            let (Some(joined), Some(apart)) = (self.rest.get(own), self.rest.get(other)) else {
                continue;
            };
            let found = joined.words.iter().enumerate().find_map(|(index, word)| {
                let pairs = apart.words.windows(2);
                let place = pairs
                    .into_iter()
                    .position(|pair| is_same(word, &pair.concat()));
                Some((index, place?))
            });
            let Some((index, place)) = found else {
                continue;
            };
            if let Some(joined) = self.rest.get_mut(own) {
                self.shared.push(joined.words.remove(index));
            }
            if let Some(apart) = self.rest.get_mut(other) {
                apart.words.drain(place..place + 2);
            }
        }
    }

    fn match_initials(&mut self, own: usize, other: usize) {
        let Some(mut words) = self.rest.get(other).map(|name| name.words.clone()) else {
            return;
        };
        let Some(name) = self.rest.get_mut(own) else {
            return;
        };
        // "rk" may be two initials.
        let glued = |word: &String| word.len() <= 3 && !word.contains(['a', 'e', 'i', 'o', 'u']);
        let split = name.words.iter().filter(|word| glued(word));
        let split: Vec<String> = split.cloned().collect();
        for word in split {
            let mut left = words.clone();
            let all = word.chars().all(|initial| take_word(&mut left, initial));
            if all && !words.is_empty() {
                self.initials += word.len();
                name.words.retain(|known| *known != word);
                words = left;
            }
        }
        name.initials.retain(|initial| {
            let is_matched = take_word(&mut words, *initial);
            self.initials += usize::from(is_matched);
            !is_matched
        });
        if let Some(name) = self.rest.get_mut(other) {
            name.words = words;
        }
        self.match_equal_initials();
    }

    /// Removes the initials that both names have.
    fn match_equal_initials(&mut self) {
        let [a, b] = &mut self.rest;
        a.initials.retain(|initial| {
            let found = b.initials.iter().position(|other| other == initial);
            if let Some(found) = found {
                b.initials.remove(found);
                self.initials += 1;
            }
            found.is_none()
        });
    }
}

/// Removes the first word that begins with an initial, and returns whether there was one.
fn take_word(words: &mut Vec<String>, initial: char) -> bool {
    let found = words.iter().position(|word| word.starts_with(initial));
    if let Some(found) = found {
        words.remove(found);
    }
    found.is_some()
}

fn compare_names(a: &Name, b: &Name) -> Relation {
    if a.words.is_empty() || b.words.is_empty() || a.is_latin() != b.is_latin() {
        return Relation::Uncertain;
    }
    let overlap = Overlap::of(a, b);
    let [rest_a, rest_b] = &overlap.rest;
    let is_common = |word: &String| COMMON.iter().any(|common| is_same(word, common));
    if overlap.shared.is_empty() {
        let pairs = || {
            a.words
                .iter()
                .flat_map(|a| b.words.iter().map(move |b| (a, b)))
        };
        let may_match = pairs().any(|(a, b)| is_similar(a, b)) || is_similar_joined(a, b);
        return if may_match {
            Relation::Uncertain
        } else {
            Relation::Different
        };
    }
    let is_contained = rest_a.words.is_empty() || rest_b.words.is_empty();
    if !is_contained {
        let mut pairs = rest_a
            .words
            .iter()
            .flat_map(|a| rest_b.words.iter().map(move |b| (a, b)));
        let may_match = pairs.any(|(a, b)| is_similar(a, b));
        // A shared given name can be that of the same holder with another family name.
        let is_family_name = overlap.shared.iter().all(is_common);
        return if is_family_name && !may_match {
            Relation::Relatives
        } else {
            Relation::Uncertain
        };
    }
    // An initial that begins no word of the other name contradicts the words left there.
    let contradicts =
        |initials: &Name, words: &Name| !initials.initials.is_empty() && !words.words.is_empty();
    if contradicts(rest_a, rest_b) || contradicts(rest_b, rest_a) {
        return Relation::Uncertain;
    }
    let evidence = overlap.shared.len() + overlap.initials;
    let identifies = overlap.shared.iter().any(|word| !is_common(word));
    if evidence >= 2 || identifies || a == b {
        Relation::Same
    } else {
        Relation::Uncertain
    }
}

/// Returns whether the names are alike when all their words are written together.
fn is_similar_joined(a: &Name, b: &Name) -> bool {
    let (a, b) = (a.words.concat(), b.words.concat());
    is_same(&a, &b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, &str)], expected: Option<bool>) {
        for (applicant, holder) in cases {
            let holders = Holders {
                certain: vec![holder.to_lowercase()],
                ..Holders::default()
            };
            let found = compare_holders(&[*applicant].into_iter(), &holders);
            assert_eq!(
                found.verdict(),
                expected,
                "{applicant} / {holder}: {found:?}"
            );
        }
    }

    #[test]
    fn spellings_of_one_name_match() {
        check(
            &[
                ("Ramesh Kumar", "MR RAMESH KUMAR"),
                ("Ramesh Kumar", "KUMAR RAMESH"),
                ("Ramesh Kumar", "R KUMAR"),
                ("Ramesh Kumar", "RAMESH K"),
                ("Ramesh Kumar Sharma", "R.K. SHARMA"),
                ("Ramesh Kumar Sharma", "RK SHARMA"),
                ("Ramesh Kumar Sharma", "RAMESH SHARMA"),
                ("S. K. Anandan", "ANANDAN S K"),
                ("S. K. Anandan", "MR. ANANDAN"),
                ("Laxmi Narayan", "LAKSHMI NARAYAN"),
                ("Mohammad Rafi Shaikh", "MOHD RAFI SHEIKH"),
                ("Sangeeta Chaudhary", "Sangita Chowdhury"),
                ("Ram Kumar Verma", "RAMKUMAR VERMA"),
                ("Ramkumar Verma", "RAM KUMAR VERMA"),
                ("Meera D'Costa", "MEERA DCOSTA"),
                ("Asha Rao", "RAVI RAO & ASHA RAO"),
                ("Asha Rao", "MR RAVI RAO AND MRS ASHA RAO"),
                ("Asha Rao", "ASHA RAO W/O RAVI RAO"),
                ("Mr. Ravi Rao", "RAVI RAO S/O KRISHNA RAO"),
                ("Rao Traders Pvt. Ltd.", "M/S RAO TRADERS PRIVATE LIMITED"),
                ("Tulsi & Sons", "TULSI AND SONS"),
                ("Tulsi Granites", "M/S TULSI GRANITES PROP RAVI MANE"),
                ("Ravi Mane", "M/S TULSI GRANITES PROP RAVI MANE"),
                ("Smt. Lata Hegde", "LATA P HEGDE"),
                ("Rajesh", "RAJESH VAIDYA"),
                ("Dr. Om Roy", "OM ROY"),
                ("Md. Irfan", "MOHAMMED IRFAN"),
            ],
            Some(true),
        );
    }

    #[test]
    fn other_people_do_not_match() {
        check(
            &[
                ("Ramesh Kumar", "SUNITA VERMA"),
                ("Ramesh Kumar", "SURESH KUMAR"),
                ("Anil Kumar Gupta", "SUNIL KUMAR GUPTA"),
                ("Gupta Enterprises", "VERMA ENTERPRISES"),
                ("Asha Rao", "MR RAVI MANE S/O ASHOK MANE"),
                ("Ravi Mane", "M/S TULSI GRANITES"),
            ],
            Some(false),
        );
    }

    #[test]
    fn names_that_agree_in_part_are_uncertain() {
        check(
            &[
                ("Ramesh Kumar", "RAKESH KUMAR"),
                ("Priya Deshpande", "PRIYA KULKARNI"),
                ("Ramesh Kumar", "S KUMAR"),
                ("Ramesh Sharma", "SHARMA TRADERS"),
                ("Satish Kumar", "S K"),
                ("Ramesh Kumar", "रमेश कुमार"),
            ],
            None,
        );
    }

    #[test]
    fn names_differ_only_if_a_holder_line_is_certain() {
        let compare = |certain: &[&str], labelled: &[&str], possible: &[&str]| {
            let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            let holders = Holders {
                certain: list(certain),
                labelled: list(labelled),
                possible: list(possible),
            };
            compare_holders(&["Asha Rao", "Ravi Rao"].into_iter(), &holders)
        };
        assert_eq!(compare(&[], &[], &[]), HolderMatch::Unknown);
        assert_eq!(compare(&[], &[], &["sunita verma"]), HolderMatch::Unknown);
        assert_eq!(compare(&[], &[], &["asha rao"]), HolderMatch::Matches);
        assert_eq!(
            compare(&[], &["main branch"], &["ravi rao"]),
            HolderMatch::Matches
        );
        assert_eq!(
            compare(&["sunita verma"], &[], &["asha rao"]),
            HolderMatch::Differs
        );
        assert_eq!(
            compare(&["sunita verma", "ravi rao"], &[], &[]),
            HolderMatch::Matches
        );
        assert_eq!(compare(&["suresh rao"], &[], &[]), HolderMatch::SharesName);
    }
}
