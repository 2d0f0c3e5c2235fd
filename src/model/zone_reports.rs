//! The feedback reports of one zone, as they were listed.

use super::{Diagnostic, Report, ZoneId};

/// The reports of a zone, or why they could not be listed.
#[derive(Clone, Debug, PartialEq)]
pub struct ZoneReports {
    /// The name of the zone, as the API has it.
    pub zone: String,
    /// Its id.
    pub zone_id: ZoneId,
    /// The id of its account; empty if the API did not say.
    pub account_id: String,
    /// The reports.
    pub reports: Result<Vec<Report>, Diagnostic>,
}
