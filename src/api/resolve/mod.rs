//! From the name or id of a file to the zone that the API knows, or why there is none.

mod error;
#[expect(clippy::module_inception, reason = "resolving is what a newcomer looks for here")]
mod resolve;

pub use error::ResolveError;
pub(super) use resolve::{Found, Listing, MOST_SUGGESTIONS, Said, ask, find, resolve, shown};
