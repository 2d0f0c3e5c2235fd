//! Any bytes are a snapshot, which reads back as it is written, or give an error that says why not.
#![no_main]

use botform::run::Snapshot;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| match Snapshot::read(bytes) {
    Ok(snapshot) => {
        let written = serde_json::to_vec(&snapshot).unwrap();
        assert_eq!(Snapshot::read(written.as_slice()).unwrap(), snapshot);
    }
    Err(error) => assert!(!error.to_string().is_empty()),
});
