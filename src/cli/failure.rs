//! What ends a run before it has a result: an error with its causes, and a hint.

use super::output::{Level, Notice};
use crate::model::Diagnostic;
use crate::render::Check;
use crate::report::Ending;
use std::error::Error;

/// A run that ends without a result.
#[derive(Debug)]
pub(crate) struct Failure {
    ending: Ending,
    messages: Vec<String>,
    hint: Option<String>,
    /// What was shown already.
    problems: Vec<Diagnostic>,
}

impl Failure {
    /// A failure with exit code 1.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { ending: Ending::Failed, messages: vec![message.into()], hint: None, problems: Vec::new() }
    }

    /// Wrong usage.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(message).ending(Ending::Usage)
    }

    /// A failure whose errors were shown already.
    pub(crate) fn shown(ending: Ending) -> Self {
        Self { ending, messages: Vec::new(), hint: None, problems: Vec::new() }
    }

    /// Adds the problems that were shown, for the outputs of the run.
    pub(crate) fn with_problems(self, problems: &[Diagnostic]) -> Self {
        Self { problems: problems.to_vec(), ..self }
    }

    /// How the run ended.
    pub(crate) fn ended(&self) -> Ending {
        self.ending
    }

    /// Everything that it says, as messages.
    pub(crate) fn diagnostics(&self) -> Vec<Diagnostic> {
        let own = (!self.messages.is_empty())
            .then(|| Diagnostic::error(self.messages.join(": ")).maybe_hint(self.hint.clone()));
        self.problems.iter().cloned().chain(own).collect()
    }

    /// An error with all its causes.
    pub(crate) fn of(error: &dyn Error) -> Self {
        let mut failure = Self::new(error.to_string());
        let mut cause = error.source();
        while let Some(error) = cause {
            failure.messages.push(error.to_string());
            cause = error.source();
        }
        failure
    }

    /// Puts a message in front, of which this is the cause.
    pub(crate) fn context(mut self, message: impl Into<String>) -> Self {
        self.messages.insert(0, message.into());
        self
    }

    /// Adds a cause.
    pub(crate) fn because(mut self, cause: impl Into<String>) -> Self {
        self.messages.push(cause.into());
        self
    }

    /// Sets the ending.
    pub(crate) fn ending(mut self, ending: Ending) -> Self {
        self.ending = ending;
        self
    }

    /// Sets the hint.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        self.maybe_hint(Some(hint.into()))
    }

    /// Sets or removes the hint.
    pub(crate) fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }

    /// Sets the hint if there is none.
    pub(crate) fn or_hint(self, hint: &str) -> Self {
        let hint = self.hint.clone().or_else(|| Some(hint.to_owned()));
        self.maybe_hint(hint)
    }

    /// The failure as a check that failed.
    pub(crate) fn into_check(self, name: &'static str) -> Check {
        Check::failed(name, self.messages.join(": ")).maybe_hint(self.hint)
    }

    /// Shows the failure on stderr and returns its ending.
    pub(crate) fn report(self) -> Ending {
        if let Some((first, causes)) = self.messages.split_first() {
            let message = Notice::new(Level::Error, first).maybe_hint(self.hint.as_deref());
            causes.iter().fold(message, |message, cause| message.line(format!("caused by: {cause}"))).say();
        }
        self.ending
    }
}
