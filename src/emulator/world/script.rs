//! Counts requests and plays the faults that fall on each.

use super::fault::{Action, Edit, Fault, On, Twist};
use super::reply::Reply;
use super::zone::Zone;
use std::collections::BTreeMap;

/// The faults of a zone, or of the world, and how many requests of each kind there were.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    list: Vec<Fault>,
    seen: BTreeMap<On, u32>,
}

impl Faults {
    pub(super) fn new(list: Vec<Fault>) -> Self {
        Self { list, seen: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, fault: Fault) {
        self.list.push(fault);
    }

    /// What falls on the request that comes now.
    pub(super) fn draw(&mut self, on: On) -> Script {
        let nth = self.seen.entry(on).or_default();
        *nth = nth.saturating_add(1);
        let mut script = Script::default();
        for fault in self.list.iter().filter(|fault| fault.falls_on(on, *nth)) {
            script.take(fault.action.clone());
        }
        script
    }
}

/// All that happens around one request.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Script {
    before: Vec<Edit>,
    after: Vec<Edit>,
    /// What a write moves too.
    pub(super) collateral: Vec<Edit>,
    lost: bool,
    twist: Option<Twist>,
}

impl Script {
    fn take(&mut self, action: Action) {
        match action {
            Action::Edit(edit) => self.before.push(edit),
            Action::EditAfter(edit) => self.after.push(edit),
            Action::Collateral(edit) => self.collateral.push(edit),
            Action::Ignore => self.lost = true,
            Action::Twist { twist, stored } if self.twist.is_none() => {
                self.lost |= !stored;
                self.twist = Some(twist);
            }
            // Only one thing can become of a reply: the first of the list.
            Action::Twist { .. } => {}
        }
    }

    /// The reply as the client gets it.
    pub(super) fn twist(&self, reply: Reply) -> Reply {
        match &self.twist {
            Some(twist) => twist.apply(reply),
            None => reply,
        }
    }
}

/// Answers a request to a zone under the faults that fall on it.
pub(super) fn play(zone: &mut Zone, on: On, act: impl FnOnce(&mut Zone, &Script) -> Reply) -> Reply {
    let script = zone.faults.draw(on);
    script.before.iter().for_each(|edit| zone.edit(edit));
    let reply = if on.writes() && script.lost { act(&mut zone.clone(), &script) } else { act(zone, &script) };
    script.after.iter().for_each(|edit| zone.edit(edit));
    script.twist(reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(nth: u32, count: Option<u32>, twist: Twist) -> Fault {
        Fault { on: On::Put, nth, count, action: Action::Twist { twist, stored: false } }
    }

    #[test]
    fn a_fault_falls_on_its_requests_and_no_other() {
        let mut faults = Faults::new(vec![fault(2, Some(2), Twist::Cut)]);
        let hits: Vec<bool> = (0..4).map(|_| faults.draw(On::Put).twist.is_some()).collect();
        assert_eq!(hits, [false, true, true, false]);
        assert_eq!(faults.draw(On::Get), Script::default());
    }

    #[test]
    fn of_two_twists_the_first_wins() {
        let list = vec![fault(1, None, Twist::Silent), fault(1, None, Twist::Cut)];
        let mut faults = Faults::new(list);
        assert_eq!(faults.draw(On::Put).twist, Some(Twist::Silent));
    }
}
