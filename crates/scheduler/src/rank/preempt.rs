//! Preemption: which allocations make way for a more important one. As few as will do, the least important first.

use model::Allocation;
use model::resources::fit::Room;
use model::resources::used::Used;

/// How much less important what makes way has to be.
pub const PRIORITY_GAP: i64 = 10;

/// The smallest set of allocations without which `fits` holds of what is used. The least important come first; among
/// those of one priority the one that is closest in size to what is still missing, so that little is disturbed.
/// `None` when not even all of them would do.
pub fn choose<'a>(
    victims: &[&'a Allocation],
    used: &Used,
    missing: impl Fn(&Used) -> Room,
    fits: impl Fn(&Used) -> bool,
) -> Option<Vec<&'a Allocation>> {
    let mut waiting = victims.to_vec();
    let mut left = used.clone();
    let mut chosen: Vec<&Allocation> = Vec::new();
    while !fits(&left) {
        let lowest = waiting.iter().map(|alloc| alloc.job.priority).min()?;
        let need = missing(&left);
        let closest = waiting.iter().enumerate().filter(|(_, alloc)| alloc.job.priority == lowest).min_by(
            |(_, one), (_, other)| {
                let of = |alloc: &Allocation| distance(need, Room::of_alloc(&alloc.resources));
                of(one).total_cmp(&of(other)).then_with(|| one.id.cmp(&other.id))
            },
        );
        let (at, _) = closest?;
        let alloc = waiting.remove(at);
        left.remove(&alloc.resources);
        chosen.push(alloc);
    }
    spare(&mut chosen, left, fits);
    Some(chosen)
}

/// Spares each that was chosen but is not needed, the most important first.
fn spare(chosen: &mut Vec<&Allocation>, mut left: Used, fits: impl Fn(&Used) -> bool) {
    chosen.sort_by_key(|alloc| (-alloc.job.priority, alloc.id));
    chosen.retain(|alloc| {
        let mut with = left.clone();
        with.add(&alloc.resources);
        let needed = !fits(&with);
        if !needed {
            left = with;
        }
        needed
    });
    chosen.sort_by_key(|alloc| (alloc.job.priority, alloc.id));
}

/// How far an allocation's size is from what is missing, each dimension in proportion.
fn distance(need: Room, size: Room) -> f64 {
    let part = |need: i64, size: i64| if need > 0 { (need - size) as f64 / need as f64 } else { 0.0 };
    let parts =
        [part(need.cpu, size.cpu), part(need.memory_mb, size.memory_mb), part(need.disk_mb, size.disk_mb)];
    parts.iter().map(|part| part * part).sum::<f64>().sqrt()
}

/// 0 to 1: the less important what makes way is, the better. The priority of the most important of them counts, and
/// all together a little.
pub fn score(chosen: &[&Allocation]) -> f64 {
    let priorities = chosen.iter().map(|alloc| alloc.job.priority.max(1) as f64);
    let most = priorities.clone().fold(1.0, f64::max);
    let net = most + priorities.sum::<f64>() / most;
    // Falls off from 1 around a net priority of 2,048, gently.
    1.0 / (1.0 + (0.0048 * (net - 2048.0)).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::id::AllocId;
    use model::resources::TaskResources;
    use model::{AllocatedResources, Job};
    use std::sync::Arc;

    fn alloc(number: u128, priority: i64, cpu: i64) -> Allocation {
        let task = TaskResources { cpu_shares: cpu, ..TaskResources::default() };
        Allocation {
            id: AllocId(uuid::Uuid::from_u128(number)),
            job: Arc::new(Job { priority, ..Job::default() }),
            resources: AllocatedResources { tasks: [("t".into(), task)].into(), ..Default::default() },
            ..Allocation::default()
        }
    }

    fn chosen(allocs: &[Allocation], room: i64, wanted: i64) -> Option<Vec<u128>> {
        let mut used = Used::default();
        allocs.iter().for_each(|alloc| used.add(&alloc.resources));
        let victims: Vec<&Allocation> = allocs.iter().collect();
        let missing = |used: &Used| Room { cpu: wanted - (room - used.room.cpu), ..Room::default() };
        let fits = |used: &Used| used.room.cpu + wanted <= room;
        let found = choose(&victims, &used, missing, fits)?;
        Some(found.iter().map(|alloc| alloc.id.0.as_u128()).collect())
    }

    #[test]
    fn the_least_important_and_no_more_than_needed() {
        let allocs = [alloc(1, 30, 400), alloc(2, 10, 100), alloc(3, 10, 300), alloc(4, 20, 200)];
        assert_eq!(chosen(&allocs, 1000, 300), Some(vec![3]), "the closest in size");
        assert_eq!(chosen(&allocs, 1000, 350), Some(vec![2, 3]));
        assert_eq!(chosen(&allocs, 1000, 450), Some(vec![3, 4]), "the small one is spared");
        assert_eq!(chosen(&allocs, 1000, 1001), None);
        assert_eq!(chosen(&allocs, 1100, 100), Some(vec![]));
    }

    #[test]
    fn less_important_victims_score_higher() {
        let (low, high) = (alloc(1, 10, 1), alloc(2, 60, 1));
        assert!(score(&[&low]) > score(&[&high]) && score(&[&low]) > score(&[&low, &high]));
    }
}
