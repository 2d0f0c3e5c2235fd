//! The index of a document: where each key and each value stands.

use std::collections::BTreeMap;
use std::ops::Range;

/// What a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text that stands for itself, in quotes or not.
    Scalar {
        /// Whether it is in quotes, or a block of text.
        quoted: bool,
        /// The text, with its escapes resolved.
        text: String,
    },
    /// A reference to a scalar.
    Alias,
    /// Keys with values.
    Map(BTreeMap<String, Node>),
    /// Values in a row.
    Seq(Vec<Node>),
}

/// A value, and the key it stands under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// The bytes of the key; `None` for the document and for items of a list.
    pub(super) key: Option<Range<usize>>,
    /// The bytes of the value; empty where nothing is written.
    pub(super) value: Range<usize>,
    /// What the value is.
    pub(super) kind: Kind,
}

impl Node {
    /// The node under one step of a path.
    pub(super) fn child(&self, step: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Map(members) => members.get(step),
            Kind::Seq(items) => items.get(step.parse::<usize>().ok()?),
            Kind::Scalar { .. } | Kind::Alias => None,
        }
    }

    /// The node under a JSON pointer, or the last one on the way that exists.
    pub(super) fn nearest(&self, pointer: &str) -> &Self {
        let mut node = self;
        for step in pointer.split('/').skip(1) {
            let Some(child) = node.child(&step.replace("~1", "/").replace("~0", "~")) else { break };
            node = child;
        }
        node
    }

    /// The bytes to mark for the key.
    pub(super) fn key_span(&self) -> Range<usize> {
        self.key.clone().unwrap_or_else(|| self.value.clone())
    }

    /// The bytes to mark for the value; the key where nothing is written as the value.
    pub(super) fn value_span(&self) -> Range<usize> {
        if self.value.is_empty() { self.key_span() } else { self.value.clone() }
    }
}
