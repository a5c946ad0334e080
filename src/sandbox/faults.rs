//! Failures on purpose: which there are, how often, and on which call.

use std::str::FromStr;

/// What goes wrong with one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The connection is reset when the head of the request has come.
    ResetBeforeBody,
    /// The connection is reset when half of the body has come.
    ResetDuringBody,
    /// The request is acted on, then the connection is reset.
    ResetAfterBody,
    /// Half of the body is read, and then nothing more, nor is anything said.
    StallBody,
    /// 429 with a second to wait. Not acted on.
    TooManyRequests,
    /// 503 with a date to wait for. Not acted on.
    Unavailable,
    /// 503 without a time. Not acted on.
    UnavailableBare,
    /// 500 with nothing in it. Not acted on.
    ServerError,
    /// Acted on, and then 502 with a page of a gateway.
    BadGateway,
    /// Acted on, and then 504.
    GatewayTimeout,
    /// Acted on, and then an answer of a byte a second.
    Slow,
    /// Acted on, and then an answer that does not end.
    Endless,
    /// Acted on, and then an answer that breaks off.
    Cut,
    /// Acted on, and then 200 with something else than JSON.
    Nonsense,
    /// Sent elsewhere. Not acted on.
    Redirect,
    /// Acted on, and then silence.
    Hang,
}

impl Fault {
    const NAMES: [(&str, Self); 16] = [
        ("reset-before-body", Self::ResetBeforeBody),
        ("reset-during-body", Self::ResetDuringBody),
        ("reset-after-body", Self::ResetAfterBody),
        ("stall-body", Self::StallBody),
        ("429", Self::TooManyRequests),
        ("503", Self::Unavailable),
        ("503-bare", Self::UnavailableBare),
        ("500", Self::ServerError),
        ("502", Self::BadGateway),
        ("504", Self::GatewayTimeout),
        ("slow", Self::Slow),
        ("endless", Self::Endless),
        ("cut", Self::Cut),
        ("nonsense", Self::Nonsense),
        ("redirect", Self::Redirect),
        ("hang", Self::Hang),
    ];

    /// Whether the request is acted on before it goes wrong.
    pub(super) fn acts(self) -> bool {
        match self {
            Self::ResetAfterBody
            | Self::BadGateway
            | Self::GatewayTimeout
            | Self::Slow
            | Self::Endless
            | Self::Cut
            | Self::Nonsense
            | Self::Hang => true,
            Self::ResetBeforeBody
            | Self::ResetDuringBody
            | Self::StallBody
            | Self::TooManyRequests
            | Self::Unavailable
            | Self::UnavailableBare
            | Self::ServerError
            | Self::Redirect => false,
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        let found = Self::NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, fault)| *fault)
    }
}

/// Why a text is no fault.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FaultError {
    /// There is no such fault.
    #[error("there is no fault {0:?}; known are {known}", known = FaultPlan::names())]
    Name(String),
    /// The rate is no number from 0 to 1.
    #[error("{0:?} is no rate between 0 and 1")]
    Rate(String),
    /// Something else than `any` behind the rate.
    #[error("{0:?} is no scope: leave it out for uploads only, or write any")]
    Scope(String),
    /// All rates together exceed one.
    #[error("the rates add up to more than 1")]
    Sum,
}

/// Which calls fail, and how.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FaultPlan(Vec<Planned>);

#[derive(Debug, Clone, PartialEq)]
struct Planned {
    fault: Fault,
    rate: f64,
    /// Whether calls other than uploads are hit too.
    any_call: bool,
}

/// One fault: `NAME:RATE`, or `NAME:RATE:any` to hit calls other than uploads too.
impl FromStr for Planned {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (name, rest) = text.split_once(':').unwrap_or((text, "1"));
        let (rate, scope) = rest.split_once(':').unwrap_or((rest, ""));
        let fault = Fault::named(name).ok_or_else(|| FaultError::Name(name.to_owned()))?;
        let number = rate.parse().ok().filter(|rate| (0.0..=1.0).contains(rate));
        if !matches!(scope, "" | "any") {
            return Err(FaultError::Scope(scope.to_owned()));
        }
        Ok(Self {
            fault,
            rate: number.ok_or_else(|| FaultError::Rate(rate.to_owned()))?,
            any_call: scope == "any",
        })
    }
}

impl FaultPlan {
    /// Reads faults, each `NAME:RATE` or `NAME:RATE:any`; the rates of all are chances per call.
    ///
    /// # Errors
    ///
    /// The first text that is none, or rates that add up to more than 1.
    pub fn parse<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> Result<Self, FaultError> {
        let planned = texts.into_iter().map(|text| text.as_ref().parse());
        let planned: Vec<Planned> = planned.collect::<Result<_, _>>()?;
        let sum: f64 = planned.iter().map(|planned| planned.rate).sum();
        // A little room for sums such as 0.1 taken ten times.
        if sum > 1.0 + 1e-9 {
            return Err(FaultError::Sum);
        }
        Ok(Self(planned))
    }

    /// The names of all faults.
    pub fn names() -> String {
        Fault::NAMES.map(|(name, _)| name).join(", ")
    }

    /// What goes wrong with the `number`th call; the same seed and number give the same answer.
    pub(super) fn roll(&self, seed: u64, number: u64, is_upload: bool) -> Option<Fault> {
        let mut dice = fastrand::Rng::with_seed(seed.rotate_left(32) ^ number);
        let mut left = dice.f64();
        for planned in &self.0 {
            left -= planned.rate;
            if left < 0.0 {
                return (planned.any_call || is_upload).then_some(planned.fault);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_with_their_rates() {
        let plan = FaultPlan::parse(["reset-after-body:0.1", "hang", "503:0:any"]);
        assert_eq!(plan, Err(FaultError::Sum));
        assert!(FaultPlan::parse(["cut:0.5", "slow:0.5:any"]).is_ok());
        let refused = |text| FaultPlan::parse([text]).unwrap_err();
        assert!(matches!(refused("teapot:1"), FaultError::Name(_)));
        assert!(matches!(refused("cut:2"), FaultError::Rate(_)));
        assert!(matches!(refused("cut:NaN"), FaultError::Rate(_)));
        assert!(matches!(refused("cut:1:some"), FaultError::Scope(_)));
    }

    #[test]
    fn luck_follows_seed_and_rate() {
        let plan = FaultPlan::parse(["cut:0.1", "429:0.2:any"]).unwrap();
        let rolls = |seed| (0..1000).map(move |n| (n, seed));
        let uploads: Vec<_> = rolls(7).map(|(n, seed)| plan.roll(seed, n, true)).collect();
        assert_eq!(
            uploads,
            rolls(7)
                .map(|(n, s)| plan.roll(s, n, true))
                .collect::<Vec<_>>()
        );
        assert_ne!(
            uploads,
            rolls(8)
                .map(|(n, s)| plan.roll(s, n, true))
                .collect::<Vec<_>>()
        );
        let count = |fault| uploads.iter().filter(|roll| **roll == Some(fault)).count();
        assert!((60..140).contains(&count(Fault::Cut)));
        assert!((150..250).contains(&count(Fault::TooManyRequests)));
        let others = rolls(7).filter_map(|(n, seed)| plan.roll(seed, n, false));
        assert!(
            others
                .into_iter()
                .all(|fault| fault == Fault::TooManyRequests)
        );
    }
}
