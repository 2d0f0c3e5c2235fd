//! The requests that scripted faults affect, and their names in a world file.

/// The kind of request that a fault affects; each kind is counted separately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum On {
    Get,
    Put,
    Post,
    GetFeedback,
    Zones,
    Submissions,
    Graphql,
    Audit,
}

impl On {
    /// The words of a zone's faults.
    pub(super) const OF_ZONE: [(&'static str, Self); 4] =
        [("GET", Self::Get), ("PUT", Self::Put), ("POST", Self::Post), ("GET_FEEDBACK", Self::GetFeedback)];

    /// The words of the world's faults.
    pub(super) const OF_WORLD: [(&'static str, Self); 4] = [
        ("ZONES", Self::Zones),
        ("SUBMISSIONS", Self::Submissions),
        ("GRAPHQL", Self::Graphql),
        ("AUDIT", Self::Audit),
    ];

    pub(super) fn word(self) -> &'static str {
        let words = Self::OF_ZONE.into_iter().chain(Self::OF_WORLD);
        words.into_iter().find(|(_, on)| *on == self).map_or("", |(word, _)| word)
    }
}
