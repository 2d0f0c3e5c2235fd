//! Why a change that a plan shows is not written, and the message about it.

use crate::diff::{Row, Verdict};
use crate::model::{Diagnostic, DiagnosticKind};
use crate::plan::{Protected, ZonePlan};

/// Why a change is not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NotWritten<'a> {
    /// No approved plan holds it.
    Unapproved(&'a str),
    /// It would undo what somebody tightened by hand, or it waits for an approved run.
    Held(&'a str),
    /// The zone is protected.
    Protected(&'a str, Option<jiff::civil::Date>),
}

impl<'a> NotWritten<'a> {
    /// Why a row of a zone is not written; `None` if it would be, or does not differ.
    pub(crate) fn of(row: &'a Row, zone: &'a ZonePlan) -> Option<Self> {
        let protected = zone.protected.as_ref();
        match (&row.verdict, protected) {
            (Verdict::Unapproved(why), _) => Some(Self::Unapproved(why)),
            (Verdict::Held(why), _) => Some(Self::Held(why)),
            (Verdict::Change, Some(Protected { reason, until })) => Some(Self::Protected(reason, *until)),
            _ => None,
        }
    }
}

/// The message about a row that is held or not approved, with what to do about it.
pub(crate) fn said_of<'z>(row: &Row, zone: &'z ZonePlan) -> Option<&'z Diagnostic> {
    let kind = match row.verdict {
        Verdict::Held(_) => DiagnosticKind::Held,
        Verdict::Unapproved(_) => DiagnosticKind::Unapproved,
        _ => return None,
    };
    // A message about a single row has its place, one about several rows has none.
    let place = row.wanted.as_ref().map(|wanted| wanted.place);
    zone.notes.iter().find(|said| said.kind == kind && (said.place.is_none() || said.place == place))
}
