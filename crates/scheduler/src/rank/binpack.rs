//! Fills nodes up, or keeps them empty: the two algorithms of the scheduler's configuration.

use model::operator::SchedulerAlgorithm;
use model::resources::fit::Room;

/// Best raw score: nothing left at all, or nothing taken.
const BEST: f64 = 18.0;

/// 0 to 1. To fill up, `20 − 10^free_cpu − 10^free_memory` with the free shares that would be left, the formula that the
/// original took from Google's BestFit v3; to spread, the reverse of it. Clamped to 0..18 and normalised.
pub fn score(algorithm: SchedulerAlgorithm, room: Room, free_after: Room) -> f64 {
    let free = |free: i64, all: i64| if all <= 0 { 0.0 } else { free as f64 / all as f64 };
    let both =
        10f64.powf(free(free_after.cpu, room.cpu)) + 10f64.powf(free(free_after.memory_mb, room.memory_mb));
    let raw = match algorithm {
        SchedulerAlgorithm::Binpack => 20.0 - both,
        SchedulerAlgorithm::Spread => both - 2.0,
    };
    raw.clamp(0.0, BEST) / BEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fuller_node_scores_higher_or_lower() {
        let room = Room { cpu: 1000, memory_mb: 1000, disk_mb: 0 };
        let half = Room { cpu: 500, memory_mb: 500, disk_mb: 0 };
        let pack = |free| score(SchedulerAlgorithm::Binpack, room, free);
        let spread = |free| score(SchedulerAlgorithm::Spread, room, free);
        assert!(pack(half) > pack(room) && spread(half) < spread(room));
        assert!((pack(Room::default()) - 1.0).abs() < 1e-9 && (spread(room) - 1.0).abs() < 1e-9);
    }
}
