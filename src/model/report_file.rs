//! A feedback report as a file says it: what is sent is what is written there.

use super::{AccountId, Place, Report, ZoneId, ZoneName};

/// A checked report of a file, and the zone it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportFile {
    /// The file, relative to the current folder, with `/`.
    pub file: String,
    /// The zone.
    pub zone: ZoneName,
    /// The id that pins the zone's identity.
    pub zone_id: Option<ZoneId>,
    /// The account, where two hold the same name.
    pub account_id: Option<AccountId>,
    /// Where the zone is named.
    pub place: Place,
    /// The report: exactly the members that are sent.
    pub report: Report,
}
