//! The faults that a sandbox can inject, and the plan that selects the calls they hit.

use std::str::FromStr;

/// A failure of one call.
///
/// "Processed" faults let the endpoint handle the request, so an upload is stored although the
/// client receives no usable response. All other faults discard the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Resets the connection after the request head.
    ResetBeforeBody,
    /// Resets the connection after half of the request body.
    ResetDuringBody,
    /// Processed; then resets the connection.
    ResetAfterBody,
    /// Reads half of the request body, then stops reading and never responds.
    StallBody,
    /// Responds 429 with `Retry-After: 1`.
    TooManyRequests,
    /// Responds 503 with a date in `Retry-After`.
    Unavailable,
    /// Responds 503 without `Retry-After`.
    UnavailableBare,
    /// Responds 500 with an empty body.
    ServerError,
    /// Processed; then responds 502 with a gateway's HTML page.
    BadGateway,
    /// Processed; then responds 504 with a gateway's HTML page.
    GatewayTimeout,
    /// Processed; then sends one byte of the response per second.
    Slow,
    /// Processed; then sends a response body that never ends.
    Endless,
    /// Processed; then closes the connection after half of the response body.
    Cut,
    /// Processed; then responds 200 with a body that is not JSON.
    Nonsense,
    /// Redirects to another host.
    Redirect,
    /// Processed; then never responds.
    Hang,
}

/// The kind of an API call, as far as faults distinguish calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CallKind {
    /// A call of the upload endpoint.
    Upload,
    /// A call of any other endpoint.
    Other,
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

    /// Whether the endpoint processes the request before the fault occurs.
    pub(super) fn is_processed(self) -> bool {
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

    /// Returns the fault with the given name.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        let entry = Self::NAMES.iter().find(|(known, _)| *known == name);
        entry.map(|(_, fault)| *fault)
    }
}

/// An invalid fault specification.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FaultError {
    /// The name is unknown.
    #[error("unknown fault {0:?}; expected one of {known}", known = FaultPlan::names())]
    UnknownName(String),
    /// The rate is not a number from 0 to 1.
    #[error("invalid rate {0:?}; expected a number from 0 to 1")]
    InvalidRate(String),
    /// The scope is not `any`.
    #[error("invalid scope {0:?}; expected \"any\", or no scope to hit uploads only")]
    InvalidScope(String),
    /// The sum of all rates exceeds 1.
    #[error("the rates add up to more than 1")]
    RateSum,
}

/// Selects the calls that fail, and how they fail.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FaultPlan(Vec<PlannedFault>);

#[derive(Debug, Clone, PartialEq)]
struct PlannedFault {
    fault: Fault,
    /// The probability per call, from 0 to 1.
    rate: f64,
    /// Whether the fault hits all calls or uploads only.
    all_calls: bool,
}

/// Parses one fault: `NAME` or `NAME:RATE` for uploads, `NAME:RATE:any` for all calls.
impl FromStr for PlannedFault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (name, rest) = text.split_once(':').unwrap_or((text, "1"));
        let (rate, scope) = rest.split_once(':').unwrap_or((rest, ""));
        let fault =
            Fault::from_name(name).ok_or_else(|| FaultError::UnknownName(name.to_owned()))?;
        // The range check also excludes NaN.
        let parsed = rate.parse().ok().filter(|rate| (0.0..=1.0).contains(rate));
        if !matches!(scope, "" | "any") {
            return Err(FaultError::InvalidScope(scope.to_owned()));
        }
        Ok(Self {
            fault,
            rate: parsed.ok_or_else(|| FaultError::InvalidRate(rate.to_owned()))?,
            all_calls: scope == "any",
        })
    }
}

impl FaultPlan {
    /// Parses faults of the form `NAME`, `NAME:RATE` or `NAME:RATE:any`.
    ///
    /// A rate is the probability per call. At most one fault hits a call, so the rates of all
    /// faults may add up to 1 at most.
    ///
    /// # Errors
    ///
    /// Returns an error for the first invalid fault, or if the rates add up to more than 1.
    pub fn parse<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> Result<Self, FaultError> {
        let faults = texts.into_iter().map(|text| text.as_ref().parse());
        let faults: Vec<PlannedFault> = faults.collect::<Result<_, _>>()?;
        let sum: f64 = faults.iter().map(|planned| planned.rate).sum();
        // Tolerate rounding errors: 0.1 added ten times can exceed 1 slightly.
        if sum > 1.0 + 1e-9 {
            return Err(FaultError::RateSum);
        }
        Ok(Self(faults))
    }

    /// Returns the names of all faults, separated by commas.
    pub fn names() -> String {
        Fault::NAMES.map(|(name, _)| name).join(", ")
    }

    /// Returns the fault that hits a call. Equal seeds and call numbers give equal results.
    pub(super) fn select(&self, seed: u64, call_number: u64, kind: CallKind) -> Option<Fault> {
        // Rotate, so that neighbouring seeds and call numbers do not share random numbers.
        let mut random = fastrand::Rng::with_seed(seed.rotate_left(32) ^ call_number);
        // One random number selects among all faults, so that their rates add up.
        let mut remaining = random.f64();
        for planned in &self.0 {
            remaining -= planned.rate;
            if remaining < 0.0 {
                return (planned.all_calls || kind == CallKind::Upload).then_some(planned.fault);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_specifications_are_parsed_and_validated() {
        let plan = FaultPlan::parse(["reset-after-body:0.1", "hang", "503:0:any"]);
        assert_eq!(plan, Err(FaultError::RateSum));
        assert!(FaultPlan::parse(["cut:0.5", "slow:0.5:any"]).is_ok());
        let error = |text| FaultPlan::parse([text]).unwrap_err();
        assert!(matches!(error("teapot:1"), FaultError::UnknownName(_)));
        assert!(matches!(error("cut:2"), FaultError::InvalidRate(_)));
        assert!(matches!(error("cut:NaN"), FaultError::InvalidRate(_)));
        assert!(matches!(error("cut:1:some"), FaultError::InvalidScope(_)));
    }

    #[test]
    fn selection_depends_on_seed_and_rate() {
        let plan = FaultPlan::parse(["cut:0.1", "429:0.2:any"]).unwrap();
        let select = |seed, kind| -> Vec<_> {
            (0..1000)
                .map(|number| plan.select(seed, number, kind))
                .collect()
        };
        let uploads = select(7, CallKind::Upload);
        assert_eq!(uploads, select(7, CallKind::Upload));
        assert_ne!(uploads, select(8, CallKind::Upload));
        let count = |fault| uploads.iter().filter(|hit| **hit == Some(fault)).count();
        assert!((60..140).contains(&count(Fault::Cut)));
        assert!((150..250).contains(&count(Fault::TooManyRequests)));
        let mut other_calls = select(7, CallKind::Other).into_iter().flatten();
        assert!(other_calls.all(|fault| fault == Fault::TooManyRequests));
    }
}
