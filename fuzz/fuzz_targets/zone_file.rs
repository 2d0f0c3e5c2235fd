//! Any bytes are a zone file or give problems, and every problem can be drawn.
#![no_main]

use botform::config::{check_project_text, check_text, draw};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (desired, mut problems) = check_text("zone.yaml", bytes);
    assert_eq!(desired.is_none(), problems.iter().any(|problem| problem.is_error()));
    problems.extend(check_project_text("botform.yaml", bytes).1);
    for problem in &problems {
        assert!(problem.file.as_ref().is_some_and(|file| draw(problem, false).contains(file)));
        assert!(!draw(problem, true).is_empty());
    }
});
