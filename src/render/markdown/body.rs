//! What stands between head and foot: as many sections as there is room for, and what is left out.

/// How much a page may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// So many characters. Those outside of Unicode's first plane count twice, as they do for some forges.
    Characters(usize),
    /// So many bytes.
    Bytes(usize),
}

/// What a comment on GitHub may hold (65,536 characters), with some to spare.
pub const COMMENT: Room = Room::Characters(65_000);

impl Room {
    fn most(self) -> usize {
        match self {
            Self::Characters(most) | Self::Bytes(most) => most,
        }
    }

    fn of(self, text: &str) -> usize {
        match self {
            Self::Characters(_) => text.encode_utf16().count(),
            Self::Bytes(_) => text.len(),
        }
    }
}

/// The sections that fit, and what is left out.
pub(super) struct Body {
    text: String,
    room: Room,
    left: usize,
    omitted: Vec<String>,
}

impl Body {
    /// An empty body in a room of which something is kept free.
    pub(super) fn new(room: Room, frame: usize) -> Self {
        let left = room.most().saturating_sub(frame);
        Self { text: String::new(), room, left, omitted: Vec::new() }
    }

    /// The sections.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What is left out.
    pub(super) fn omitted(&self) -> &[String] {
        &self.omitted
    }

    /// Adds a section; one that does not fit is left out, and named.
    pub(super) fn add(&mut self, section: &str, name: impl FnOnce() -> String) {
        if !self.try_add(section) {
            self.omitted.push(name());
        }
    }

    /// Adds a section; false if it does not fit.
    pub(super) fn try_add(&mut self, section: &str) -> bool {
        let size = self.room.of(section) + 1;
        if size > self.left {
            return false;
        }
        self.left -= size;
        self.text.push_str(section);
        self.text.push('\n');
        true
    }

    /// Names something that is left out.
    pub(super) fn omit(&mut self, what: String) {
        self.omitted.push(what);
    }

    /// Adds a table between a head and a foot: as many rows as a part of the room, in percent, holds. `rest` says what
    /// is left behind so many rows.
    pub(super) fn table(
        &mut self,
        (head, foot): (&str, &str),
        rows: &[String],
        part: usize,
        rest: impl FnOnce(usize) -> String,
    ) {
        if rows.is_empty() {
            return;
        }
        let most = (self.room.most() / 100 * part).min(self.left.saturating_sub(500));
        let mut section = head.to_owned();
        let mut size = self.room.of(head);
        let mut shown = 0;
        for row in rows {
            size += self.room.of(row) + 1;
            if size > most {
                break;
            }
            section.push_str(row);
            section.push('\n');
            shown += 1;
        }
        if shown < rows.len() {
            let rest = rest(shown);
            section.push_str(&format!("\n… and {rest}.\n"));
            self.omitted.push(rest);
        }
        section.push_str(foot);
        self.add(&section, || "a table".to_owned());
    }
}
