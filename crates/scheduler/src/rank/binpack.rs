//! Fills nodes up: the fuller a node would be, the better.

use model::resources::fit::Room;

/// Best raw score: nothing left at all.
const BEST: f64 = 18.0;

/// 0 (an empty node) to 1 (a full one): `20 − 10^free_cpu − 10^free_memory`, clamped to 0..18 and normalised, the
/// formula that the original took from Google's BestFit v3.
pub fn score(room: Room, free_after: Room) -> f64 {
    let free = |free: i64, all: i64| if all <= 0 { 0.0 } else { free as f64 / all as f64 };
    let raw = 20.0
        - 10f64.powf(free(free_after.cpu, room.cpu))
        - 10f64.powf(free(free_after.memory_mb, room.memory_mb));
    raw.clamp(0.0, BEST) / BEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fuller_node_scores_higher() {
        let room = Room { cpu: 1000, memory_mb: 1000, disk_mb: 0 };
        let half = Room { cpu: 500, memory_mb: 500, disk_mb: 0 };
        assert!(score(room, half) > score(room, room));
        assert!((score(room, Room::default()) - 1.0).abs() < 1e-9);
    }
}
