//! Kernel, distribution and the host's name.

use std::collections::BTreeSet;
use std::fs;

use nix::sys::signal::Signal;

use super::{Attributes, put};

/// Sets the attributes and gives the host's name.
pub(super) fn fingerprint(attributes: &mut Attributes) -> String {
    let read = |name: &str| {
        fs::read_to_string(format!("/proc/sys/kernel/{name}")).unwrap_or_default().trim().to_owned()
    };
    put(attributes, "kernel.name", read("ostype").to_lowercase());
    put(attributes, "kernel.version", read("osrelease"));
    put(attributes, "kernel.arch", std::env::consts::ARCH);
    put(attributes, "os.signals", signals());
    let release =
        fs::read_to_string("/etc/os-release").or_else(|_| fs::read_to_string("/usr/lib/os-release"));
    let release = release.unwrap_or_default();
    let (name, version) = (release_field(&release, "ID"), release_field(&release, "VERSION_ID"));
    // An image without a distribution still runs on something.
    put(attributes, "os.name", if name.is_empty() { "linux" } else { &name });
    put(attributes, "os.version", version);
    let named = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
    let hostname = named.filter(|name| !name.is_empty()).unwrap_or_else(|| "localhost".to_owned());
    put(attributes, "unique.hostname", &hostname);
    hostname
}

/// Signals that tasks can be sent, by name.
fn signals() -> String {
    // One number has two names; jobs may use either.
    let named = Signal::iterator().map(Signal::as_str).chain(["SIGIOT"]);
    named.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(",")
}

fn release_field(release: &str, key: &str) -> String {
    let line = release.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    line.unwrap_or_default().trim().trim_matches('"').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn os_release_is_read() {
        let text = "NAME=\"Debian GNU/Linux\"\nID=debian\nVERSION_ID=\"12\"\nID_LIKE=x\n";
        assert_eq!(release_field(text, "ID"), "debian");
        assert_eq!(release_field(text, "VERSION_ID"), "12");
        assert_eq!(release_field(text, "NONE"), "");
    }
}
