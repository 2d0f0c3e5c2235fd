//! What ends a run before it has a result: an error with its causes, and the way out.

use super::{Exit, output};
use std::error::Error;
use std::fmt::Write as _;

/// A run that ends without a result.
#[derive(Debug)]
pub(super) struct Failure {
    exit: Exit,
    messages: Vec<String>,
    hint: Option<String>,
}

impl Failure {
    /// A failure with exit code 1.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, messages: vec![message.into()], hint: None }
    }

    /// Wrong usage.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self::new(message).exit(Exit::Usage)
    }

    /// A failure whose error was told already.
    pub(super) fn told(exit: Exit) -> Self {
        Self { exit, messages: Vec::new(), hint: None }
    }

    /// An error with all its causes.
    pub(super) fn of(error: &dyn Error) -> Self {
        let mut failure = Self::new(error.to_string());
        let mut cause = error.source();
        while let Some(error) = cause {
            failure.messages.push(error.to_string());
            cause = error.source();
        }
        failure
    }

    /// The same as the cause of something larger.
    pub(super) fn context(mut self, message: impl Into<String>) -> Self {
        self.messages.insert(0, message.into());
        self
    }

    /// The same with one more cause.
    pub(super) fn because(mut self, cause: impl Into<String>) -> Self {
        self.messages.push(cause.into());
        self
    }

    /// The same with another exit code.
    pub(super) fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// The same with a way out.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with a way out, where there is one.
    pub(super) fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }

    /// Tells the failure and gives its exit code.
    pub(super) fn report(self) -> Exit {
        let mut text = String::new();
        // Writing to a string cannot fail.
        for (index, message) in self.messages.iter().enumerate() {
            let label = if index == 0 { "error" } else { "  caused by" };
            let _ = writeln!(text, "{label}: {}", crate::render::clean(message));
        }
        if let Some(hint) = &self.hint {
            let _ = writeln!(text, "\nhint: {}", crate::render::clean(hint));
        }
        output::say(&text);
        self.exit
    }
}
