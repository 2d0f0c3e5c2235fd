//! Any bytes are a world or give errors with a path or a message.
#![no_main]

use botform::config::{Options, parse_document};
use botform::emulator::World;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = parse_document("world.yaml", bytes, Options::default()) else { return };
    match World::read(document.root()) {
        Ok(world) => assert!(world.zone_names().all(|name| world.object(name).is_some())),
        Err(errors) => assert!(!errors.is_empty() && errors.iter().all(|error| !error.message().is_empty())),
    }
});
