//! The journal: what a run is about to write, and the outcome.

#[expect(clippy::module_inception, reason = "the journal is what a newcomer looks for here")]
mod journal;
mod record;
mod records;
mod summary;

pub(crate) use journal::is_under_way;
pub use journal::{Journal, JournalError};
pub(crate) use record::{InFlight, journal_schema};
#[doc(hidden)]
pub use record::{Record, in_flight};
pub(in crate::run) use records::Records;
#[doc(hidden)]
pub use records::read_journal;
pub(crate) use records::{MOST_JOURNAL_BYTES, rays_of};
pub(crate) use summary::{JournalSummary, ZoneWrites};
