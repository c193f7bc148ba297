//! Fills nodes up, or keeps them empty: the two algorithms of the scheduler's configuration.

use std::sync::LazyLock;

use model::operator::SchedulerAlgorithm;
use model::resources::fit::Room;

/// Best raw score: nothing left at all, or nothing taken.
const BEST: f64 = 18.0;
/// Steps of the table of powers of ten.
const STEPS: usize = 256;
/// More than a chord of the table is above the curve: an eighth of the step squared times the curvature at 1.
const CHORD_ERROR: f64 = 1.02e-4;
/// More than rounding comes to.
const ROUNDING: f64 = 1e-9;

/// Powers of ten from 0 to 1.
static POWERS: LazyLock<[f64; STEPS + 1]> =
    LazyLock::new(|| std::array::from_fn(|step| 10f64.powf(step as f64 / STEPS as f64)));

/// 0 to 1. To fill up, `20 − 10^free_cpu − 10^free_memory` with the free shares that would be left, the formula that the
/// original took from Google's BestFit v3; to spread, the reverse of it. Clamped to 0..18 and normalised.
pub fn score(algorithm: SchedulerAlgorithm, room: Room, free_after: Room) -> f64 {
    let (cpu, memory) = shares(room, free_after);
    normalised(algorithm, 10f64.powf(cpu) + 10f64.powf(memory))
}

/// Never less than [`score`] and hardly more, for a fraction of the time: to rank nodes that nobody may ever look at.
pub fn at_most(algorithm: SchedulerAlgorithm, room: Room, free_after: Room) -> f64 {
    let (cpu, memory) = shares(room, free_after);
    let both = chord(cpu) + chord(memory);
    let both = match algorithm {
        SchedulerAlgorithm::Binpack => both - 2.0 * CHORD_ERROR,
        SchedulerAlgorithm::Spread => both,
    };
    normalised(algorithm, both) + ROUNDING
}

fn shares(room: Room, free: Room) -> (f64, f64) {
    let share = |free: i64, all: i64| if all <= 0 { 0.0 } else { free as f64 / all as f64 };
    (share(free.cpu, room.cpu), share(free.memory_mb, room.memory_mb))
}

/// 10^x for 0 ≤ x ≤ 1, or a little more.
fn chord(share: f64) -> f64 {
    let at = share.clamp(0.0, 1.0) * STEPS as f64;
    let step = (at as usize).min(STEPS - 1);
    let (low, high) = (POWERS[step], POWERS[step + 1]);
    low + (high - low) * (at - step as f64)
}

fn normalised(algorithm: SchedulerAlgorithm, both: f64) -> f64 {
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
        for share in 0..=1000 {
            let free = Room { cpu: share, memory_mb: (share * 7) % 1001, disk_mb: 0 };
            for algorithm in [SchedulerAlgorithm::Binpack, SchedulerAlgorithm::Spread] {
                let above = at_most(algorithm, room, free) - score(algorithm, room, free);
                assert!((0.0..1e-4).contains(&above), "{above}");
            }
        }
        assert!((pack(Room::default()) - 1.0).abs() < 1e-9 && (spread(room) - 1.0).abs() < 1e-9);
    }
}
