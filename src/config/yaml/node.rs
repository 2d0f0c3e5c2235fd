//! The index of a document, which knows the place of each key and value, and the cursor: a value with its node.

use super::Source;
use crate::model::{Diagnostic, Message, Place, Related};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::ops::Range;

/// The kind of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A scalar, quoted or plain.
    Scalar {
        /// Whether it is quoted or a block scalar.
        quoted: bool,
        /// The text, with its escapes resolved.
        text: String,
    },
    /// A reference to a scalar.
    Alias,
    /// Keys with values.
    Map(BTreeMap<String, Node>),
    /// A list of values.
    Seq(Vec<Node>),
}

/// A value and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// The bytes of the key; `None` for the document and for items of a list.
    pub(super) key: Option<Range<usize>>,
    /// The bytes of the value; empty if nothing is written.
    pub(super) value: Range<usize>,
    /// The kind of the value.
    pub(super) kind: Kind,
}

impl Node {
    /// The node of a member; the node itself if it has no such member.
    pub(super) fn member(&self, key: &str) -> &Self {
        match &self.kind {
            Kind::Map(members) => members.get(key).unwrap_or(self),
            Kind::Scalar { .. } | Kind::Alias | Kind::Seq(_) => self,
        }
    }

    /// The node of an item; the node itself if it has no such item.
    pub(super) fn item(&self, at: usize) -> &Self {
        match &self.kind {
            Kind::Seq(items) => items.get(at).unwrap_or(self),
            Kind::Scalar { .. } | Kind::Alias | Kind::Map(_) => self,
        }
    }

    /// Whether it is a plain scalar.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.kind, Kind::Scalar { quoted: false, .. })
    }

    /// The bytes to mark for the key.
    pub(super) fn key_span(&self) -> Range<usize> {
        self.key.clone().unwrap_or_else(|| self.value.clone())
    }

    /// The bytes to mark for the value; those of the key if nothing is written as the value.
    pub(super) fn value_span(&self) -> Range<usize> {
        if self.value.is_empty() { self.key_span() } else { self.value.clone() }
    }
}

/// A value of a document, with its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'d> {
    pub(super) source: &'d Source,
    pub(super) node: &'d Node,
    pub(super) value: &'d Json,
}

impl<'d> Cursor<'d> {
    /// The value.
    #[must_use]
    pub(crate) fn value(self) -> &'d Json {
        self.value
    }

    /// The text of the document.
    #[must_use]
    pub(crate) fn source(self) -> &'d Source {
        self.source
    }

    /// A member of a mapping; `None` if it does not exist.
    #[must_use]
    pub(crate) fn get(self, key: &str) -> Option<Self> {
        let value = self.value.get(key)?;
        Some(Self { node: self.node.member(key), value, ..self })
    }

    /// The members of a mapping, by key; `None` if the value is not a mapping.
    #[must_use]
    pub(crate) fn members(self) -> Option<Vec<(&'d str, Self)>> {
        let member = |(key, value): (&'d String, &'d Json)| {
            (key.as_str(), Self { node: self.node.member(key), value, ..self })
        };
        Some(self.value.as_object()?.iter().map(member).collect())
    }

    /// The items of a list; `None` if the value is not a list.
    #[must_use]
    pub(crate) fn items(self) -> Option<Vec<Self>> {
        let items = self.value.as_array()?.iter().enumerate();
        Some(items.map(|(at, value)| Self { node: self.node.item(at), value, ..self }).collect())
    }

    /// The place of the key; that of the value if there is no key.
    #[must_use]
    pub(crate) fn key_place(self) -> Place {
        self.source.place(self.node.key_span().start)
    }

    /// The place of the value; that of its key if nothing is written as the value.
    #[must_use]
    pub(crate) fn place(self) -> Place {
        self.source.place(self.span().start)
    }

    /// The bytes of the value.
    #[must_use]
    pub(crate) fn span(self) -> Range<usize> {
        self.node.value_span()
    }

    /// A scalar as it is written, with its quotes; `None` if it takes more than a line.
    #[must_use]
    pub(crate) fn written(self) -> Option<&'d str> {
        let text = self.source.slice(&self.node.value);
        let is_scalar = matches!(self.node.kind, Kind::Scalar { .. } | Kind::Alias);
        (is_scalar && !text.is_empty() && !text.contains('\n')).then_some(text)
    }

    /// Whether the value is in quotes.
    #[must_use]
    pub(crate) fn is_quoted(self) -> bool {
        matches!(self.node.kind, Kind::Scalar { quoted: true, .. })
    }

    /// An error about the value.
    #[must_use]
    pub(crate) fn problem(self, message: impl Into<Message>) -> Diagnostic {
        self.source.problem(&self.span(), message)
    }

    /// An error about the key.
    #[must_use]
    pub(crate) fn problem_at_key(self, message: impl Into<Message>) -> Diagnostic {
        self.source.problem(&self.node.key_span(), message)
    }

    /// An error about something that is missing in the value.
    #[must_use]
    pub(crate) fn problem_within(self, message: impl Into<Message>) -> Diagnostic {
        let start = self.span().start;
        self.source.problem(&(start..start), message)
    }

    /// The value as another place that belongs to a problem.
    #[must_use]
    pub(crate) fn related(self, label: impl Into<String>) -> Related {
        self.source.related(&self.span(), label)
    }
}
