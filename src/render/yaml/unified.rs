//! The difference of two texts, as a unified diff.

use crate::model::clean;
use crate::render::Paint;
use similar::{ChangeTag, TextDiff};
use std::fmt;
use std::time::Duration;

/// How long to search for the shortest diff; a longer one is just as correct.
const PATIENCE: Duration = Duration::from_millis(200);

/// What would be done to a file, as `git diff` shows it.
#[derive(Clone, Copy, Debug)]
pub struct Unified<'a> {
    file: &'a str,
    before: Option<&'a str>,
    after: &'a str,
    paint: Paint,
}

impl<'a> Unified<'a> {
    /// A file whose text is to become another one; `before` is `None` for a new file.
    #[must_use]
    pub fn new(file: &'a str, before: Option<&'a str>, after: &'a str, paint: Paint) -> Self {
        Self { file, before, after, paint }
    }
}

impl fmt::Display for Unified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, before, after, paint } = *self;
        let file = clean(file);
        match before {
            Some(_) => writeln!(f, "{}", paint.strong(format_args!("--- a/{file}")))?,
            None => writeln!(f, "{}", paint.strong("--- /dev/null"))?,
        }
        writeln!(f, "{}", paint.strong(format_args!("+++ b/{file}")))?;
        let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(before.unwrap_or(""), after);
        for hunk in diff.unified_diff().iter_hunks() {
            writeln!(f, "{}", paint.dim(hunk.header()))?;
            for change in hunk.iter_changes() {
                let line = change.value().trim_end_matches(['\n', '\r']);
                let line = format!("{}{}", change.tag(), clean(line));
                match change.tag() {
                    ChangeTag::Insert => writeln!(f, "{}", paint.good(line))?,
                    ChangeTag::Delete => writeln!(f, "{}", paint.bad(line))?,
                    ChangeTag::Equal => writeln!(f, "{line}")?,
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_line_is_shown_amid_its_neighbours() {
        let (before, after) = ("a: 1\r\nb: 2 # \u{202e}\r\nc: 3\r\n", "a: 1\r\nb: 4 # \u{202e}\r\nc: 3\r\n");
        let shown = Unified::new("zones/a.yaml", Some(before), after, Paint::Plain).to_string();
        insta::assert_snapshot!(shown, @r"
        --- a/zones/a.yaml
        +++ b/zones/a.yaml
        @@ -1,3 +1,3 @@
         a: 1
        -b: 2 # \u{202e}
        +b: 4 # \u{202e}
         c: 3
        ");
        let new = Unified::new("b.yaml", None, "a: 1\n", Paint::Plain).to_string();
        assert_eq!(new, "--- /dev/null\n+++ b/b.yaml\n@@ -0,0 +1 @@\n+a: 1\n");
    }
}
