//! Any bytes are a feedback report or give problems, and every problem can be drawn.
#![no_main]

use botform::config::{Canvas, check_report_text, draw};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (report, problems) = check_report_text("report.yaml", bytes, jiff::Timestamp::UNIX_EPOCH);
    assert_eq!(report.is_none(), problems.iter().any(|problem| problem.is_error()));
    for problem in &problems {
        assert!(draw(problem, Canvas::default()).contains(problem.file.as_deref().unwrap_or_default()));
    }
});
