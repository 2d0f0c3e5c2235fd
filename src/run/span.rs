//! The `tracing` spans: one for each run and, within it, one for each zone, so that every log line names its zone.

use crate::model::ZoneId;
use tracing::{Span, info_span};

/// The span of the work on one zone.
pub(super) fn span(name: &str, id: Option<&ZoneId>) -> Span {
    info_span!("zone", zone.id = id.map(ZoneId::as_str), zone.name = name)
}
