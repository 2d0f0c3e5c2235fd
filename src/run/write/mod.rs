//! Writing: the guarded plan, the PUTs of each zone with their read-back, and the way back from a journal.

mod apply;
mod guarded;
mod settle;
mod two;
mod undo;
mod zone;

pub use apply::Apply;
pub use guarded::{Applied, Guarded, Refused, Rules, ZoneFiles};
pub use undo::{Lost, Undo};
