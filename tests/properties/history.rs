//! What the API saw and when, and what its zones were right after each request.

use crate::schedule::{Act, Twin, id, name};
use botform::emulator::{Emulator, World};
use botform::model::Live;
use botform::run::Stop;
use serde_json::{Map, Value};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) at: Instant,
    pub(crate) method: String,
    /// The id of the zone, for its bot settings.
    pub(crate) zone: Option<String>,
    /// The name that is looked up in the list of zones, or none for a page of it.
    pub(crate) listed: Option<Option<String>>,
    pub(crate) body: Option<Value>,
    pub(crate) status: Option<u16>,
    pub(crate) retry_after: Option<Duration>,
    /// The number of PUTs to the zone in the journal at that time.
    pub(crate) journaled: usize,
    /// What GET shows of the zone right after.
    pub(crate) object: Map<String, Value>,
}

impl Seen {
    /// Whether it is a read whose reply reached the client.
    pub(crate) fn is_read(&self) -> bool {
        self.method == "GET" && self.status == Some(200)
    }
}

/// All requests of a run, the oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) seen: Vec<Seen>,
    /// The journal, once zones are written.
    pub(crate) journal: Option<PathBuf>,
    /// How many requests there were at Ctrl-C.
    pub(crate) stopped: Option<usize>,
}

/// What GET would show of a zone, without members that change on their own.
pub(crate) fn object(world: &World, id: &str) -> Map<String, Value> {
    match world.object_of(id) {
        Some(Value::Object(object)) => Live::read(object).to_object(),
        _ => Map::new(),
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.seen.first() else { return Ok(()) };
        for (place, seen) in self.seen.iter().enumerate() {
            if self.stopped == Some(place) {
                writeln!(f, "Ctrl-C")?;
            }
            let Seen { at, method, zone, listed, body, status, retry_after, journaled: _, object: _ } = seen;
            let what = match (zone, listed) {
                (Some(zone), _) => zone.as_str(),
                (None, Some(Some(name))) => name.as_str(),
                (None, _) => "zones",
            };
            let body = body.as_ref().map(Value::to_string).unwrap_or_default();
            let at = (*at - first.at).as_secs_f64();
            let status = status.map_or_else(|| "no reply".to_owned(), |status| status.to_string());
            let retry_after = retry_after.map_or(0, |wait| wait.as_secs());
            writeln!(f, "{at:>8.3} {method} {what} {body} {status}, wait {retry_after} s")?;
        }
        Ok(())
    }
}

impl History {
    fn note(&mut self, world: &World) {
        for request in &world.requests()[self.seen.len()..] {
            let zone = request.path.strip_suffix("/bot_management");
            let zone = zone.and_then(|path| path.rsplit('/').next()).map(str::to_owned);
            self.seen.push(Seen {
                at: Instant::now(),
                method: request.method.clone(),
                journaled: zone.as_deref().map_or(0, |id| self.journaled(id)),
                object: zone.as_deref().map(|id| object(world, id)).unwrap_or_default(),
                zone,
                listed: (request.path.ends_with("/zones")).then(|| {
                    let name = request.query.iter().find(|(key, _)| key == "name");
                    name.map(|(_, name)| name.clone())
                }),
                body: request.body.clone(),
                status: request.status,
                retry_after: request.retry_after.map(Duration::from_secs),
            });
        }
    }

    /// The number of PUTs to a zone in the journal.
    fn journaled(&self, id: &str) -> usize {
        let text =
            self.journal.as_ref().map(|path| std::fs::read_to_string(path).unwrap()).unwrap_or_default();
        let is_put = |line: &&str| line.contains(r#""event":"put""#) && line.contains(id);
        text.lines().filter(is_put).count()
    }

    /// Watches while it is polled, and acts after the scripted requests.
    pub(crate) async fn watch(&mut self, emulator: &Emulator, acts: &[(usize, Act)], stop: &Stop) {
        let begun = emulator.requests().len();
        for (after, act) in acts {
            emulator.until(|world| self.reaches(world, begun + after)).await;
            match act {
                Act::Edit { zone, key, value } => {
                    // With fewer zones there is nothing to edit.
                    emulator.edit(|world| world.set_of(&id(*zone, false), key, Some(value.clone())));
                }
                Act::Stop => {
                    stop.request();
                    self.stopped.get_or_insert(self.seen.len());
                }
            }
        }
        emulator.until(|world| self.reaches(world, usize::MAX)).await;
    }

    fn reaches(&mut self, world: &World, count: usize) -> bool {
        self.note(world);
        self.seen.len() >= count
    }

    /// Notes what came last.
    pub(crate) fn finish(mut self, emulator: &Emulator) -> Self {
        self.note(&emulator.world());
        self
    }

    /// Whether the list has shown that two zones have the name of a zone.
    pub(crate) fn has_shown(&self, twin: Twin, n: usize) -> bool {
        let from = match twin {
            Twin::None => return false,
            Twin::There => 0,
            Twin::Added { nth, first: _ } => nth as usize - 1,
        };
        let lists = self.seen.iter().filter(|seen| seen.listed.is_some()).skip(from);
        let mut read = lists.filter(|seen| seen.is_read());
        read.any(|seen| seen.listed.as_ref().is_some_and(|of| of.as_ref().is_none_or(|of| *of == name(n))))
    }

    /// The requests about the bot settings of a zone.
    pub(crate) fn of(&self, id: &str) -> Vec<(usize, &Seen)> {
        let about = |seen: &&Seen| seen.zone.as_deref() == Some(id);
        self.seen.iter().enumerate().filter(|(_, seen)| about(seen)).collect()
    }
}
