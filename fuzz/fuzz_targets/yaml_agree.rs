//! What both YAML parsers read, they read alike.
#![no_main]

use botform::config::{Options, parse_document};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let options = Options { integer_keys: true, ..Options::default() };
    if let Err(problems) = parse_document("a.yaml", bytes, options) {
        let disagree = problems.iter().any(|problem| problem.message == "this can be read in two ways");
        assert!(!disagree, "{problems:?}");
    }
});
