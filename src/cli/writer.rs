//! Who writes a journal, according to the environment.

use super::environment::variable;
use super::redact;
use crate::model::{Notation, Undone, Writer};

/// The maximum length of a text from the environment in a journal.
const LONGEST_WRITER: usize = 200;

/// Who writes a journal: this machine, and the job of GitHub or GitLab, if it is one. Only these variables of the
/// environment are kept, without credentials in them.
pub(crate) fn writer(undoes: Option<Undone>) -> Writer {
    let kept = |text: String| {
        let text = redact::leaving(&text, Notation::Text).trim().to_owned();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~/: ()@+,=".contains(c);
        (text.len() <= LONGEST_WRITER && text.chars().all(is_plain)).then_some(text)
    };
    let on_github = || {
        let (server, repository) = (variable("GITHUB_SERVER_URL")?, variable("GITHUB_REPOSITORY")?);
        Some(format!("{server}/{repository}/actions/runs/{}", variable("GITHUB_RUN_ID")?))
    };
    let either = |github: &str, gitlab: &str| variable(github).or_else(|| variable(gitlab)).and_then(kept);
    Writer {
        host: host().and_then(kept),
        job: either("GITHUB_JOB", "CI_JOB_NAME"),
        url: on_github().or_else(|| variable("CI_JOB_URL")).and_then(kept),
        commit: either("GITHUB_SHA", "CI_COMMIT_SHA"),
        undoes,
    }
}

#[cfg(unix)]
fn host() -> Option<String> {
    rustix::system::uname().nodename().to_str().ok().map(str::to_owned)
}

#[cfg(not(unix))]
fn host() -> Option<String> {
    variable("COMPUTERNAME")
}
