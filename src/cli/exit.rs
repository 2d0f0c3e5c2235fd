//! The exit codes, the same in every output format.

use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: in sync, or applied.
    Done,
    /// 1: failed, nothing usable.
    Failed,
    /// 2: changes are pending (`--detailed-exitcode` only).
    Changes,
    /// 3: some zones failed, the rest is reported or applied.
    Partial,
    /// 4: refused, the plan is stale.
    Stale,
    /// 5: refused by a guard, a policy, or because a plan file fails its checks.
    Refused,
    /// 64: wrong usage.
    Usage,
}

impl Exit {
    /// All of them, by number.
    pub const ALL: &'static [Self] =
        &[Self::Done, Self::Failed, Self::Changes, Self::Partial, Self::Stale, Self::Refused, Self::Usage];

    /// What it means.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "in sync, or applied",
            Self::Failed => "failed, nothing usable",
            Self::Changes => "changes pending (`--detailed-exitcode` only)",
            Self::Partial => "partial: some zones failed or are blocked, the rest is reported or applied",
            Self::Stale => "refused: the plan is stale",
            Self::Refused => "refused: a guard, a policy, or a plan file that fails its checks",
            Self::Usage => "wrong usage",
        }
    }

    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Changes => 2,
            Self::Partial => 3,
            Self::Stale => 4,
            Self::Refused => 5,
            Self::Usage => 64,
        }
    }

    /// The code of a run with failures beside what is usable.
    #[must_use]
    pub const fn of_failures(failures: usize, usable: usize) -> Self {
        match (failures, usable) {
            (0, _) => Self::Done,
            (_, 0) => Self::Failed,
            (_, _) => Self::Partial,
        }
    }

    /// The same with `--detailed-exitcode`, which only turns a 0 into a 2.
    #[must_use]
    pub const fn detailed(self, has_changes: bool) -> Self {
        match self {
            Self::Done if has_changes => Self::Changes,
            exit => exit,
        }
    }

    /// The same for a run whose result could not be written: nothing usable came out of a success.
    #[must_use]
    pub const fn lost(self) -> Self {
        match self {
            Self::Done | Self::Changes => Self::Failed,
            exit => exit,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detailed_exit_code_changes_nothing_but_a_success() {
        assert_eq!(Exit::Done.detailed(true), Exit::Changes);
        assert_eq!(Exit::Done.detailed(false), Exit::Done);
        for exit in [Exit::Failed, Exit::Partial, Exit::Stale, Exit::Refused, Exit::Usage] {
            assert_eq!((exit.detailed(true), exit.lost()), (exit, exit));
        }
        assert_eq!((Exit::Done.lost(), Exit::Changes.lost()), (Exit::Failed, Exit::Failed));
    }
}
