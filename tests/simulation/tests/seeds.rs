//! A few seeds for every test run; `cargo run --release -p simulation -- --seeds 10000` runs thousands.

use simulation::{Promise, run};

#[test]
fn promises_hold_and_are_looked_at() {
    let mut checked = [0; Promise::COUNT];
    for seed in 1..=24 {
        let report = run(seed, false);
        assert!(
            report.broken.is_none(),
            "replay: cargo run -p simulation -- --seed {seed}: {:?}",
            report.broken
        );
        for (total, one) in checked.iter_mut().zip(report.checked) {
            *total += one;
        }
    }
    for (promise, times) in Promise::ALL.into_iter().zip(checked) {
        assert!(times > 0, "{promise} was never checked");
    }
}

#[test]
fn the_same_seed_gives_the_same_events() {
    for seed in 100..106 {
        let (one, other) = (run(seed, true), run(seed, true));
        assert_eq!(one.events, other.events, "seed {seed}");
        assert_eq!(one.trace, other.trace, "seed {seed}");
        assert!(one.acknowledged > 0, "seed {seed} did nothing");
    }
}
