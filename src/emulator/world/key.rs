//! The types of the key tables of a world file. Each table is next to the code that reads it; the schema uses it too.

use super::on::On;

/// A key of a mapping.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) is_required: bool,
    /// Its meaning, in a sentence.
    pub(super) about: &'static str,
}

/// The kind of a key's value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// A whole number within bounds.
    Number(u32, u32),
    Toggle,
    Time,
    /// A string that is not empty.
    Text,
    Texts,
    /// The name of a zone.
    Name,
    /// 32 lower-case hexadecimal digits.
    Id,
    /// One of the words.
    Word(fn() -> Vec<&'static str>),
    /// Any number of the words.
    Words(fn() -> Vec<&'static str>),
    /// `true` for all, or a list of strings.
    TextsOrAll,
    /// The response shape of a list; null means the word.
    Shape(fn() -> Vec<&'static str>),
    /// An object as GET shows it.
    Settings,
    /// An object of the API, with its required members.
    Object(&'static [&'static str]),
    /// A list of such objects.
    Objects(&'static [&'static str]),
    Mapping(&'static [Key]),
    /// A mapping that has at most one of two keys.
    EitherOf(&'static [Key], [&'static str; 2]),
    List(&'static [Key]),
    Faults(&'static [(&'static str, On)]),
    Any,
}

impl Key {
    pub(super) const fn new(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, kind, is_required: false, about }
    }

    /// The same key, required.
    pub(super) const fn required(self) -> Self {
        Self { is_required: true, ..self }
    }
}
