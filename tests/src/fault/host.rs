//! Bad hosts: a small library, preloaded into a process, makes its disk hang, slow, fail or full and its clock wrong
//! while control files say so. The same one serves `deploy/chaos/hang-syncs`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::ensure;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/chaos/host.c");

/// What a disk does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disk {
    /// No sync comes back.
    Hangs,
    /// Each takes so much longer.
    IsSlow(Duration),
    /// None succeeds.
    Fails,
    /// There is no room for more.
    IsFull,
}

/// The compiled library.
#[derive(Debug, Clone)]
pub struct BadHosts {
    library: PathBuf,
    dir: PathBuf,
}

impl BadHosts {
    /// Compiles it into `dir`, where the control files will be, too.
    ///
    /// # Errors
    /// When there is no C compiler `cc`: disks then cannot be made bad.
    pub fn build(dir: &Path) -> anyhow::Result<BadHosts> {
        let library = dir.join("host.so");
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&library)
            .args([SOURCE, "-ldl"])
            .output()?;
        ensure!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
        Ok(BadHosts { library, dir: dir.to_owned() })
    }

    fn control(&self, name: &str, what: &str) -> PathBuf {
        self.dir.join(format!("{name}.{what}"))
    }

    /// What the process that is called so has to be started with.
    pub fn environment(&self, name: &str) -> [(&'static str, String); 3] {
        let text = |path: &Path| path.display().to_string();
        [
            ("LD_PRELOAD", text(&self.library)),
            ("DROVER_CHAOS_DISK", text(&self.control(name, "disk"))),
            ("DROVER_CHAOS_CLOCK", text(&self.control(name, "clock"))),
        ]
    }

    /// Its disk is so from now on.
    ///
    /// # Errors
    /// When the control file cannot be written.
    pub fn disk(&self, name: &str, disk: Disk) -> anyhow::Result<()> {
        let text = match disk {
            Disk::Hangs => "hang".to_owned(),
            Disk::IsSlow(by) => format!("slow {}", by.as_millis()),
            Disk::Fails => "fail".to_owned(),
            Disk::IsFull => "full".to_owned(),
        };
        put(&self.control(name, "disk"), &text)
    }

    /// Its clock is wrong by so many seconds from now on.
    ///
    /// # Errors
    /// As [`BadHosts::disk`].
    pub fn clock(&self, name: &str, wrong_by: i64) -> anyhow::Result<()> {
        put(&self.control(name, "clock"), &wrong_by.to_string())
    }

    /// Its disk and its clock are good again.
    ///
    /// # Errors
    /// When a control file cannot be removed.
    pub fn heal(&self, name: &str) -> anyhow::Result<()> {
        for what in ["disk", "clock"] {
            match fs::remove_file(self.control(name, what)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Whole or not at all: nobody reads the half of it.
fn put(path: &Path, text: &str) -> anyhow::Result<()> {
    let fresh = path.with_extension("new");
    fs::write(&fresh, text)?;
    Ok(fs::rename(fresh, path)?)
}
