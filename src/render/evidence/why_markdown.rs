//! Why a request was stopped, as Markdown for a ticket. Text from outside only stands in code spans and fences.

use super::why::{asked, behind, effect, head, request, title};
use crate::model::{Change, Stop, Way, WayKind, Why, WhyZone, clean, plural};
use crate::render::markdown::{code, fenced};
use std::fmt;

/// The answer as Markdown.
#[derive(Clone, Copy, Debug)]
pub struct WhyMarkdown<'a>(pub &'a Why);

fn zone(zone: &WhyZone) -> String {
    let mut text = format!("### {}\n\n", code(&title(zone)));
    if let Some(why) = &zone.failed {
        text.push_str(&format!("Could not be searched: {}\n\n", code(&why.text)));
    }
    if let Some(why) = &zone.unread {
        text.push_str(&format!("Its settings could not be read: {}\n\n", code(why)));
    }
    text + &zone.stops.iter().map(stop).collect::<String>()
}

fn stop(stop: &Stop) -> String {
    let mut text =
        format!("**{}**\n\n- {}\n", code(&head(stop).replace('`', "")), code(&request(&stop.event)));
    behind(stop).iter().for_each(|line| text.push_str(&format!("- {}\n", code(&line.replace('`', "")))));
    let ways = stop.ways.iter().filter(|way| way.kind != WayKind::None).collect::<Vec<_>>();
    if !ways.is_empty() {
        text.push_str("\nWhat you can do, least harmful first:\n\n");
        ways.iter().enumerate().for_each(|(index, one)| text.push_str(&way(index + 1, one)));
    }
    for none in stop.ways.iter().filter(|way| way.kind == WayKind::None) {
        text.push_str(&format!("\nNot possible: {}\n", code(&none.text)));
    }
    text + "\n"
}

fn way(number: usize, way: &Way) -> String {
    let mut text = format!("{number}. {}\n", code(&way.text.replace('`', "")));
    text.extend(effect(way).map(|said| format!("\n   {}\n", code(&said.replace('`', "")))));
    if let Some(Change { file, lines }) = &way.change {
        let file = file.as_ref().map_or_else(|| "a new zone file".to_owned(), |file| code(file));
        let lines: Vec<_> = lines.iter().map(|line| clean(line)).collect();
        let fence = fenced("yaml", &lines.join("\n"));
        let fence: String = fence.lines().map(|line| format!("   {line}\n")).collect();
        text.push_str(&format!("\n   In {file}:\n\n{fence}"));
    }
    text
}

impl fmt::Display for WhyMarkdown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Why { asked: what, zones, zones_asked, reasons } = self.0;
        zones.iter().try_for_each(|of| f.write_str(&zone(of)))?;
        if reasons.is_empty() {
            return Ok(());
        }
        let zones = plural(*zones_asked, "zone");
        writeln!(f, "No event was found for {} in {zones}. Possible reasons:\n", code(&asked(what)))?;
        reasons.iter().try_for_each(|reason| writeln!(f, "- {reason}"))
    }
}
