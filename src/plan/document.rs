//! The plan of a run.

use super::{Summary, ZonePlan};
use crate::model::{Digest, Input};

/// What a run would write, zone by zone, and all that it was made from.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Plan {
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// The address of the API it was made against.
    pub api: String,
    /// The files it was made from, by path.
    pub inputs: Vec<Input>,
    /// The zones, by name.
    pub zones: Vec<ZonePlan>,
    /// The digest of the document it was read from: that may have members which this version does not know.
    pub(super) read_as: Option<Digest>,
}

impl Plan {
    /// Builds a plan; the order in which zones were read leaves no trace.
    pub fn build(created_at: String, api: String, mut inputs: Vec<Input>, mut zones: Vec<ZonePlan>) -> Self {
        inputs.sort();
        zones.sort_by(|one, two| (&one.zone, &one.file).cmp(&(&two.zone, &two.file)));
        Self { created_at, api, inputs, zones, read_as: None }
    }

    /// The same plan, as it was read from a document of that digest.
    pub(super) fn with_digest(mut self, digest: Digest) -> Self {
        self.read_as = Some(digest);
        self
    }

    /// The counts.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(&self.zones)
    }

    /// The digest that a reviewer approves: over the whole document but digest, time and tool version.
    #[must_use]
    pub fn digest(&self) -> Digest {
        match &self.read_as {
            Some(digest) => digest.clone(),
            None => super::write::digest_of(self),
        }
    }

    /// The zones that would be written.
    pub fn changing(&self) -> impl Iterator<Item = &ZonePlan> {
        self.zones.iter().filter(|zone| zone.status() == super::Status::Change)
    }
}
