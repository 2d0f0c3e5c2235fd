//! Any status and any body are an answer of the API or give an error that can be shown.
#![no_main]

use botform::api::{Credentials, read_reply};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|reply: (u16, &[u8])| {
    let (status, body) = reply;
    let credentials = Credentials::token("a-token-for-fuzzing".to_owned()).unwrap();
    if let Err(error) = read_reply(&credentials, status, body) {
        assert!(!error.to_string().is_empty());
        let _ = error.hint();
    }
});
