//! Reading a document: the members of its mappings, each with its own kind of value, and all problems on the way.

use crate::config::suggest;
use crate::config::yaml::{Document, Options, member, read_document, short};
use crate::model::Diagnostic;
use serde_json::{Map, Value as Json};

/// A document under check, and the problems found so far.
pub(in crate::config) struct Fields<'d> {
    /// The document.
    pub(in crate::config) doc: &'d Document,
    /// The problems.
    pub(in crate::config) problems: Vec<Diagnostic>,
}

impl<'d> Fields<'d> {
    /// A document that is not checked yet.
    pub(in crate::config) fn new(doc: &'d Document) -> Self {
        Self { doc, problems: Vec::new() }
    }

    /// Adds a problem.
    pub(in crate::config) fn push(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// The value of a member, with its pointer.
    pub(in crate::config) fn get(&self, parent: &str, key: &str) -> Option<(String, &'d Json)> {
        let pointer = member(parent, key);
        self.doc.get(&pointer).map(|value| (pointer, value))
    }

    /// The members of a mapping.
    pub(in crate::config) fn mapping(&mut self, pointer: &str, name: &str) -> Option<&'d Map<String, Json>> {
        let value = self.doc.get(pointer)?;
        let members = value.as_object();
        if members.is_none() {
            self.mismatch(pointer, name, "a mapping");
        }
        members
    }

    /// The pointers of the items of a list.
    pub(in crate::config) fn items(&mut self, parent: &str, key: &str) -> Vec<String> {
        let Some((pointer, value)) = self.get(parent, key) else { return Vec::new() };
        let Some(items) = value.as_array() else {
            self.mismatch(&pointer, key, "a list");
            return Vec::new();
        };
        (0..items.len()).map(|at| format!("{pointer}/{at}")).collect()
    }

    /// Refuses the keys of a mapping that it does not have.
    pub(in crate::config) fn known_keys(&mut self, parent: &str, known: &[&str], what: &str) {
        let Some(members) = self.doc.get(parent).and_then(Json::as_object) else { return };
        for key in members.keys().filter(|key| !known.contains(&key.as_str())) {
            self.unknown_key(&member(parent, key), key, known, what);
        }
    }

    /// Refuses one key, with what was probably meant.
    pub(in crate::config) fn unknown_key(&mut self, pointer: &str, key: &str, known: &[&str], what: &str) {
        let problem = self.doc.problem_at_key(pointer, format!("unknown key {}", shown(&key.into())));
        let problem = problem.label(format!("not a key of {what}"));
        let meant = suggest(key, known.iter().copied());
        self.push_meant(problem, meant, || {
            format!("the keys of {what} are {}", listed(known.iter().copied()))
        });
    }

    /// Adds a problem with what was probably meant, or else with another hint.
    pub(in crate::config) fn push_meant(
        &mut self,
        problem: Diagnostic,
        meant: Option<&str>,
        otherwise: impl FnOnce() -> String,
    ) {
        let hint = meant.map_or_else(otherwise, |meant| format!("did you mean `{meant}`?"));
        self.push(problem.hint(hint).replacement(meant.map(str::to_owned)));
    }

    /// Asks for a member.
    pub(in crate::config) fn require(&mut self, parent: &str, key: &str, example: &str) {
        if self.get(parent, key).is_some() {
            return;
        }
        let start = self.doc.value_span(parent).start;
        let problem = self.doc.source().problem(&(start..start), format!("`{key}` is missing"));
        self.push(problem.hint(format!("add `{example}`")));
    }

    /// A text.
    pub(in crate::config) fn text(&mut self, parent: &str, key: &str) -> Option<(String, &'d str)> {
        let (pointer, value) = self.get(parent, key)?;
        if let Some(text) = value.as_str() {
            return Some((pointer, text));
        }
        let problem = self.mismatched(&pointer, key, "a text");
        let written = self.doc.written(&pointer).filter(|_| value.is_number() || value.is_boolean());
        self.push(match written {
            Some(written) => problem.hint("put it in quotes").replacement(format!("\"{written}\"")),
            None => problem,
        });
        None
    }

    /// A text that a type is made of.
    pub(in crate::config) fn parsed<T>(
        &mut self,
        parent: &str,
        key: &str,
        what: &str,
        parse: impl FnOnce(String) -> Result<T, crate::model::InvalidName>,
    ) -> Option<T> {
        let (pointer, text) = self.text(parent, key)?;
        match parse(text.to_owned()) {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                let message = format!("{} is not {what}", shown(&text.into()));
                let mut problem = self.doc.problem_at_value(&pointer, message);
                problem = problem.label(error.rule().to_owned());
                problem.hint = error.suggestion().map(|suggestion| format!("did you mean `{suggestion}`?"));
                problem = problem.replacement(error.suggestion().map(str::to_owned));
                self.push(problem);
                None
            }
        }
    }

    /// A boolean.
    pub(in crate::config) fn toggle(&mut self, parent: &str, key: &str) -> Option<bool> {
        let (pointer, value) = self.get(parent, key)?;
        if value.is_boolean() {
            return value.as_bool();
        }
        let problem = self.mismatched(&pointer, key, "`true` or `false`");
        self.push(match boolean_meant(value) {
            Some(meant) => boolean_mend(problem, meant, self.doc.is_quoted(&pointer)),
            None => problem,
        });
        None
    }

    /// One of some words.
    pub(in crate::config) fn word<T: Copy>(
        &mut self,
        parent: &str,
        key: &str,
        words: &[(&'static str, T)],
    ) -> Option<T> {
        let (pointer, text) = self.text(parent, key)?;
        if let Some((_, found)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*found);
        }
        let meant = suggest(text, words.iter().map(|(word, _)| *word));
        let message = format!("{} is not a value of `{key}`", shown(&text.into()));
        let mut problem = self.doc.problem_at_value(&pointer, message);
        problem = problem.label(format!("one of {}", listed(words.iter().map(|(word, _)| *word))));
        problem.hint = meant.map(|meant| format!("did you mean `{meant}`?"));
        problem = problem.replacement(meant.map(str::to_owned));
        self.push(problem);
        None
    }

    /// A whole number.
    pub(in crate::config) fn whole(&mut self, parent: &str, key: &str, least: u32, most: u32) -> Option<u32> {
        let (pointer, value) = self.get(parent, key)?;
        let whole = whole_number(value).filter(|number| (least..=most).contains(number));
        if whole.is_none() {
            self.mismatch(&pointer, key, &format!("a whole number from {least} to {most}"));
        }
        whole
    }

    /// Refuses a value of a wrong kind.
    pub(in crate::config) fn mismatch(&mut self, pointer: &str, name: &str, wanted: &str) {
        let problem = self.mismatched(pointer, name, wanted);
        self.push(problem);
    }

    /// Describes the value that is expected in place of the one given.
    pub(in crate::config) fn mismatched(&self, pointer: &str, name: &str, wanted: &str) -> Diagnostic {
        let value = self.doc.get(pointer).unwrap_or(&Json::Null);
        // What is no key has a name of several words.
        let name = if name.contains(' ') { name.to_owned() } else { format!("`{name}`") };
        if value.is_null() {
            let problem = self.doc.problem_at_value(pointer, format!("{name} has no value"));
            return problem.hint(format!("write {wanted}, or leave {name} out"));
        }
        self.doc.problem_at_value(pointer, format!("{name} has to be {wanted}, not {}", shown(value)))
    }
}

/// Says why a word is no boolean, and which one was meant.
pub(super) fn boolean_mend(problem: Diagnostic, meant: bool, quoted: bool) -> Diagnostic {
    let label = if quoted { "a text, since it is in quotes" } else { "not a boolean in YAML 1.2" };
    problem.label(label).hint(format!("write `{meant}`")).replacement(meant.to_string())
}

/// Checks the bytes of a file: what is read from it if nothing is wrong, and all there is to say about it. `read`
/// is also given whether the file was read as a whole.
pub(in crate::config) fn checked<T>(
    file: &str,
    bytes: &[u8],
    options: Options,
    read: impl FnOnce(&mut Fields<'_>, bool) -> Option<T>,
) -> (Option<T>, Vec<Diagnostic>) {
    let (document, mut problems) = read_document(file, bytes, options);
    let mut found = None;
    if let Some(document) = &document {
        let mut fields = Fields::new(document);
        found = read(&mut fields, problems.is_empty());
        problems.extend(fields.problems);
    }
    sort(&mut problems);
    let is_right = !problems.iter().any(Diagnostic::is_error);
    (found.filter(|_| is_right), problems)
}

/// Sorts problems by file and place.
pub(in crate::config) fn sort(problems: &mut [Diagnostic]) {
    problems.sort_by(|one, other| {
        let key = |problem: &Diagnostic| (problem.place, problem.severity);
        one.file
            .cmp(&other.file)
            .then_with(|| key(one).cmp(&key(other)))
            .then_with(|| one.message.cmp(&other.message))
    });
}

/// A number without a fraction, however it is written.
pub(in crate::config) fn whole_number(value: &Json) -> Option<u32> {
    let number = value.as_f64().filter(|number| number.fract() == 0.0 && *number >= 0.0)?;
    // Numbers above are refused by their size, whatever they are exactly.
    let exact = value.as_u64().or_else(|| format!("{number:.0}").parse().ok());
    exact.and_then(|number| u32::try_from(number).ok())
}

/// Words in backticks with commas between.
pub(in crate::config) fn listed<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

/// What a word means where a boolean is wanted; YAML 1.1 and other tools read more words than YAML 1.2.
pub(super) fn boolean_meant(value: &Json) -> Option<bool> {
    match value {
        Json::Bool(on) => Some(*on),
        Json::Number(number) => match number.as_u64() {
            Some(1) => Some(true),
            Some(0) => Some(false),
            _ => None,
        },
        Json::String(word) => match word.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "y" | "on" | "enabled" | "enable" | "1" => Some(true),
            "false" | "no" | "n" | "off" | "disabled" | "disable" | "0" => Some(false),
            _ => None,
        },
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// A value as messages show it.
pub(super) fn shown(value: &Json) -> String {
    match value {
        Json::Null => "nothing".to_owned(),
        Json::Array(_) => "a list".to_owned(),
        Json::Object(_) => "a mapping".to_owned(),
        Json::String(text) if text.is_empty() => "an empty text".to_owned(),
        Json::String(text) => format!("`{}`", short(text)),
        Json::Bool(_) | Json::Number(_) => format!("`{value}`"),
    }
}
