//! The rules that reports for machines name: a stable word for each kind of message.

use crate::model::DiagnosticKind;

/// A rule: its word, and what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule(pub(crate) &'static str);

impl Rule {
    pub(crate) const LOOSENS: Self = Self("loosens");
    pub(crate) const SHUTS_OUT: Self = Self("shuts-out");
    pub(crate) const CHANGE: Self = Self("change");
    pub(crate) const CHANGED_OUTSIDE: Self = Self("changed-outside");
    pub(crate) const DRIFT: Self = Self("drift");
    pub(crate) const OUTCOME: Self = Self("outcome");
    pub(crate) const COVERAGE: Self = Self("coverage");
    pub(crate) const STALE: Self = Self("stale");
    pub(crate) const TEMPORARY: Self = Self("temporary");
    pub(crate) const UNREAD: Self = Self("unread");
    pub(crate) const UNREPORTED: Self = Self("unreported");
    pub(crate) const WAIVER: Self = Self("waiver");
    pub(crate) const WEAKENED: Self = Self("weakened");
}

/// All rules, in the order of their words.
pub(crate) const RULES: [(&str, &str); 32] = [
    ("change", "A setting differs from its zone file"),
    ("changed-outside", "A value that no file manages, or a zone, differs from an earlier snapshot"),
    ("connection", "The API could not be reached, or its reply could not be read"),
    ("coverage", "A zone that no file manages, or a file whose zone is gone"),
    ("credentials", "The credentials are not accepted"),
    ("drift", "A setting was changed outside of the zone files"),
    ("file", "A file is not valid"),
    ("guard", "A limit of the project, or protection of the zone"),
    ("held", "A change is held, because it would undo what somebody tightened by hand"),
    ("identity", "A zone is not the one that its file means"),
    ("interrupted", "The run was stopped"),
    ("left-management", "A setting or a zone that the files no longer manage"),
    ("loosens", "A change loosens protection"),
    ("moved", "The zone changed after it was planned"),
    ("needs", "A value needs another setting to have a certain value"),
    ("no-effect", "A setting has no effect, given the other settings"),
    ("not-available", "The zone does not have the setting"),
    ("not-entitled", "The zone's Cloudflare plan does not include the value"),
    ("other", "Another message"),
    ("outcome", "A zone that was not written as planned"),
    ("permission", "The credentials lack a permission"),
    ("policy", "A rule of the project is broken"),
    ("shuts-out", "A change shuts out search engines"),
    ("stale", "A setting that an earlier plan variant left behind"),
    ("temporary", "A temporary value, with its last day"),
    ("throttled", "Too many requests"),
    ("unapproved", "A change that no approved plan holds"),
    ("unread", "The zone could not be read"),
    ("unreported", "A setting that is sent although GET does not report it"),
    ("variant", "The zone has another plan variant than its file says"),
    ("waiver", "A known deviation that its file accepts, or whose waiver has ended"),
    ("weakened", "A rule of the project or of a zone is softer than before"),
];

impl From<DiagnosticKind> for Rule {
    fn from(kind: DiagnosticKind) -> Self {
        Self(match kind {
            DiagnosticKind::File => "file",
            DiagnosticKind::Identity => "identity",
            DiagnosticKind::Variant => "variant",
            DiagnosticKind::NotAvailable => "not-available",
            DiagnosticKind::Needs => "needs",
            DiagnosticKind::NoEffect => "no-effect",
            DiagnosticKind::NotEntitled => "not-entitled",
            DiagnosticKind::Credentials => "credentials",
            DiagnosticKind::Permission => "permission",
            DiagnosticKind::Throttled => "throttled",
            DiagnosticKind::Connection => "connection",
            DiagnosticKind::Stale => "stale",
            DiagnosticKind::Waiver => "waiver",
            DiagnosticKind::Held => "held",
            DiagnosticKind::Unapproved => "unapproved",
            DiagnosticKind::Policy => "policy",
            DiagnosticKind::Guard => "guard",
            DiagnosticKind::LeftManagement => "left-management",
            DiagnosticKind::Moved => "moved",
            DiagnosticKind::Interrupted => "interrupted",
            DiagnosticKind::Other => "other",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_a_rule() {
        assert!(RULES.is_sorted());
        let of_kinds =
            [DiagnosticKind::File, DiagnosticKind::NotAvailable, DiagnosticKind::Other].map(Rule::from);
        let own = [
            Rule::LOOSENS,
            Rule::SHUTS_OUT,
            Rule::CHANGE,
            Rule::CHANGED_OUTSIDE,
            Rule::DRIFT,
            Rule::OUTCOME,
            Rule::COVERAGE,
            Rule::STALE,
            Rule::TEMPORARY,
            Rule::UNREAD,
            Rule::UNREPORTED,
            Rule::WAIVER,
            Rule::WEAKENED,
        ];
        for Rule(word) in of_kinds.into_iter().chain(own) {
            assert!(RULES.iter().any(|(known, _)| *known == word), "{word}");
        }
    }
}
