//! Keeps allocations of one group apart while other nodes are as good.

/// The penalty for a node that holds allocations of the group already; `None` where it holds none.
pub fn score(colocated: u32, count: i64) -> Option<f64> {
    (colocated > 0).then(|| -(f64::from(colocated) + 1.0) / count.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_the_worse() {
        assert_eq!(score(0, 4), None);
        assert_eq!(score(1, 4), Some(-0.5));
        assert_eq!(score(3, 4), Some(-1.0));
    }
}
