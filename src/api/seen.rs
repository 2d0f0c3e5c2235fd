//! The ids that came already, in as little memory as it takes: eight bytes each, without the slack of a hash table.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// How many sorted lists there are: short ones are quick to insert into, and grow one at a time.
const LISTS: usize = 1024;

/// Hashes of the ids seen; two ids of a million share one with a chance of 1 to 30 million.
#[derive(Debug)]
pub(super) struct Seen(Vec<Vec<u64>>);

impl Default for Seen {
    fn default() -> Self {
        Self(vec![Vec::new(); LISTS])
    }
}

impl Seen {
    /// Remembers an id; false if it came before.
    pub(super) fn insert(&mut self, id: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        let hash = hasher.finish();
        let list = usize::try_from(hash % LISTS as u64).unwrap_or(0);
        let Some(list) = self.0.get_mut(list) else { return true };
        match list.binary_search(&hash) {
            Ok(_) => false,
            Err(place) => {
                list.insert(place, hash);
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_id_is_new_once() {
        let mut seen = Seen::default();
        let ids: Vec<String> = (0..10_000).map(|id| format!("id-{id}")).collect();
        assert!(ids.iter().all(|id| seen.insert(id)));
        assert!(!ids.iter().any(|id| seen.insert(id)));
    }
}
