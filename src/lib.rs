//! Plan and apply for Cloudflare Bot Management: one YAML file per zone says what the zone's bot settings should be.

pub mod api;
pub mod catalogue;
pub mod cli;
pub mod config;
pub mod diff;
pub mod emulator;
pub mod model;
pub mod plan;
pub mod render;
pub mod run;
