//! The stand-in for the Cloudflare API: a plain [`World`] with the API's own rules, thin HTTP over it, scripted faults.
//! It depends on the catalogue alone: code shared with the client would let both make the same mistake about the API.
//! [`Emulator`] shows how to run one.

mod server;
mod world;

pub use server::Emulator;
pub(crate) use world::schema;
pub use world::{Recorded, World, WorldError, ZoneSeed};
