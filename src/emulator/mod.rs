//! The stand-in for the Cloudflare API: a plain world with the API's rules, thin HTTP over it, scripted faults.
//! It uses the catalogue and nothing else of the program, so that it answers as Cloudflare would and not as
//! a client hopes.

mod http;
mod world;

pub use http::Emulator;
pub use world::{Recorded, World, WorldError, ZoneSeed};
