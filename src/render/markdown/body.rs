//! Lays out a page of limited size: rows come before the names of their zones, and what room is left is filled with
//! names.

use super::escape::html;
use crate::model::plural;
use crate::plan::ZonePlan;

/// How much a page may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// So many characters. Those outside Unicode's first plane count twice, as some forges count UTF-16.
    Characters(usize),
    /// So many bytes.
    Bytes(usize),
}

/// What a comment on GitHub may hold (65,536 characters), with some to spare.
pub const COMMENT: Room = Room::Characters(65_000);

impl Room {
    pub(super) fn most(self) -> usize {
        match self {
            Self::Characters(most) | Self::Bytes(most) => most,
        }
    }

    pub(super) fn of(self, text: &str) -> usize {
        match self {
            Self::Characters(_) => text.encode_utf16().count(),
            Self::Bytes(_) => text.len(),
        }
    }
}

/// A row of a table, a line of a list, or a block, with the names of its zones.
pub(super) struct Entry {
    lead: String,
    /// The names, as HTML; a single one is part of the lead.
    names: Vec<String>,
    tail: &'static str,
    /// How many things it stands for.
    weight: usize,
}

impl Entry {
    /// A text that names no zones.
    pub(super) fn alone(text: String) -> Self {
        Self { lead: text, names: Vec::new(), tail: "", weight: 1 }
    }

    /// Sets how many things it stands for.
    pub(super) fn weighing(self, weight: usize) -> Self {
        Self { weight, ..self }
    }

    /// A text before the names of zones, and one after them.
    pub(super) fn of_zones(lead: &str, zones: &[&ZonePlan], tail: &'static str) -> Self {
        let name = |zone: &&ZonePlan| html(&zone.zone.shown());
        match zones {
            [zone] => Self { lead: format!("{lead}{}", name(zone)), names: Vec::new(), tail, weight: 1 },
            zones => Self {
                lead: lead.to_owned(),
                names: zones.iter().map(name).collect(),
                tail,
                weight: zones.len(),
            },
        }
    }

    /// The text with at most so many names.
    fn text(&self, most: usize) -> String {
        let Self { lead, names, tail, weight: _ } = self;
        let count = plural(names.len(), "zone");
        match names.get(..most).unwrap_or(names) {
            _ if names.is_empty() => format!("{lead}{tail}"),
            [] => format!("{lead}{count}{tail}"),
            shown => {
                let more = match names.len() - shown.len() {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                let shown = shown.join(", ");
                format!("{lead}<details><summary>{count}</summary>{shown}{more}</details>{tail}")
            }
        }
    }

    /// How many names fit into the spare room.
    fn fitting(&self, room: Room, spare: usize) -> usize {
        let all = self.text(self.names.len());
        let without = room.of(&self.text(0));
        if room.of(&all) <= without + spare {
            return self.names.len();
        }
        let frame = room.of("<details><summary></summary></details>") + room.of(" and 100000 more");
        let mut left = spare.saturating_sub(frame);
        let mut fits = 0;
        for name in &self.names {
            let size = room.of(name) + 2;
            if size > left {
                break;
            }
            left -= size;
            fits += 1;
        }
        fits
    }
}

/// The words for what is left out of a section: so many rows, which stand for so many things.
type Rest = fn(title: &str, rows: usize, things: usize) -> String;

/// A part of the page.
pub(super) struct Section {
    /// Its name, if something of it is left out.
    pub(super) title: String,
    /// What stands above the entries.
    pub(super) head: String,
    /// The entries, the most important first.
    pub(super) entries: Vec<Entry>,
    /// What stands below them.
    pub(super) foot: &'static str,
    /// How much of the page its entries may take before later sections get their share, in percent.
    pub(super) part: usize,
    /// What is left out, in words.
    pub(super) rest: Rest,
    /// Whether it only gets the room that the names of zones leave.
    pub(super) is_spare: bool,
}

impl Section {
    /// A section of rows that are left out one by one.
    pub(super) fn new(title: &str, head: String, entries: Vec<Entry>, part: usize) -> Self {
        let rest: Rest = |title, rows, _| format!("{rows} more of “{title}”");
        Self { title: title.to_owned(), head, entries, foot: "", part, rest, is_spare: false }
    }

    /// A text as a whole.
    pub(super) fn text(title: &str, text: String) -> Self {
        Self {
            rest: |title, _, _| title.to_owned(),
            ..Self::new(title, String::new(), vec![Entry::alone(text)], 100)
        }
    }

    /// Sets the words for what is left out.
    pub(super) fn rest(self, rest: Rest) -> Self {
        Self { rest, ..self }
    }

    /// Folds the section. The empty line after an HTML tag makes forges read what follows as Markdown again.
    pub(super) fn folded(self) -> Self {
        let count: usize = self.entries.iter().map(|entry| entry.weight).sum();
        let summary = format!("<details><summary>{} ({count})</summary>\n\n", self.title);
        Self { head: format!("{summary}{}", self.head), foot: "\n</details>\n", ..self }
    }
}

/// A section, how many of its entries are shown, and how many names of each.
struct Placed {
    section: Section,
    shown: usize,
    names: Vec<usize>,
}

impl Placed {
    /// Shows more entries, up to that much room, and says how much they take.
    fn grow(&mut self, room: Room, most: usize) -> usize {
        let Section { head, entries, foot, .. } = &self.section;
        let frame = room.of(head) + room.of(foot) + LEFT_OUT;
        let mut size = if self.shown == 0 { frame } else { 0 };
        let mut taken = 0;
        for entry in entries.iter().skip(self.shown) {
            size += room.of(&entry.text(0)) + 1;
            if size > most {
                break;
            }
            taken = size;
            self.shown += 1;
        }
        taken
    }

    /// What is left out: rows in words, and names.
    fn left_out(&self) -> (Option<String>, usize) {
        let Section { title, entries, rest, .. } = &self.section;
        let (shown, left) = entries.split_at(self.shown);
        let things = left.iter().map(|entry| entry.weight).sum();
        let rows = (!left.is_empty()).then(|| rest(title, left.len(), things));
        let names =
            shown.iter().zip(&self.names).map(|(entry, names)| entry.names.len().saturating_sub(*names));
        (rows, names.sum())
    }

    fn text(&self) -> String {
        let Section { head, entries, foot, .. } = &self.section;
        let mut text = head.clone();
        for (entry, names) in entries.iter().zip(&self.names).take(self.shown) {
            text.push_str(&entry.text(*names));
            text.push('\n');
        }
        if let (Some(rest), _) = self.left_out() {
            text.push_str(&format!("\n… and {rest}.\n"));
        }
        text + foot
    }
}

/// The room for the line below a section that says what is left out.
const LEFT_OUT: usize = 120;

/// The sections that fit, and what is left out.
pub(super) fn lay_out(sections: Vec<Section>, room: Room, frame: usize) -> (String, Vec<String>) {
    let mut left = room.most().saturating_sub(frame);
    let place = |section: Section| Placed { shown: 0, names: vec![0; section.entries.len()], section };
    let mut placed: Vec<_> =
        sections.into_iter().filter(|section| !section.entries.is_empty()).map(place).collect();
    // Each section gets its part first, so that a long one cannot crowd out the others; then those that need more.
    for one in &mut placed {
        let part = room.most() / 100 * one.section.part;
        left -= one.grow(room, part.min(left));
    }
    for one in placed.iter_mut().filter(|one| !one.section.is_spare) {
        left -= one.grow(room, left);
    }
    share_names(&mut placed, room, &mut left);
    for one in &mut placed {
        left -= one.grow(room, left);
    }
    let mut omitted: Vec<_> = placed.iter().filter_map(|one| one.left_out().0).collect();
    match placed.iter().map(|one| one.left_out().1).sum() {
        0 => {}
        names => omitted.push(plural(names, "zone name")),
    }
    let shown = placed.iter().filter(|one| one.shown > 0);
    (shown.map(|one| one.text() + "\n").collect(), omitted)
}

/// Shares the remaining room among the names: each row gets a fair share, and long rows get what short ones leave.
fn share_names(placed: &mut [Placed], room: Room, left: &mut usize) {
    let mut rows = Vec::new();
    for one in placed {
        let Placed { section, shown, names } = one;
        let shown = section.entries.iter().take(*shown).zip(names);
        rows.extend(shown.filter(|(entry, _)| !entry.names.is_empty()));
    }
    rows.sort_by_key(|(entry, _)| entry.names.len());
    let mut others = rows.len();
    for (entry, names) in rows {
        *names = entry.fitting(room, *left / others.max(1));
        let more = room.of(&entry.text(*names)).saturating_sub(room.of(&entry.text(0)));
        *left = left.saturating_sub(more);
        others -= 1;
    }
}
