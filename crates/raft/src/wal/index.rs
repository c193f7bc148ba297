//! What the log holds, in memory: where each entry stands, and the newest payloads themselves.
//!
//! Bounded: payloads beyond the cache's size are dropped once they are on disk and are read back
//! when a slow follower asks. It never decides anything; the writer and the callers tell it.

use std::collections::VecDeque;

use bytes::Bytes;

use super::record::Position;

/// Where an entry's record lies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) segment: u64,
    pub(crate) offset: u64,
    pub(crate) size: usize,
}

#[derive(Debug)]
struct Slot {
    at: Position,
    payload: Option<Bytes>,
    place: Option<Place>,
    bytes: usize,
}

/// One entry as the index knows it: in memory, or where to read it.
#[derive(Debug, Clone)]
pub(crate) enum Known {
    Cached(Bytes),
    OnDisk(Place),
}

/// The entries between the purged position and the end of the log.
#[derive(Debug, Default)]
pub(crate) struct Index {
    slots: VecDeque<Slot>,
    purged: Option<Position>,
    cached_bytes: usize,
    cache_limit: usize,
    /// Slots before this one hold no payload.
    evicted: usize,
}

impl Index {
    pub(crate) fn new(cache_limit: usize) -> Index {
        Index { cache_limit, ..Index::default() }
    }

    pub(crate) fn purged(&self) -> Option<Position> {
        self.purged
    }

    /// The last entry, or what was purged when there is none.
    pub(crate) fn last(&self) -> Option<Position> {
        self.slots.back().map(|slot| slot.at).or(self.purged)
    }

    pub(crate) fn first_index(&self) -> Option<u64> {
        self.slots.front().map(|slot| slot.at.index)
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Adds the next entry. Refuses a hole: raft only ever looks at the last id.
    pub(crate) fn append(&mut self, at: Position, payload: Bytes) -> Result<(), Position> {
        if let Some(last) = self.slots.back()
            && last.at.index + 1 != at.index
        {
            return Err(last.at);
        }
        let bytes = payload.len();
        self.cached_bytes += bytes;
        self.slots.push_back(Slot { at, payload: Some(payload), place: None, bytes });
        Ok(())
    }

    /// Adds an entry that is on disk and was read back at start. Its payload is left there: few of them are asked for.
    pub(crate) fn recovered(&mut self, at: Position, place: Place) -> Result<(), Position> {
        self.append(at, Bytes::new())?;
        self.written(at, place);
        if let Some(slot) = self.slots.back_mut() {
            slot.payload = None;
        }
        Ok(())
    }

    /// Remembers where an entry was written, and drops old payloads beyond the limit.
    pub(crate) fn written(&mut self, at: Position, place: Place) {
        if let Some(slot) = self.slot_mut(at.index)
            && slot.at == at
        {
            slot.place = Some(place);
        }
        while self.cached_bytes > self.cache_limit {
            let Some(slot) = self.slots.get_mut(self.evicted) else {
                break;
            };
            if slot.place.is_none() {
                break;
            }
            if slot.payload.take().is_some() {
                self.cached_bytes -= slot.bytes;
            }
            self.evicted += 1;
        }
    }

    /// Forgets entries from `since` on.
    pub(crate) fn truncate(&mut self, since: u64) {
        while self.slots.back().is_some_and(|slot| slot.at.index >= since) {
            if let Some(slot) = self.slots.pop_back()
                && slot.payload.is_some()
            {
                self.cached_bytes -= slot.bytes;
            }
        }
        self.evicted = self.evicted.min(self.slots.len());
    }

    /// Forgets entries up to and including `upto`.
    pub(crate) fn purge(&mut self, upto: Position) {
        while self.slots.front().is_some_and(|slot| slot.at.index <= upto.index) {
            if let Some(slot) = self.slots.pop_front()
                && slot.payload.is_some()
            {
                self.cached_bytes -= slot.bytes;
            }
            self.evicted = self.evicted.saturating_sub(1);
        }
        self.purged = self.purged.max(Some(upto));
    }

    /// The entry at `index`, if the log has it.
    pub(crate) fn get(&self, index: u64) -> Option<(Position, Known)> {
        let first = self.first_index()?;
        let slot = self.slots.get(usize::try_from(index.checked_sub(first)?).ok()?)?;
        let known = match (&slot.payload, slot.place) {
            (Some(payload), _) => Known::Cached(payload.clone()),
            (None, Some(place)) => Known::OnDisk(place),
            (None, None) => return None,
        };
        Some((slot.at, known))
    }

    fn slot_mut(&mut self, index: u64) -> Option<&mut Slot> {
        let first = self.first_index()?;
        self.slots.get_mut(usize::try_from(index.checked_sub(first)?).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(index: u64) -> Position {
        Position { term: 1, node: 1, index }
    }

    #[test]
    fn payloads_beyond_the_limit_leave_memory_once_written() {
        let mut index = Index::new(250);
        for number in 0..10 {
            index.append(at(number), Bytes::from(vec![0; 100])).unwrap();
        }
        assert!(matches!(index.get(0), Some((_, Known::Cached(_)))), "unwritten entries stay");
        for number in 0..10 {
            index.written(at(number), Place { segment: 1, offset: 0, size: 140 });
        }
        assert!(matches!(index.get(0), Some((_, Known::OnDisk(_)))));
        assert!(matches!(index.get(9), Some((_, Known::Cached(_)))));
        index.purge(at(4));
        index.truncate(8);
        assert_eq!((index.first_index(), index.last()), (Some(5), Some(at(7))));
        index.truncate(0);
        assert_eq!(index.last(), Some(at(4)));
        assert_eq!(index.cached_bytes, 0);
    }

    #[test]
    fn a_hole_is_refused() {
        let mut index = Index::new(1000);
        index.append(at(5), Bytes::new()).unwrap();
        assert_eq!(index.append(at(7), Bytes::new()), Err(at(5)));
    }
}
