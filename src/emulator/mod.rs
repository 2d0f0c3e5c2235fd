//! The stand-in for the Cloudflare API: a plain [`World`] with the API's own rules, thin HTTP over it, scripted faults.
//! It uses the catalogue and nothing else of the program, so that it answers as Cloudflare would and not as a client
//! hopes. [`Emulator`] shows how to run one.

mod server;
mod world;

pub use server::Emulator;
pub(crate) use world::schema;
pub use world::{Recorded, World, WorldError, ZoneSeed};
