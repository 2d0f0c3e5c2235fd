//! Drawing a problem: the source line with a caret, the rule, the other place, the fix.

use super::yaml::floor;
use crate::model::{Diagnostic, Excerpt, Marked, Place, Related, Severity, clean};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Patch, Renderer, Snippet};

/// Where a problem is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Canvas {
    /// Whether it shows colours.
    pub colors: bool,
    /// The cells of a line: longer source lines are cut around the marked part. Without it at 140 cells.
    pub width: Option<usize>,
}

/// Draws a problem, with `-->` before its file, line and column.
#[must_use]
pub fn draw(problem: &Diagnostic, canvas: Canvas) -> String {
    let Diagnostic { severity, file, place, message, hint, .. } = problem;
    let Marked { excerpt, label, replacement, related } = problem.marked();
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let file = escape(file.as_deref().unwrap_or_default());
    let mut group = Group::with_title(level.primary_title(escape(&message.to_string())));
    let mark = Mark { file: &file, place: *place, excerpt: excerpt.as_ref(), label: label.as_deref() };
    group = mark.draw(group, AnnotationKind::Primary);
    if let Some(Related { place, excerpt, label }) = related {
        let mark = Mark { file: &file, place: Some(*place), excerpt: excerpt.as_ref(), label: Some(label) };
        group = mark.draw(group, AnnotationKind::Context);
    }
    // A patch that is drawn below says the same.
    let is_drawn = |hint: &String| {
        excerpt.is_some() && replacement.as_ref().is_some_and(|meant| *hint == format!("write `{meant}`"))
    };
    if let Some(hint) = hint.as_ref().map(ToString::to_string).filter(|hint| !is_drawn(hint)) {
        group = group.element(Level::HELP.message(escape(&hint)));
    }
    let patch = replacement.as_ref().zip(excerpt.as_ref());
    let patch = patch.map(|(replacement, excerpt)| change_it_to(replacement, excerpt, line_of(*place)));
    let report: Vec<Group<'_>> = std::iter::once(group).chain(patch).collect();
    let renderer = if canvas.colors { Renderer::styled() } else { Renderer::plain() };
    canvas.width.map_or(renderer.clone(), |width| renderer.term_width(width)).render(&report)
}

/// A place to point at.
struct Mark<'a> {
    file: &'a str,
    place: Option<Place>,
    excerpt: Option<&'a Excerpt>,
    label: Option<&'a str>,
}

impl Mark<'_> {
    fn draw<'g>(&self, group: Group<'g>, kind: AnnotationKind) -> Group<'g> {
        let Some(excerpt) = self.excerpt else {
            let group = group.element(self.origin());
            return match self.label {
                Some(label) => group.element(Level::NOTE.message(escape(label))),
                None => group,
            };
        };
        let (text, start, end) = drawable(excerpt);
        let column = text.get(..start).map_or(1, |head| head.chars().count() + 1);
        let annotation = kind.span(start..end).label(self.label.map(escape));
        let snippet = Snippet::source(text).line_start(line_of(self.place)).annotation(annotation);
        // The renderer counts columns in the text it gets, which is shorter than the line if that was cut.
        if self.place.is_some_and(|place| place.column as usize == column) {
            group.element(snippet.path(self.file.to_owned()))
        } else {
            group.element(self.origin()).element(snippet)
        }
    }

    fn origin<'g>(&self) -> Origin<'g> {
        let origin = Origin::path(self.file.to_owned());
        match self.place {
            Some(Place { line, column }) => origin.line(line as usize).char_column(column as usize),
            None => origin,
        }
    }
}

fn line_of(place: Option<Place>) -> usize {
    place.map_or(1, |place| place.line as usize)
}

fn change_it_to<'a>(replacement: &str, excerpt: &'a Excerpt, line: usize) -> Group<'a> {
    let (text, start, end) = drawable(excerpt);
    let patch = Patch::new(start..end, escape(replacement));
    Level::HELP.secondary_title("change it to").element(Snippet::source(text).line_start(line).patch(patch))
}

/// The line with control characters escaped, and the marked part on character boundaries.
fn drawable(excerpt: &Excerpt) -> (String, usize, usize) {
    let Excerpt { text, start, end } = excerpt;
    let start = floor(text, *start);
    let end = floor(text, *end).max(start);
    let length = |end: usize| escape(text.get(..end).unwrap_or_default()).len();
    (escape(text), length(start), length(end))
}

/// Untrusted text, with control characters escaped and tabs as the spaces that the renderer assumes.
fn escape(text: &str) -> String {
    clean(&text.replace('\t', "    ")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::yaml::Source;
    use insta::assert_snapshot;
    use proptest::prelude::*;

    #[test]
    fn a_problem_is_drawn_with_its_line_its_rule_and_its_fix() {
        let source = Source::new("zones/a.yaml", "plan: sbfm_pro\nsettings:\n  ai_search: blok\n");
        let mut problem = source.problem(&(38..42), "`blok` is not a value of `ai_search`");
        problem = problem.label("one of `disabled`, `block`, `only_on_ad_pages`".to_owned());
        problem.hint = Some("did you mean `block`?".into());
        problem = problem.replacement(Some("block".to_owned()));
        problem = problem.related(source.related(&(6..14), "this plan variant"));
        assert_snapshot!(draw(&problem, Canvas::default()), @r"
        error: `blok` is not a value of `ai_search`
         --> zones/a.yaml:3:14
          |
        3 |   ai_search: blok
          |              ^^^^ one of `disabled`, `block`, `only_on_ad_pages`
          |
         ::: zones/a.yaml:1:7
          |
        1 | plan: sbfm_pro
          |       -------- this plan variant
          |
          = help: did you mean `block`?
        help: change it to
          |
        3 |   ai_search: block
          |                 +
        ");
        assert!(draw(&problem, Canvas { colors: true, width: None }).contains('\u{1b}'));
    }

    #[test]
    fn a_problem_of_a_whole_file_names_the_file() {
        let problem = Diagnostic::of_file("zones", "no zone files").hint("add one");
        assert_snapshot!(draw(&problem, Canvas::default()), @r"
        error: no zone files
        --> zones
         = help: add one
        ");
    }

    #[test]
    fn a_long_line_keeps_its_real_column() {
        let source = Source::new("a.yaml", format!("{}: x", "k".repeat(1_000)));
        let drawn = draw(&source.problem(&(1_002..1_003), "wrong"), Canvas::default());
        assert!(drawn.contains("--> a.yaml:1:1003\n"), "{drawn}");
    }

    #[test]
    fn control_characters_are_never_drawn() {
        let source = Source::new("a\u{1b}.yaml", "a: \u{1b}[31m\u{202e}x\r\n");
        let mut problem = source.problem(&(3..5), "\u{7}bad\nline");
        problem.hint = Some("\u{9b}".into());
        problem = problem.replacement(Some("\u{0}".to_owned()));
        let drawn = draw(&problem, Canvas::default());
        assert!(drawn.chars().all(|c| c == '\n' || !crate::model::is_unsafe(c)), "{drawn:?}");
    }

    proptest! {
        #[test]
        fn any_problem_can_be_drawn(
            text in "\\PC{0,40}", start in 0_usize..60, end in 0_usize..60, line: u32, column: u32,
            message in "(\\PC|\n){0,20}", replacement in proptest::option::of("(\\PC|\n){0,9}"), label in proptest::option::of("\\PC{0,9}")
        ) {
            let excerpt = Some(Excerpt { text, start, end });
            let place = Place { line, column };
            let related = Some(Related { place, excerpt: excerpt.clone(), label: message.clone() });
            let mut problem = Diagnostic::of_file("a.yaml", message).hint("x");
            problem.place = Some(place);
            problem = problem.excerpt(excerpt).replacement(replacement);
            problem = related.into_iter().fold(problem, Diagnostic::related);
            problem = label.into_iter().fold(problem, Diagnostic::label);
            let at = format!("{line}:{column}");
            prop_assert!(draw(&problem, Canvas::default()).contains(&at));
        }
    }
}
