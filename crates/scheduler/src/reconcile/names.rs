//! The numbers in allocations' names: `job.group[0]` is the first, and a number that is free is used again.

use std::collections::BTreeSet;

/// Numbers in use.
#[derive(Debug, Clone, Default)]
pub struct Names {
    used: BTreeSet<u64>,
    /// Every number below is in use.
    lowest: u64,
}

impl Names {
    /// Takes note of a number in use.
    pub fn take(&mut self, index: u64) {
        self.used.insert(index);
    }

    /// This number if it is free, or else another one; which is then in use.
    pub fn claim(&mut self, index: u64) -> u64 {
        if self.used.insert(index) { index } else { self.lowest_free() }
    }

    /// The lowest number that is free, which is then in use.
    pub fn lowest_free(&mut self) -> u64 {
        while self.used.contains(&self.lowest) {
            self.lowest += 1;
        }
        self.used.insert(self.lowest);
        self.lowest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_first() {
        let mut names = Names::default();
        names.take(0);
        names.take(2);
        assert_eq!([names.lowest_free(), names.lowest_free(), names.lowest_free()], [1, 3, 4]);
        assert_eq!([names.claim(9), names.claim(9)], [9, 5]);
    }
}
