//! The spans of `tracing`: one for each run, and in it one for each zone, so that all that is logged names its zone.

use crate::model::ZoneId;
use tracing::{Span, info_span};

/// The span of the work on one zone.
pub(super) fn span(name: &str, id: Option<&ZoneId>) -> Span {
    info_span!("zone", zone.id = id.map(ZoneId::as_str), zone.name = name)
}
