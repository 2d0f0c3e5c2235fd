//! Walks the parser's events: finds the place of each key and value, and rejects unsupported YAML (several documents,
//! duplicate and merge keys, tags, aliases of anything but scalars) and documents that exceed the limits.

use super::node::{Kind, Node};
use super::text::{self, anchor_length, has_strange_anchor, is_integer, is_too_large};
use super::{Options, Source, reader, short};
use crate::model::Diagnostic;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// What the walk found.
pub(super) struct Walked {
    /// The document, if it could be walked to its end.
    pub(super) root: Option<Node>,
    /// Its problems.
    pub(super) problems: Vec<Diagnostic>,
    /// Rejected members to blank out, so that the rest can still be checked.
    pub(super) blanked: Vec<Range<usize>>,
}

/// Walks a text.
pub(super) fn walk(source: &Source, options: Options) -> Walked {
    let mut walk = Walk::new(source, options);
    let end = walk.run();
    let is_whole = end.is_ok() && !walk.is_unreadable;
    walk.problems.extend(end.err().map(|problem| *problem));
    walk.problems.extend(walk.tab(None).filter(|_| is_whole));
    if is_whole && walk.root.is_none() {
        walk.problems.push(source.problem(&(0..0), "the file is empty"));
    }
    let root = walk.root.filter(|_| is_whole);
    Walked { root, problems: walk.problems, blanked: walk.blanked }
}

struct Open {
    node: Node,
    own_key: Option<Key>,
    key: Option<Key>,
}

struct Key {
    text: String,
    span: Range<usize>,
    refused: bool,
}

struct Walk<'s> {
    source: &'s Source,
    options: Options,
    parser: Parser<'s, StrInput<'s>>,
    bytes: Vec<usize>,
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
    nodes: usize,
    scalars: HashMap<usize, usize>,
    expanded: u64,
    texts: Vec<Range<usize>>,
    problems: Vec<Diagnostic>,
    blanked: Vec<Range<usize>>,
    is_unreadable: bool,
}

impl<'s> Walk<'s> {
    fn new(source: &'s Source, options: Options) -> Self {
        let text = source.text();
        // The parser counts characters; in an ASCII text they are bytes.
        let bytes =
            if text.is_ascii() { Vec::new() } else { text.char_indices().map(|(at, _)| at).collect() };
        Self {
            source,
            options,
            parser: Parser::new_from_str(text),
            bytes,
            open: Vec::new(),
            root: None,
            documents: 0,
            nodes: 0,
            scalars: HashMap::new(),
            expanded: 0,
            texts: Vec::new(),
            problems: Vec::new(),
            blanked: Vec::new(),
            is_unreadable: false,
        }
    }

    fn run(&mut self) -> Result<(), Box<Diagnostic>> {
        while let Some(event) = self.parser.next_event() {
            let (event, span) = event.map_err(|error| Box::new(self.syntax(&error)))?;
            let span = self.bytes_of(span);
            self.take(event, span)?;
        }
        Ok(())
    }

    fn take(&mut self, event: Event<'s>, span: Range<usize>) -> Result<(), Box<Diagnostic>> {
        match event {
            Event::DocumentStart(_) => self.begin_document(&span),
            Event::Scalar(text, style, anchor, tag) => {
                let span = self.without_comment(style, span);
                self.tag(tag.is_some(), &span);
                if anchor > 0 {
                    // The size of what an alias expands to: many aliases of a long text would fill the memory.
                    self.scalars.insert(anchor, text.len());
                }
                if self.source.slice(&span).contains('\n') {
                    // A tab within a text of several lines does not indent anything.
                    self.texts.push(span.clone());
                }
                self.scalar(text.into_owned(), style, span)
            }
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::SequenceStart(_, tag) => {
                self.tag(tag.is_some(), &span);
                self.begin(Kind::Seq(Vec::new()), span)
            }
            Event::MappingStart(_, tag) => {
                self.tag(tag.is_some(), &span);
                self.begin(Kind::Map(BTreeMap::new()), span)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::DocumentEnd | Event::StreamStart | Event::StreamEnd | Event::Nothing => Ok(()),
        }
    }

    fn begin_document(&mut self, span: &Range<usize>) -> Result<(), Box<Diagnostic>> {
        self.documents += 1;
        if self.documents < 2 {
            return Ok(());
        }
        let problem = self.source.problem(span, "the file contains more than one document");
        Err(Box::new(problem.hint("put each document into its own file")))
    }

    fn scalar(
        &mut self,
        text: String,
        style: ScalarStyle,
        span: Range<usize>,
    ) -> Result<(), Box<Diagnostic>> {
        self.count(&span)?;
        let quoted = style != ScalarStyle::Plain;
        if self.wants_key() {
            self.key(text, quoted, span);
            return Ok(());
        }
        if !quoted && is_too_large(&text) {
            self.too_large_number(&text, &span);
        }
        // A document of only comments holds one empty scalar.
        let is_nothing = self.open.is_empty() && text.is_empty() && !quoted;
        if !is_nothing {
            self.put(Node { key: None, value: span, kind: Kind::Scalar { quoted, text } });
        }
        Ok(())
    }

    fn too_large_number(&mut self, text: &str, span: &Range<usize>) {
        let mut problem = self.source.problem(span, format!("the number `{}` is too large", short(text)));
        problem = problem.replacement((text.len() <= 100).then(|| format!("\"{text}\"")));
        self.problems.push(problem.hint("quote it if it is a string"));
        match self.open.last_mut().and_then(|open| open.key.as_mut()) {
            Some(key) => key.refused = true,
            None => self.is_unreadable = true,
        }
    }

    fn key(&mut self, text: String, quoted: bool, span: Range<usize>) {
        let problem = if !quoted && text == "<<" {
            Some(self.source.problem(&span, "merge keys are not supported").hint("write the members out"))
        } else if !quoted && !reader::is_string(&text) {
            self.other_key(&text, &span)
        } else {
            self.duplicate(&text, &span)
        };
        let refused = problem.is_some();
        self.problems.extend(problem);
        self.set_key(Key { text, span, refused });
    }

    fn other_key(&self, text: &str, span: &Range<usize>) -> Option<Diagnostic> {
        if self.options.integer_keys && is_integer(text) {
            return self.duplicate(text, span);
        }
        let mut problem = self.source.problem(span, format!("the key `{}` is not a string", short(text)));
        problem = problem.replacement((text.len() <= 100).then(|| format!("\"{text}\"")));
        Some(problem.hint("put it in quotes"))
    }

    fn duplicate(&self, text: &str, span: &Range<usize>) -> Option<Diagnostic> {
        let Some(Kind::Map(members)) = self.open.last().map(|open| &open.node.kind) else { return None };
        let first = members.get(text)?;
        let mut problem =
            self.source.problem(span, format!("the key `{}` appears a second time", short(text)));
        problem = problem.label("each key may appear once".to_owned());
        problem = problem.related(self.source.related(&first.key_span(), "the first one"));
        Some(problem.hint("remove one of the two"))
    }

    fn alias(&mut self, anchor: usize, span: Range<usize>) -> Result<(), Box<Diagnostic>> {
        self.count(&span)?;
        if self.wants_key() {
            let problem = self.source.problem(&span, "a key cannot be an alias").hint("write the key out");
            self.problems.push(problem);
            self.is_unreadable = true;
            self.set_key(Key { text: String::new(), span, refused: true });
            return Ok(());
        }
        let Some(length) = self.scalars.get(&anchor) else {
            self.is_unreadable = true;
            let problem = self.source.problem(&span, "an alias must refer to a single value");
            self.problems.push(problem.hint("write the list or the mapping out"));
            self.put(Node { key: None, value: span, kind: Kind::Alias });
            return Ok(());
        };
        // The file's own size limit also bounds what it expands to.
        self.expanded += *length as u64;
        if self.expanded > self.options.max_bytes {
            let problem = self.source.problem(&span, "the aliases of the file expand to too much text");
            return Err(Box::new(problem));
        }
        self.put(Node { key: None, value: span, kind: Kind::Alias });
        Ok(())
    }

    fn begin(&mut self, kind: Kind, span: Range<usize>) -> Result<(), Box<Diagnostic>> {
        self.count(&span)?;
        if self.open.len() >= self.options.max_depth {
            return Err(Box::new(self.too_deep(&span)));
        }
        let mut own_key = self.open.last_mut().and_then(|open| open.key.take());
        // A list or mapping where a key is expected is itself the key, which JSON cannot express.
        if own_key.is_none() && self.open.last().is_some_and(|open| matches!(open.node.kind, Kind::Map(_))) {
            let problem = self.source.problem(&span, "a key must be a string, not a list or a mapping");
            self.problems.push(problem);
            self.is_unreadable = true;
            own_key = Some(Key { text: String::new(), span: span.clone(), refused: true });
            // Keep a placeholder as the key, so that the value that follows is not mistaken for one.
            self.set_key(Key { text: String::new(), span: span.clone(), refused: true });
        }
        self.open.push(Open { node: Node { key: None, value: span, kind }, own_key, key: None });
        Ok(())
    }

    fn end(&mut self, span: Range<usize>) -> Result<(), Box<Diagnostic>> {
        let Some(Open { mut node, own_key, key: _ }) = self.open.pop() else { return Ok(()) };
        let whole = node.value.start..span.end.max(node.value.end);
        node.value.end = node.value.start + self.source.slice(&whole).trim_end().len();
        self.attach(node, own_key);
        Ok(())
    }

    fn put(&mut self, node: Node) {
        let key = self.open.last_mut().and_then(|open| open.key.take());
        self.attach(node, key);
    }

    fn attach(&mut self, mut node: Node, key: Option<Key>) {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        match (&mut open.node.kind, key) {
            (Kind::Map(_), Some(key)) if key.refused => {
                let end = node.value.end.max(key.span.end);
                let after = self.source.text().get(end..).unwrap_or("");
                let has_comma = after.trim_start().starts_with(',');
                let comma = if has_comma { after.len() - after.trim_start().len() + 1 } else { 0 };
                // In a flow mapping the comma goes too: two in a row are not valid.
                self.blanked.push(key.span.start..end + comma);
            }
            (Kind::Map(members), Some(key)) => {
                node.key = Some(key.span);
                members.insert(key.text, node);
            }
            (Kind::Seq(items), _) => items.push(node),
            (Kind::Map(_) | Kind::Scalar { .. } | Kind::Alias, _) => {}
        }
    }

    fn wants_key(&self) -> bool {
        self.open.last().is_some_and(|open| matches!(open.node.kind, Kind::Map(_)) && open.key.is_none())
    }

    fn set_key(&mut self, key: Key) {
        if let Some(open) = self.open.last_mut() {
            open.key = Some(key);
        }
    }

    fn tag(&mut self, is_tagged: bool, span: &Range<usize>) {
        if is_tagged {
            self.is_unreadable = true;
            let problem = self.source.problem(span, "tags are not supported");
            self.problems.push(problem.hint("remove the tag; quote the value if it is a string"));
        }
    }

    fn count(&mut self, span: &Range<usize>) -> Result<(), Box<Diagnostic>> {
        self.nodes += 1;
        if self.nodes <= self.options.max_nodes {
            return Ok(());
        }
        let limit = self.options.max_nodes;
        Err(Box::new(self.source.problem(span, format!("more than {limit} keys and values"))))
    }

    fn syntax(&self, error: &ScanError) -> Diagnostic {
        let at = self.byte(error.marker().index());
        if error.info().contains("recursion limit") {
            return self.too_deep(&(at..at));
        }
        if error.info().contains("unknown anchor") {
            let problem = self.source.problem(&(at..at), "an unquoted string cannot begin with `*`");
            return problem
                .label("YAML reads it as an alias")
                .hint("put it in quotes, such as \"*.example.com\"");
        }
        let line = self.source.place(at).line as usize;
        // A plain scalar continues on the next line, so the parser reports the error where the scalar begins.
        self.tab(Some(line + 1)).unwrap_or_else(|| {
            let problem = self.source.problem(&(at..at), error.info());
            let hint = text::indentation(self.source, line);
            problem.maybe_hint(hint.filter(|_| error.info().contains("did not find expected")))
        })
    }

    fn too_deep(&self, span: &Range<usize>) -> Diagnostic {
        self.source.problem(span, format!("more than {} levels of nesting", self.options.max_depth))
    }

    fn tab(&self, last_line: Option<usize>) -> Option<Diagnostic> {
        let tab = text::tab(self.source, &self.texts, last_line)?;
        Some(self.source.problem(&tab, "a tab cannot indent a line").hint("indent with spaces"))
    }

    fn bytes_of(&mut self, span: Span) -> Range<usize> {
        let start = self.byte(span.start.index());
        let end = self.byte(span.end.index()).max(start);
        let written = self.source.slice(&(start..end)).trim_end();
        if has_strange_anchor(written) {
            self.is_unreadable = true;
            let problem =
                self.source.problem(&(start..end), "the name of this anchor or alias is not supported");
            self.problems.push(problem.hint("use letters, digits, `-` and `_`"));
        }
        start + anchor_length(written)..start + written.len()
    }

    /// The bytes of a scalar alone: the parser ends some that are quoted behind the comment that follows.
    fn without_comment(&self, style: ScalarStyle, span: Range<usize>) -> Range<usize> {
        let written = self.source.slice(&span);
        let length = match style {
            ScalarStyle::SingleQuoted => text::length_in_quotes(written, '\''),
            ScalarStyle::DoubleQuoted => text::length_in_quotes(written, '"'),
            ScalarStyle::Plain | ScalarStyle::Literal | ScalarStyle::Folded => None,
        };
        span.start..length.map_or(span.end, |length| span.start + length)
    }

    fn byte(&self, character: usize) -> usize {
        let text = self.source.text();
        if self.bytes.is_empty() {
            return character.min(text.len());
        }
        self.bytes.get(character).copied().unwrap_or(text.len())
    }
}
