//! What the lender knows about an applicant: the passwords that banks derive from it, and the names
//! that a statement's holder is compared with.
//!
//! This module is pure. [`Details`] are secrets: they are wiped from memory on drop, have no
//! readable debug form, and are in no output. A [`RuleTable`] has the rules by which banks form
//! passwords, and [`Applicants`] derives the candidate passwords from both.

mod candidates;
mod description;
mod details;
mod hints;
mod holder_match;
mod name;
mod names_alike;
mod rule_parser;
mod rules;

pub use candidates::{Applicants, DerivedPassword, MAX_TRIED, RuleId};
pub use description::PasswordDescription;
pub use details::{Details, Field, InvalidDetail};
pub use hints::{Hints, RuleUse, RuleUses, producer_key};
pub use holder_match::compare_holders;
pub use rule_parser::{InvalidRule, RuleProblem, parse};
pub use rules::{Document, Rule, RuleTable};
