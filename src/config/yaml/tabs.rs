//! Tabs as indentation, which YAML forbids and parsers explain badly.

use super::Source;
use std::ops::Range;

/// The first tab that indents a line outside of texts of several lines, at or before a line.
pub(super) fn find(
    source: &Source,
    texts: &[Range<usize>],
    last_line: Option<usize>,
) -> Option<Range<usize>> {
    let mut start = 0;
    for line in source.text().split_inclusive('\n').take(last_line.unwrap_or(usize::MAX)) {
        let tab = indenting_tab(line).map(|at| start + at);
        if let Some(at) = tab.filter(|at| !texts.iter().any(|text| text.contains(at))) {
            return Some(at..at + 1);
        }
        start += line.len();
    }
    None
}

fn indenting_tab(line: &str) -> Option<usize> {
    let content = line.trim_start_matches([' ', '\t']);
    let indent = &line[..line.len() - content.len()];
    let is_blank = content.trim_end().is_empty() || content.starts_with('#');
    if is_blank { None } else { indent.find('\t') }
}
