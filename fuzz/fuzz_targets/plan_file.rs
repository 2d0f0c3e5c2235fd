//! Any bytes are a saved plan or give an error that says why not.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(error) = botform::plan::read(std::io::Cursor::new(bytes)) {
        assert!(!error.to_string().is_empty());
    }
});
