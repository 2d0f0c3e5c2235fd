//! What a rule did to a request, by the many words of the analytics.

/// What an action means for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ActionKind {
    /// It had to solve a challenge.
    Challenged,
    /// It was refused.
    Blocked,
    /// Its challenge was solved, so that it went on.
    Solved,
    /// Its challenge was not solved.
    Failed,
    /// It was led into, or followed, a maze of generated pages.
    Maze,
    /// It went on: an exception, a log entry, or an earlier challenge that still counts.
    Passed,
    /// A word that this version does not know.
    Other,
}

impl ActionKind {
    /// Whether the request was kept from the site.
    #[must_use]
    pub(crate) const fn stops(self) -> bool {
        matches!(self, Self::Challenged | Self::Blocked)
    }
}

/// The meaning of an action.
#[must_use]
pub(crate) fn action_kind(word: &str) -> ActionKind {
    let is_challenge = |word: &str| matches!(word, "challenge" | "jschallenge" | "managed_challenge");
    match word {
        "block" => ActionKind::Blocked,
        "skip" | "allow" | "log" => ActionKind::Passed,
        "link_maze_injected" | "link_maze_visited" => ActionKind::Maze,
        word if is_challenge(word) => ActionKind::Challenged,
        word if word.ends_with("_solved") => ActionKind::Solved,
        word if word.ends_with("_failed") => ActionKind::Failed,
        word if word.ends_with("_bypassed") || word.ends_with("_skipped") => ActionKind::Passed,
        _ => ActionKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_action_has_a_meaning() {
        for (word, kind) in [
            ("managed_challenge", ActionKind::Challenged),
            ("jschallenge", ActionKind::Challenged),
            ("challenge_solved", ActionKind::Solved),
            ("managed_challenge_non_interactive_solved", ActionKind::Solved),
            ("managed_challenge_interactive_solved", ActionKind::Solved),
            ("jschallenge_failed", ActionKind::Failed),
            ("managed_challenge_bypassed", ActionKind::Passed),
            ("managed_challenge_skipped", ActionKind::Passed),
            ("block", ActionKind::Blocked),
            ("log", ActionKind::Passed),
            ("link_maze_visited", ActionKind::Maze),
            ("something_new", ActionKind::Other),
        ] {
            assert_eq!(action_kind(word), kind, "{word}");
        }
    }
}
