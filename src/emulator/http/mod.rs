//! Thin HTTP over a world: it carries requests in and replies out, whole, cut off, or not at all.

mod deliver;
mod server;
mod wire;

pub use server::Emulator;
