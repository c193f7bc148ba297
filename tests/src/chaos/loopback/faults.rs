//! How each fault of this level is brought about and ended.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use reqwest::Method;
use tokio::time::sleep;

use super::Loopback;
use super::net::Net;
use crate::chaos::site::Scene;
use crate::chaos::whole::{self, id_of};
use crate::chaos::{Kind, Step};
use crate::fault::damage;
use crate::fault::host::Disk;
use crate::fault::process::{self, Signal};
use crate::fault::proxy::{End, Link};
use crate::invariant::restarts::{self, Files};
use crate::invariant::{Promise, minority};

/// After this long a leader that is cut off knows it: longer than a lease and an election.
const LEASE: Duration = Duration::from_secs(2);
/// A clock is wrong by less than this: what is kept for an hour is still there.
const CLOCK_MINUTES: u64 = 30;
/// Longest delay of one direction.
const DELAY_MAX: Duration = Duration::from_millis(40);

/// Both directions between two servers.
fn both(one: usize, other: usize) -> [Link; 2] {
    [(End::Server(one), End::Server(other)), (End::Server(other), End::Server(one))]
}

impl Loopback {
    pub(super) async fn fault(&mut self, scene: &Scene, step: &Step) -> anyhow::Result<()> {
        let (leader, mut followers) = whole::roles(&scene.http, &self.cluster.addresses()).await?;
        let first = scene.choose(followers.len());
        followers.rotate_left(first);
        let follower = followers[0];
        let length = step.length;
        match step.kind {
            Kind::KillLeader => self.kill(scene, &[leader], length, &Files::Whole).await,
            Kind::KillFollower => self.kill(scene, &[follower], length * 2, &Files::Whole).await,
            Kind::KillAll => {
                let all: Vec<usize> = (0..self.servers).collect();
                self.kill(scene, &all, length / 4, &Files::Whole).await
            }
            Kind::Rolling => self.roll(scene).await,
            Kind::PauseLeader => self.pause(leader, length).await,
            Kind::PauseFollower => self.pause(follower, length).await,
            Kind::MinorityLeads => {
                let minority = followers.iter().take(self.minority() - 1).chain([&leader]).copied().collect();
                self.split(scene, &minority, length).await
            }
            Kind::MajorityLeads => {
                let minority = followers.iter().take(self.minority()).copied().collect();
                self.split(scene, &minority, length).await
            }
            Kind::OneWay => self.cut([(End::Server(leader), End::Server(follower))], length).await,
            Kind::Bridge => {
                let (left, right) = self.halves(follower);
                let links = left.iter().flat_map(|one| right.iter().flat_map(|other| both(*one, *other)));
                self.cut(links.collect::<Vec<_>>(), length).await
            }
            Kind::Delay => self.delay(scene, length).await,
            Kind::Reset => self.reset(length).await,
            Kind::SlowDisk => self.disk(scene, follower, Disk::IsSlow(length / 20), length).await,
            Kind::HangingDisk => self.disk(scene, leader, Disk::Hangs, length).await,
            Kind::FailingDisk => self.disk(scene, leader, Disk::Fails, length / 2).await,
            Kind::Wipe => self.wipe(scene, follower, length).await,
            Kind::Replace => self.replace(scene, leader, follower).await,
            Kind::Transfer => {
                let leads = self.cluster.address(leader);
                whole::transfer(&scene.http, &leads, &Self::name(follower)).await;
                Ok(())
            }
            Kind::TornTail | Kind::FlipLog | Kind::FlipTables => {
                self.damage(scene, step.kind, follower, length).await
            }
            Kind::KillAgent => self.kill_agent(scene, length).await,
            Kind::RestartSwarm => self.restart_swarm(length).await,
            Kind::ClockJump => self.wrong_clock(scene, leader, length).await,
            Kind::FullDisk => match &self.net {
                Net::Proxy(_) => self.disk(scene, leader, Disk::IsFull, length).await,
                Net::Kernel(hosts) => {
                    hosts.fill(leader)?;
                    sleep(length).await;
                    hosts.empty(leader)
                }
            },
        }
    }

    async fn kill(
        &mut self,
        scene: &Scene,
        servers: &[usize],
        away: Duration,
        files: &Files,
    ) -> anyhow::Result<()> {
        for server in servers {
            self.cluster.kill(*server)?;
        }
        sleep(away).await;
        if let [one] = servers {
            return self.start_again(scene, *one, files).await;
        }
        // All of them at once: none of them may need another one to answer.
        for server in servers {
            self.spawn(*server)?;
        }
        for server in servers {
            let start = self.started(*server).await;
            restarts::judge(&scene.verdict, &Self::name(*server), files, &start);
        }
        Ok(())
    }

    async fn roll(&mut self, scene: &Scene) -> anyhow::Result<()> {
        for server in 0..self.servers {
            self.cluster.stop(server).await?;
            self.start_again(scene, server, &Files::Whole).await?;
        }
        Ok(())
    }

    async fn pause(&mut self, server: usize, length: Duration) -> anyhow::Result<()> {
        let Some(pid) = self.cluster.pid(server) else { return Ok(()) };
        process::send(pid, Signal::Stop)?;
        sleep(length).await;
        process::send(pid, Signal::Continue)
    }

    async fn cut(&mut self, links: impl IntoIterator<Item = Link>, length: Duration) -> anyhow::Result<()> {
        self.net.cut(links.into_iter().collect())?;
        sleep(length).await;
        self.net.heal()?;
        Ok(())
    }

    /// As many servers as may be missing.
    fn minority(&self) -> usize {
        (self.servers - 1) / 2
    }

    /// Cuts a minority off from the others, and asks it what it must not answer.
    async fn split(
        &mut self,
        scene: &Scene,
        minority: &BTreeSet<usize>,
        length: Duration,
    ) -> anyhow::Result<()> {
        let majority = (0..self.servers).filter(|server| !minority.contains(server));
        let links = majority.flat_map(|one| minority.iter().flat_map(move |other| both(one, *other)));
        self.net.cut(links.collect())?;
        sleep(LEASE).await;
        let addresses = self.cluster.addresses();
        let mark = scene.mint.below(1 << 30);
        let (verdict, http) = (&scene.verdict, &scene.http);
        // Asked now: who led before may not have done so any more when the links were cut. One that does not say
        // might.
        let leads = minority.iter().map(async |server| {
            let says = whole::leads(http, &addresses[*server]).await;
            says.unwrap_or(true).then_some(*server)
        });
        let leads: BTreeSet<usize> = join_all(leads).await.into_iter().flatten().collect();
        let probe = |server: &usize| {
            let led = leads.iter().any(|leader| leader != server);
            minority::probe(verdict, http, &addresses[*server], led, mark)
        };
        // The cut lasts until the last of these answers is there, or given up.
        join_all(minority.iter().map(probe)).await;
        sleep(length.saturating_sub(LEASE)).await;
        self.net.heal()?;
        Ok(())
    }

    /// Two halves without the one between them.
    fn halves(&self, bridge: usize) -> (Vec<usize>, Vec<usize>) {
        let others: Vec<usize> = (0..self.servers).filter(|server| *server != bridge).collect();
        let (left, right) = others.split_at(others.len() / 2);
        (left.to_vec(), right.to_vec())
    }

    async fn delay(&mut self, scene: &Scene, length: Duration) -> anyhow::Result<()> {
        for one in 0..self.servers {
            for other in (0..self.servers).filter(|other| *other != one) {
                let by = scene.between(Duration::ZERO, DELAY_MAX);
                self.net.delay((End::Server(one), End::Server(other)), by);
            }
        }
        sleep(length).await;
        self.net.heal()?;
        Ok(())
    }

    async fn reset(&mut self, length: Duration) -> anyhow::Result<()> {
        const TIMES: u32 = 5;
        for _ in 0..TIMES {
            self.net.reset();
            sleep(length / TIMES).await;
        }
        Ok(())
    }

    async fn disk(
        &mut self,
        scene: &Scene,
        server: usize,
        how: Disk,
        length: Duration,
    ) -> anyhow::Result<()> {
        let Some(hosts) = self.hosts.clone() else { return Ok(()) };
        let name = Self::name(server);
        hosts.disk(&name, how)?;
        sleep(length).await;
        hosts.heal(&name)?;
        // A sync that failed ends the server, and it has to: nobody knows what is on the disk.
        if how == Disk::Fails {
            self.cluster.kill(server)?;
            return self.start_again(scene, server, &Files::Whole).await;
        }
        Ok(())
    }

    /// The leader's clock jumps, there and back. It must not fall over it, and what it decides stays right.
    async fn wrong_clock(&mut self, scene: &Scene, server: usize, length: Duration) -> anyhow::Result<()> {
        let Some(hosts) = self.hosts.clone() else { return Ok(()) };
        let name = Self::name(server);
        let minutes = i64::try_from(scene.mint.below(2 * CLOCK_MINUTES))? - CLOCK_MINUTES.cast_signed();
        hosts.clock(&name, minutes * 60)?;
        sleep(length).await;
        hosts.heal(&name)?;
        let lives = self.cluster.ended(server).is_none();
        scene
            .verdict
            .expect(Promise::P8, lives, || format!("{name} ended over a clock wrong by {minutes} min"));
        if lives { Ok(()) } else { self.start_again(scene, server, &Files::Whole).await }
    }

    async fn wipe(&mut self, scene: &Scene, server: usize, away: Duration) -> anyhow::Result<()> {
        self.cluster.kill(server)?;
        self.cluster.wipe(server)?;
        sleep(away / 2).await;
        self.start_again(scene, server, &Files::Whole).await
    }

    /// Takes a follower out of the membership under load, and lets it come back with nothing.
    async fn replace(&mut self, scene: &Scene, leader: usize, server: usize) -> anyhow::Result<()> {
        let configuration = self.cluster.get(leader, "/v1/operator/raft/configuration").await;
        let id = configuration.ok().and_then(|known| id_of(&known, &Self::name(server)));
        if let Some(id) = id {
            let url = format!("{}/v1/operator/raft/peer?id={id}", self.cluster.address(leader));
            // An answer that is lost or says busy leaves a member that is wiped and replaced: good as well.
            let _ = scene.http.ask(Method::DELETE, url, None).await;
        }
        self.wipe(scene, server, Duration::from_millis(500)).await
    }

    async fn damage(
        &mut self,
        scene: &Scene,
        kind: Kind,
        server: usize,
        away: Duration,
    ) -> anyhow::Result<()> {
        self.cluster.kill(server)?;
        let data = self.cluster.data_dir(server);
        let files = match kind {
            Kind::TornTail => {
                let (path, at) = damage::tear_tail(&damage::log_dir(&data), &scene.mint)?;
                Files::Torn(format!("{} at {at}", path.display()))
            }
            Kind::FlipLog => match damage::flip_bit(&damage::log_dir(&data), &scene.mint)? {
                Some((path, at)) => Files::LogFlipped(format!("{} at {at}", path.display())),
                None => Files::Whole,
            },
            _ => {
                let dir = match scene.choose(2) {
                    0 => damage::tables_dir(&data),
                    _ => damage::snapshots_dir(&data),
                };
                match damage::flip_bit(&dir, &scene.mint)? {
                    Some((path, at)) => Files::CopyFlipped(format!("{} at {at}", path.display())),
                    None => Files::Whole,
                }
            }
        };
        sleep(away / 4).await;
        self.start_again(scene, server, &files).await
    }

    async fn kill_agent(&mut self, scene: &Scene, away: Duration) -> anyhow::Result<()> {
        self.tasks.hold().await?;
        self.cluster.kill(self.agent)?;
        self.tasks.let_go()?;
        // Not so long that its node is given up: that is another promise.
        sleep(away / 8).await;
        self.spawn(self.agent)?;
        self.tasks.told(&scene.verdict).await;
        self.tasks.check(&scene.verdict).await;
        Ok(())
    }

    async fn restart_swarm(&mut self, away: Duration) -> anyhow::Result<()> {
        let half: Vec<usize> = (0..self.swarm.len()).step_by(2).collect();
        half.iter().for_each(|agent| self.swarm.stop(*agent));
        sleep(away / 2).await;
        half.iter().for_each(|agent| self.swarm.start(*agent));
        Ok(())
    }
}
