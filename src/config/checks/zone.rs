//! A zone file as the checks see it: its values, each with its place.

use crate::catalogue::{Setting, Value, Variant};
use crate::config::yaml::Cursor;
use crate::model::{StalePolicy, Temporary, Waiver};

/// A setting that a zone file or one of its baselines names, with its value and place.
pub(in crate::config) type Named<'d> = (&'static Setting, Value, Cursor<'d>);

/// A zone file together with its baselines. Unreadable parts are left out.
#[derive(Debug)]
pub(in crate::config) struct ZoneFile<'d> {
    /// The file.
    pub(in crate::config) root: Cursor<'d>,
    pub(in crate::config) plan: Option<Variant>,
    pub(in crate::config) stale: StalePolicy,
    /// The settings of the file and of its baselines, each once.
    pub(in crate::config) settings: Vec<Named<'d>>,
    /// The temporary values, with the places of the setting and of the value.
    pub(in crate::config) temporary: Vec<(Temporary, Cursor<'d>, Cursor<'d>)>,
    /// The waivers, with the place of the setting.
    pub(in crate::config) accept: Vec<(Waiver, Cursor<'d>)>,
    /// Whether all of its baselines could be read.
    pub(in crate::config) is_whole: bool,
}

impl<'d> ZoneFile<'d> {
    /// Whether a value is in the zone file itself, not in a baseline.
    pub(super) fn holds(&self, at: Cursor<'_>) -> bool {
        is_in(at, self.root)
    }

    /// The settings in each period: after all temporary values have ended, and while all of them count.
    pub(super) fn times(&self) -> Vec<Vec<Named<'d>>> {
        let mut meanwhile = self.settings.clone();
        for (Temporary { setting, value, .. }, _, at) in &self.temporary {
            let replaced = meanwhile.iter_mut().find(|(other, ..)| other == setting);
            replaced.into_iter().for_each(|named| *named = (setting, *value, *at));
        }
        let meanwhile = (!self.temporary.is_empty()).then_some(meanwhile);
        std::iter::once(self.settings.clone()).chain(meanwhile).collect()
    }
}

/// Whether two values are in the same file.
pub(super) fn is_in(at: Cursor<'_>, other: Cursor<'_>) -> bool {
    // By identity: the names of two files may be equal, as those of links are.
    std::ptr::eq(at.source(), other.source())
}

/// The file and line of a value.
pub(super) fn place(at: Cursor<'_>) -> String {
    format!("{}:{}", at.source().file(), at.key_place().line)
}
