//! Any file is a journal or gives an error that names it.
#![no_main]

use botform::run::{in_flight, read_journal};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let path = std::env::temp_dir().join(format!("botform-fuzz-{}.jsonl", std::process::id()));
    std::fs::write(&path, bytes).unwrap();
    match read_journal(&path) {
        Ok(records) => assert!(in_flight(&records).len() <= records.len()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
