//! What a table of keys of a world file is made of. Each table stands beside what reads it; the schema reads it too.

use super::on::On;

/// A key of a mapping.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) is_required: bool,
    /// What it says, in a sentence.
    pub(super) about: &'static str,
}

/// What may stand under a key.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// A whole number within bounds.
    Number(u32, u32),
    Toggle,
    Time,
    /// A text that is not empty.
    Text,
    Texts,
    /// The name of a zone.
    Name,
    /// 32 lower-case hexadecimal digits.
    Id,
    /// One of some words.
    Word(fn() -> Vec<&'static str>),
    /// Some of them.
    Words(fn() -> Vec<&'static str>),
    /// `true` for all, or some texts.
    TextsOrAll,
    /// How a list is sent; null stands for the word.
    Shape(fn() -> Vec<&'static str>),
    /// An object such as GET shows.
    Settings,
    /// An object that the API itself defines, with members that it must have.
    Object(&'static [&'static str]),
    /// A list of such objects.
    Objects(&'static [&'static str]),
    Mapping(&'static [Key]),
    /// A mapping that has one of two keys at most.
    EitherOf(&'static [Key], [&'static str; 2]),
    List(&'static [Key]),
    Faults(&'static [(&'static str, On)]),
    Any,
}

impl Key {
    pub(super) const fn new(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, kind, is_required: false, about }
    }

    /// The same, which has to be there.
    pub(super) const fn required(self) -> Self {
        Self { is_required: true, ..self }
    }
}
