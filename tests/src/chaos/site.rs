//! Where servers run and how faults are brought upon them: on loopback, in namespaces, in containers.

use std::time::Duration;

use runtime::Mint;

use super::{Kind, Step};
use crate::invariant::settled::Copies;
use crate::invariant::{Promise, Verdict};
use crate::workload::http::Http;

/// What a fault has at hand.
pub struct Scene {
    /// What is drawn from.
    pub mint: Mint,
    /// Where checks are counted.
    pub verdict: Verdict,
    /// Asks servers.
    pub http: Http,
}

impl Scene {
    /// Somewhere between the two.
    pub fn between(&self, from: Duration, to: Duration) -> Duration {
        let span = u64::try_from(to.saturating_sub(from).as_millis()).unwrap_or(0);
        from + Duration::from_millis(self.mint.below(span))
    }

    /// One of so many.
    pub fn choose(&self, count: usize) -> usize {
        usize::try_from(self.mint.below(count as u64)).unwrap_or(0)
    }
}

/// A place where servers run. Whatever it starts ends with it.
#[expect(async_fn_in_trait, reason = "only this package's own runner awaits them")]
pub trait Site {
    /// The faults that it knows.
    fn kinds(&self) -> &'static [Kind];
    /// The promises that can be checked here.
    fn promises(&self) -> &'static [Promise];
    /// HTTP addresses of the servers.
    fn addresses(&self) -> Vec<String>;
    /// Brings one fault about, and ends it: afterwards everything runs and every link is whole.
    ///
    /// # Errors
    /// When the site itself fails, not the servers: that is for the verdict.
    async fn inflict(&mut self, scene: &Scene, step: &Step) -> anyhow::Result<()>;
    /// All servers answer, agree on the members and have a leader; whoever does not is put into the verdict.
    ///
    /// # Errors
    /// As [`Site::inflict`].
    async fn await_whole(&mut self, scene: &Scene) -> anyhow::Result<()>;
    /// Where copies run, as the client agents say.
    async fn copies(&self) -> Copies;
    /// What is to be seen of client agents at the end (P6).
    async fn check_tasks(&mut self, scene: &Scene);
    /// What a failed run leaves for people to look at.
    fn traces(&self) -> String;
}
