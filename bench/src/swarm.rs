//! Rows that need client agents: thousands of simulated ones in this process, over real gRPC, on servers that run as
//! processes of their own. Nothing is executed; everything else is as it would be.

mod fleet;
mod lost;
mod many;
mod single;
mod watchers;

pub(crate) use fleet::Fleet;
pub(crate) use many::Load;

use std::path::Path;

use crate::report::Figure;

/// Rows 4, 10, 11 and 12: many allocations on many agents.
pub(crate) async fn many(bin: &Path, dir: &Path, servers: usize, load: &Load) -> anyhow::Result<Vec<Figure>> {
    let mut fleet = Fleet::start(bin, dir, servers, load.agents).await?;
    let mut figures = many::run(&fleet, load).await?;
    figures.extend(many::keep(&mut fleet, load).await?);
    Ok(figures)
}

/// Row 5: from the submission of one task to its end, on a quiet cluster.
pub(crate) async fn single(bin: &Path, dir: &Path, count: usize) -> anyhow::Result<Vec<Figure>> {
    let fleet = Fleet::start(bin, dir, 3, 10).await?;
    single::run(&fleet, count).await
}

/// Rows 6 and 7: agents that watch and do nothing, then one allocation for each of them.
pub(crate) async fn watchers(bin: &Path, dir: &Path, agents: usize) -> anyhow::Result<Vec<Figure>> {
    watchers::run(bin, dir, agents).await
}

/// Row 9: an agent is gone; how long until its allocations run elsewhere.
pub(crate) async fn lost(
    bin: &Path,
    dir: &Path,
    agents: usize,
    rounds: usize,
) -> anyhow::Result<Vec<Figure>> {
    let mut fleet = Fleet::start(bin, dir, 3, agents).await?;
    Ok(vec![lost::run(&mut fleet, rounds).await?])
}
