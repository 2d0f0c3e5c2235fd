//! The state of the emulator and the rules of the API over it. Nothing here does input or output or reads the clock:
//! a request comes with its time, and its answer says how it is to be delivered.

mod access;
mod defaults;
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
