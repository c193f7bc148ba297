//! Hosts of their own for servers: network namespaces on one bridge, whose kernels drop packets, and small disks.
//!
//! The bridge has a namespace of its own, too: a host's filter of what it forwards, as Docker sets one up, would drop
//! what goes over a bridge beside it.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, ensure};
use tempfile::TempDir;

use super::proxy::{End, Link};
use crate::cluster::Host;

/// Size of a server's disk: little more than what a run leaves on it. The log takes 128 MiB at rest and 192 MiB until an
/// old segment goes; tables, while they are written anew, and three snapshots take up to 100 MiB more.
const DISK_MIB: u64 = 320;
/// The network of all of them; two runs at a time would be in each other's way.
const NETWORK: [u8; 3] = [10, 213, 77];
/// The namespace of the bridge, and the end of the cable into it that this process has.
const SWITCH: &str = "drover-chaos";
const BRIDGE: &str = "bridge";
const UPLINK: &str = "uplink";
/// Size of what fills a disk, in steps.
const BALLAST: usize = 1 << 20;

/// Namespaces and disks; all gone with this.
pub struct Hosts {
    dir: TempDir,
    names: Vec<String>,
    disks: Vec<PathBuf>,
}

fn run(program: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let output = Command::new(program).args(arguments).output().with_context(|| program.to_owned())?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program} {}: {}", arguments.join(" "), told.trim());
    Ok(())
}

/// Whether making hosts failed because this system does not let us, or lacks a program for it; anything else is a fault.
pub fn not_permitted(why: &anyhow::Error) -> bool {
    let missing = why.downcast_ref::<std::io::Error>();
    let told = format!("{why:#}");
    missing.is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound)
        || ["not permitted", "Permission denied", "Not supported"]
            .iter()
            .any(|refusal| told.contains(refusal))
}

fn ip_of(number: usize) -> IpAddr {
    let [a, b, c] = NETWORK;
    Ipv4Addr::new(a, b, c, u8::try_from(number + 1).unwrap_or(u8::MAX)).into()
}

impl Hosts {
    /// Makes so many hosts.
    ///
    /// # Errors
    /// When this system does not permit it, with the command that it refused.
    pub fn make(count: usize) -> anyhow::Result<Hosts> {
        let dir = tempfile::Builder::new().prefix("drover-hosts-").tempdir()?;
        let mut hosts = Hosts { dir, names: Vec::new(), disks: Vec::new() };
        // Of a run that was killed; without one there is nothing of that name.
        let _ = run("ip", &["netns", "delete", SWITCH]);
        let _ = run("ip", &["link", "delete", SWITCH]);
        run("ip", &["netns", "add", SWITCH])?;
        run("ip", &["-n", SWITCH, "link", "add", BRIDGE, "type", "bridge"])?;
        run("ip", &["-n", SWITCH, "link", "set", BRIDGE, "up"])?;
        run("ip", &["link", "add", SWITCH, "type", "veth", "peer", "name", UPLINK, "netns", SWITCH])?;
        run("ip", &["-n", SWITCH, "link", "set", "dev", UPLINK, "master", BRIDGE, "up"])?;
        let [a, b, c] = NETWORK;
        run("ip", &["address", "add", &format!("{a}.{b}.{c}.254/24"), "dev", SWITCH])?;
        run("ip", &["link", "set", SWITCH, "up"])?;
        for number in 0..count {
            hosts.add(number)?;
        }
        Ok(hosts)
    }

    fn add(&mut self, number: usize) -> anyhow::Result<()> {
        let (name, near, far) = (format!("{SWITCH}{number}"), format!("host{number}"), "eth0");
        let _ = run("ip", &["netns", "delete", &name]);
        run("ip", &["netns", "add", &name])?;
        self.names.push(name.clone());
        let cable = ["link", "add", &near, "type", "veth", "peer", "name", far, "netns", &name];
        run("ip", &[&["-n", SWITCH][..], &cable].concat())?;
        run("ip", &["-n", SWITCH, "link", "set", &near, "master", BRIDGE, "up"])?;
        let inside = |arguments: &[&str]| run("ip", &[&["-n", &name][..], arguments].concat());
        inside(&["address", "add", &format!("{}/24", ip_of(number)), "dev", far])?;
        inside(&["link", "set", far, "up"])?;
        inside(&["link", "set", "lo", "up"])?;
        self.filter(
            number,
            "add table inet chaos; add chain inet chaos in { type filter hook input priority 0; }",
        )?;
        let (image, disk) = (self.dir.path().join(format!("{name}.img")), self.dir.path().join(&name));
        fs::File::create(&image)?.set_len(DISK_MIB << 20)?;
        fs::create_dir(&disk)?;
        let (image, disk_text) = (image.display().to_string(), disk.display().to_string());
        run("mkfs.ext4", &["-q", "-m", "0", &image])?;
        run("mount", &["-o", "loop", &image, &disk_text])?;
        self.disks.push(disk);
        Ok(())
    }

    fn filter(&self, number: usize, rules: &str) -> anyhow::Result<()> {
        run("ip", &["netns", "exec", &self.names[number], "nft", rules])
    }

    /// The hosts, as a cluster is told of them.
    pub fn hosts(&self) -> Vec<Host> {
        let host = |number: usize| Host {
            ip: ip_of(number),
            namespace: Some(self.names[number].clone()),
            data: Some(self.data(number)),
        };
        (0..self.names.len()).map(host).collect()
    }

    fn data(&self, number: usize) -> PathBuf {
        self.disks[number].join("data")
    }

    /// Drops every packet that goes over these links.
    ///
    /// # Errors
    /// When the kernel does not take the rule.
    pub fn cut(&self, links: &[Link]) -> anyhow::Result<()> {
        for (from, to) in links {
            let (End::Server(from), End::Server(to)) = (from, to) else { continue };
            self.filter(*to, &format!("add rule inet chaos in ip saddr {} drop", ip_of(*from)))?;
        }
        Ok(())
    }

    /// All links are whole again.
    ///
    /// # Errors
    /// When the kernel does not take that.
    pub fn heal(&self) -> anyhow::Result<()> {
        (0..self.names.len()).try_for_each(|number| self.filter(number, "flush chain inet chaos in"))
    }

    /// Fills a host's disk to the last block.
    ///
    /// # Errors
    /// When it fails for another reason than that it is full.
    pub fn fill(&self, number: usize) -> anyhow::Result<()> {
        use std::io::Write;
        let mut ballast = fs::File::create(self.ballast(number))?;
        let mut step = BALLAST;
        while step > 0 {
            match ballast.write_all(&vec![1; step]) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::StorageFull => step /= 4,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// There is room on it again.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn empty(&self, number: usize) -> anyhow::Result<()> {
        Ok(fs::remove_file(self.ballast(number))?)
    }

    fn ballast(&self, number: usize) -> PathBuf {
        self.disks[number].join("ballast")
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        // What is gone already need not go; whoever made only half of it stops here.
        for disk in &self.disks {
            let _ = run("umount", &[&disk.display().to_string()]);
        }
        for name in &self.names {
            let _ = run("ip", &["netns", "delete", name]);
        }
        let _ = run("ip", &["link", "delete", SWITCH]);
        let _ = run("ip", &["netns", "delete", SWITCH]);
    }
}
