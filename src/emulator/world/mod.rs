//! The state of the emulator and the rules of the API over it. Nothing here does input or output or reads the clock:
//! a request comes with its time, and its reply says how it is to be delivered.

mod access;
mod answer;
mod defaults;
mod fault;
mod fault_file;
mod feedback;
mod file;
mod generate;
mod id;
mod limit;
mod listing;
mod reader;
mod reply;
mod request;
mod rules;
mod script;
mod state;
mod submission_query;
mod submissions;
mod zone;
mod zone_file;

pub(in crate::emulator) use reply::{Answer, Body, Delivery};
pub(in crate::emulator) use request::Request;

pub use reader::WorldError;
pub use request::Recorded;
pub use state::{World, ZoneSeed};
