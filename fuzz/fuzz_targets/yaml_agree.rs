//! What the two YAML parsers read differently is refused with a place and a hint, and nothing makes either panic.
#![no_main]

use botform::config::{Options, parse_document};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let options = Options { integer_keys: true, ..Options::default() };
    if let Err(problems) = parse_document("a.yaml", bytes, options) {
        let ambiguous = problems.iter().find(|problem| problem.message == "this can be read in two ways");
        assert!(
            ambiguous.is_none_or(|problem| problem.place.is_some() && problem.hint.is_some()),
            "{problems:?}"
        );
    }
});
