//! The search: every history of few events, the shortest first.

use super::events::{Event, State};
use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// A history that breaks a promise.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) why: String,
    pub(super) history: Vec<Event>,
}

impl fmt::Display for Broken {
    #[expect(clippy::use_debug, reason = "an event is shown as a story writes it")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { why, history } = self;
        write!(f, "{why}, after {} events:", history.len())?;
        history.iter().try_for_each(|event| write!(f, "\n  {event:?}"))
    }
}

/// How many states were found, or the shortest history that breaks a promise.
pub(super) fn search(events: &[Event], depth: usize, most: usize) -> Result<usize, Broken> {
    let start = State::start();
    let (mut seen, mut states) = (HashSet::from([key(&start)]), vec![(start, Vec::new())]);
    for _ in 0..depth {
        let mut next = Vec::new();
        for (state, history) in states {
            for event in events {
                let with = || history.iter().copied().chain([*event]).collect::<Vec<_>>();
                let Some(after) = state.after(*event) else { continue };
                let after = after.map_err(|why| Broken { why, history: with() })?;
                if seen.insert(key(&after)) {
                    next.push((after, with()));
                }
            }
            if seen.len() > most {
                return Ok(seen.len());
            }
        }
        states = next;
    }
    Ok(seen.len())
}

fn key(state: &State) -> u64 {
    let mut hasher = DefaultHasher::new();
    state.hash(&mut hasher);
    hasher.finish()
}

/// Plays a history; what cannot happen is left out.
pub(super) fn play(events: &[Event]) -> Result<State, Broken> {
    let (mut state, mut history) = (State::start(), Vec::new());
    for event in events {
        match state.after(*event) {
            None => {}
            Some(Ok(after)) => {
                history.push(*event);
                state = after;
            }
            Some(Err(why)) => {
                history.push(*event);
                return Err(Broken { why, history });
            }
        }
    }
    Ok(state)
}

/// Plays a history that is made of picks: each is the next of the events that can happen.
pub(super) fn play_picks(events: &[Event], picks: &[usize]) -> Result<State, Broken> {
    const STRIDE: usize = 7;
    let (mut state, mut history) = (State::start(), Vec::new());
    for pick in picks {
        let next = (0..events.len()).find_map(|nth| {
            let event = events[(pick + nth * STRIDE) % events.len()];
            Some((event, state.after(event)?))
        });
        let Some((event, after)) = next else { continue };
        history.push(event);
        state = match after {
            Ok(after) => after,
            Err(why) => return Err(Broken { why, history }),
        };
    }
    Ok(state)
}

/// The shortest history that is left when events are taken out as long as it breaks a promise.
pub(super) fn shortest(mut broken: Broken) -> Broken {
    'again: loop {
        for nth in 0..broken.history.len() {
            let mut fewer = broken.history.clone();
            fewer.remove(nth);
            if let Err(shorter) = play(&fewer) {
                broken = shorter;
                continue 'again;
            }
        }
        return broken;
    }
}
