//! The record and the approvals under attack: histories in a small world, and the stories that broke a promise once.

mod events;
mod histories;
mod oracle;
mod read;
mod runs;
mod search;
mod stories;
mod world;
