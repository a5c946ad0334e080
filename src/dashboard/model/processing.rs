//! Sessions whose uploads have ended: the service processes them.

/// A session to process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessingRequest {
    /// The session ID.
    pub session: String,
    /// What the user calls it: its reference, or the name of its case. Untrusted text.
    pub name: String,
}

/// How far the processing of a session is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProcessingState {
    /// It was requested.
    Started,
    /// This many statements are processed, of all.
    Progress(usize, usize),
    /// A query failed, and is repeated; why. Untrusted text.
    Retrying(String),
    /// All accounts were completed; their number in words.
    Completed(String),
    /// The service reports failures; which.
    Failed(String),
    /// It can't be followed; why. Untrusted text.
    Stopped(String),
}

impl ProcessingState {
    /// Returns whether the service processes the session as far as is known.
    pub fn is_running(&self) -> bool {
        matches!(self, Self::Started | Self::Progress(..) | Self::Retrying(_))
    }
}

/// The sessions that were processed, the latest last.
#[derive(Debug, Clone, Default)]
pub struct Processings(Vec<(ProcessingRequest, ProcessingState)>);

impl Processings {
    /// Adds a session, or starts it again.
    pub fn start(&mut self, request: ProcessingRequest) {
        self.0.retain(|(known, _)| known.session != request.session);
        self.0.push((request, ProcessingState::Started));
    }

    /// Changes the state of a session, and returns its name.
    pub fn set_state(&mut self, session: &str, state: ProcessingState) -> Option<&str> {
        let known = self
            .0
            .iter_mut()
            .find(|(known, _)| known.session == session);
        let (request, current) = known?;
        *current = state;
        Some(&request.name)
    }

    /// Returns whether no session was processed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the state of a session.
    pub fn state(&self, session: &str) -> Option<&ProcessingState> {
        let known = self.0.iter().find(|(known, _)| known.session == session);
        known.map(|(_, state)| state)
    }

    /// Returns whether a session accepts no more uploads. Whether one whose start failed does, the
    /// service decides.
    pub fn has_ended_uploads(&self, session: &str) -> bool {
        self.state(session)
            .is_some_and(|state| !matches!(state, ProcessingState::Stopped(_)))
    }

    /// Returns the number of sessions that are being processed.
    pub fn running(&self) -> usize {
        self.0
            .iter()
            .filter(|(_, state)| state.is_running())
            .count()
    }

    /// Returns the sum of processed statements, and of all, over the sessions that are being
    /// processed; `None` before the first answer.
    pub fn progress(&self) -> Option<(usize, usize)> {
        let progress = self.0.iter().filter_map(|(_, state)| match state {
            ProcessingState::Progress(done, all) => Some((*done, *all)),
            _ => None,
        });
        progress.reduce(|one, other| (one.0 + other.0, one.1 + other.1))
    }
}
