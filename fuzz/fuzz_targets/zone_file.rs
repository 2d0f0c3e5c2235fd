//! Any bytes are a zone file or give problems, and every problem can be drawn.
#![no_main]

use botform::config::{
    Baselines, Canvas, ExtendedFile, Home, check_project_text, check_text, check_zone_text, draw,
};
use libfuzzer_sys::fuzz_target;
use std::path::Path;

fuzz_target!(|bytes: &[u8]| {
    let (desired, mut problems) = check_text("zone.yaml", bytes);
    assert_eq!(desired.is_none(), problems.iter().any(|problem| problem.is_error()));
    problems.extend(check_project_text("botform.yaml", bytes).1);
    // A baseline that extends itself under whatever name.
    let home = Home { path: Path::new("b.yaml"), root: Path::new("") };
    let read = |_: Home<'_>| Ok(ExtendedFile::new("b.yaml".into(), "b.yaml".to_owned(), bytes.to_vec()));
    let mut baselines = Baselines::default();
    baselines.check_file("b.yaml", bytes, home, &mut { read });
    let _ = check_zone_text("zone.yaml", bytes, home, &mut baselines, &mut { read });
    problems.extend(baselines.finish().1);
    for problem in &problems {
        assert!(problem.file.as_ref().is_some_and(|file| draw(problem, Canvas::default()).contains(file)));
        assert!(!draw(problem, Canvas { colors: true, width: None }).is_empty());
    }
});
