//! The state of the emulator and the rules of the API over it. Nothing here does I/O or reads the clock: a request
//! carries its time, and its answer describes how to deliver it.

mod access;
mod audit;
mod defaults;
mod edge;
mod fault;
mod feedback;
mod file;
mod generate;
mod key;
mod limit;
mod listing;
mod message;
mod on;
mod reader;
mod routes;
mod rules;
mod schema;
mod state;
mod submissions;
mod zone;

pub(in crate::emulator) use message::{Answer, Body, Delivery, Request};

pub use message::Recorded;
pub use reader::WorldError;
pub(crate) use schema::schema;
pub use state::{World, ZoneSeed};
