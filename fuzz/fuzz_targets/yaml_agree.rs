//! What both YAML parsers read, they read alike, but for the one known difference.
#![no_main]

use botform::config::{Options, parse_document};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // `{?x}` is a plain key for one parser and a marked key for the other; such a file is refused.
    if bytes.contains(&b'?') {
        return;
    }
    let options = Options { integer_keys: true, ..Options::default() };
    if let Err(problems) = parse_document("a.yaml", bytes, options) {
        let disagree = problems.iter().any(|problem| problem.message == "this can be read in two ways");
        assert!(!disagree, "{problems:?}");
    }
});
