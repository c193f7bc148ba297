//! Blocks of a task: templates, artifacts, actions, secrets, identities, mounts; and the volumes of its group.

use std::collections::BTreeSet;

use super::Faults;
use crate::go_duration::format as go;
use crate::job::identity::DEFAULT_IDENTITY;
use crate::job::{
    Action, Artifact, Secret, Task, TaskGroup, Template, VolumeMount, VolumeRequest, WorkloadIdentity,
};

const NAME_MAX: usize = 128;
/// How a volume of the host may be mounted.
const HOST_ACCESS: [&str; 4] = [
    "single-node-reader-only",
    "single-node-writer",
    "single-node-single-writer",
    "single-node-multi-writer",
];
/// Checksums of artifacts, and how many bytes one has.
const CHECKSUMS: [(&str, usize); 4] = [("md5", 16), ("sha1", 20), ("sha256", 32), ("sha512", 64)];

/// Letters, digits and, where allowed, more; 1 to 128 of them.
fn is_name(name: &str, more: &[char]) -> bool {
    (1..=NAME_MAX).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(&c))
}

/// True for a path of a task that leads out of its allocation.
fn escapes(path: &str) -> bool {
    // Relative to the task's directory, which lies one below the allocation's.
    let mut depth = 1_i64;
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => depth -= 1,
            _ => depth += 1,
        }
        if depth < 0 {
            return true;
        }
    }
    false
}

/// Adds `what` with its own list, where that says anything.
fn within(what: &str, inner: Faults, faults: &mut Faults) {
    if !inner.is_empty() {
        faults.add(format!("{what}: {inner}"));
    }
}

impl Task {
    /// Faults of the task's smaller blocks.
    pub(super) fn validate_blocks(&self, group: &TaskGroup, faults: &mut Faults) {
        for (number, artifact) in self.artifacts.iter().enumerate() {
            within(&format!("Artifact {} validation failed", number + 1), artifact.faults(), faults);
        }
        let mut targets: Vec<&str> = Vec::new();
        for (number, template) in self.templates.iter().enumerate() {
            within(&format!("Template {} validation failed", number + 1), template.faults(), faults);
            if let Some(other) = targets.iter().position(|target| *target == template.dest_path) {
                faults.add(format!("Template {} has same destination as {}", number + 1, other + 1));
            }
            targets.push(&template.dest_path);
        }
        for (number, mount) in self.volume_mounts.iter().enumerate() {
            if !group.volumes.contains_key(&mount.volume) {
                faults.add(format!("Volume Mount ({number}) references undefined volume {}", mount.volume));
            }
            let inner = mount.faults();
            if !inner.is_empty() {
                faults.add(format!("Volume Mount ({number}) is invalid: \"{inner}\""));
            }
        }
        for identity in self.identity.iter().chain(&self.identities) {
            within(&format!("Identity \"{}\" is invalid", identity.name), identity.faults(), faults);
        }
        let mut names = BTreeSet::new();
        for action in &self.actions {
            if !names.insert(&action.name) {
                faults.add(format!("Action {} defined multiple times", action.name));
            }
            within(&format!("Action {} validation failed", action.name), action.faults(), faults);
        }
        let mut names = BTreeSet::new();
        for secret in &self.secrets {
            if !names.insert(&secret.name) {
                faults.add(format!("Duplicate secret \"{}\" found", secret.name));
            }
            within(&format!("Secret \"{}\" is invalid", secret.name), secret.faults(), faults);
        }
        if let Some(vault) = &self.vault {
            let mut inner = Faults::default();
            let mode = vault.change_mode.as_deref().unwrap_or_default();
            if !["noop", "restart", "signal"].contains(&mode) {
                inner.add(format!("Unknown change mode \"{mode}\""));
            }
            within("Vault validation failed", inner, faults);
        }
        if self.dispatch_payload.as_ref().is_some_and(|payload| escapes(&payload.file)) {
            faults.add("Dispatch Payload validation failed: destination escapes allocation directory");
        }
    }
}

impl Template {
    fn faults(&self) -> Faults {
        let mut faults = Faults::default();
        if self.source_path.is_empty() && self.embedded_tmpl.is_empty() {
            faults.add("Must specify a source path or have an embedded template");
        }
        if self.dest_path.is_empty() {
            faults.add("Must specify a destination for the template");
        } else if escapes(&self.dest_path) {
            faults.add("destination escapes allocation directory");
        }
        match self.change_mode.as_deref().unwrap_or_default() {
            "noop" | "restart" => {}
            "signal" if self.envvars => faults.add("cannot use signals with env var templates"),
            "signal" => {}
            "script" if self.change_script.is_none() => {
                faults.add("must specify change script configuration value when change mode is script");
            }
            "script" => {}
            _ => {
                faults.add("Invalid change mode. Must be one of the following: noop, signal, script, restart")
            }
        }
        if self.splay.is_some_and(|splay| splay.0 < 0) {
            faults.add("Must specify positive splay value");
        }
        let perms = self.perms.as_deref().unwrap_or_default();
        if !perms.is_empty() && u32::from_str_radix(perms, 8).is_err() {
            faults.add(format!(
                "Failed to parse \"{perms}\" as octal: strconv.ParseUint: parsing \"{perms}\": invalid syntax"
            ));
        }
        if let Some(wait) = &self.wait
            && let (Some(min), Some(max)) = (wait.min, wait.max)
            && min.0 > max.0
        {
            faults.add(format!("wait min {} is greater than max {}", go(min.0), go(max.0)));
        }
        faults
    }
}

impl Artifact {
    fn faults(&self) -> Faults {
        let mut faults = Faults::default();
        if self.getter_source.is_empty() {
            faults.add("source must be specified");
        }
        let mode = self.getter_mode.as_deref().unwrap_or_default();
        if !["any", "file", "dir"].contains(&mode) {
            faults.add(format!("invalid artifact mode \"{mode}\"; must be one of: any, file, dir"));
        }
        if self.relative_dest.as_deref().is_some_and(escapes) {
            faults.add("destination escapes allocation directory");
        }
        faults.0.extend(self.getter_options.get("checksum").and_then(|sum| checksum_fault(sum)));
        faults
    }
}

/// What is wrong with `type:hex digits`, unless it is known only on the node.
fn checksum_fault(sum: &str) -> Option<String> {
    if sum.is_empty() {
        return Some("checksum value cannot be empty".to_owned());
    }
    if sum.contains("${") {
        return None;
    }
    let Some((kind, digits)) = sum.split_once(':') else {
        return Some(format!("checksum must be given as \"type:value\"; got \"{sum}\""));
    };
    let Some((_, size)) = CHECKSUMS.iter().find(|(name, _)| *name == kind) else {
        return Some(format!("unsupported checksum type: {kind}"));
    };
    if let Some(odd) = digits.chars().find(|digit| !digit.is_ascii_hexdigit()) {
        let number = u32::from(odd);
        return Some(format!("invalid checksum: encoding/hex: invalid byte: U+{number:04X} '{odd}'"));
    }
    if digits.len() % 2 != 0 {
        return Some("invalid checksum: encoding/hex: odd length hex string".to_owned());
    }
    (digits.len() != size * 2).then(|| format!("invalid {kind} checksum: {sum}"))
}

impl VolumeMount {
    fn faults(&self) -> Faults {
        let mut faults = Faults::default();
        if self.volume.is_empty() {
            faults.add("volume mount references an empty volume");
        }
        let mode = &self.propagation_mode;
        if !["", "private", "host-to-task", "bidirectional"].contains(&mode.as_str()) {
            faults.add(format!("volume mount has an invalid propagation mode: \"{mode}\""));
        }
        let label = &self.selinux_label;
        if !["", "z", "Z"].contains(&label.as_str()) {
            faults.add(format!("volume mount has an invalid SELinux label: \"{label}\""));
        }
        faults
    }
}

impl WorkloadIdentity {
    fn faults(&self) -> Faults {
        let mut faults = Faults::default();
        if !is_name(&self.name, &['-', '_']) {
            faults.add(format!("invalid name \"{}\". Must match regex ^[a-zA-Z0-9-_]{{1,128}}$", self.name));
        }
        for (number, audience) in self.audience.iter().enumerate() {
            if audience.is_empty() {
                faults.add(format!("an empty string is an invalid audience ({})", number + 1));
            }
        }
        match self.change_mode.as_str() {
            "" | "noop" | "restart" if !self.change_signal.is_empty() => {
                let signal = &self.change_signal;
                faults.add(format!("can only use change_signal=\"{signal}\" with change_mode=\"signal\""));
            }
            "" | "noop" | "restart" => {}
            "signal" if self.change_signal.is_empty() => {
                faults.add("change_signal must be specified when using change_mode=\"signal\"");
            }
            "signal" => {}
            mode => faults.add(format!("invalid change_mode: {mode}")),
        }
        if self.ttl.0 < 0 {
            faults.add("ttl must be >= 0");
        } else if self.ttl.0 > 0 && self.name == DEFAULT_IDENTITY {
            faults.add("ttl for default identity not yet supported");
        }
        faults
    }
}

impl Action {
    fn faults(&self) -> Faults {
        let mut faults = Faults::default();
        if self.command.is_empty() {
            faults.add("command cannot be empty");
        }
        if !is_name(&self.name, &['-', '_']) {
            faults.add(format!("invalid name '{}'", self.name));
        }
        faults
    }
}

impl Secret {
    fn faults(&self) -> Faults {
        let mut faults = Faults::default();
        if self.name.is_empty() {
            faults.add("secret name cannot be empty");
        }
        if !is_name(&self.name, &['_']) {
            faults.add("secret name must match regex ^[a-zA-Z0-9_]{1,128}$");
        }
        if self.provider.is_empty() {
            faults.add("secret provider cannot be empty");
        }
        if self.path.is_empty() {
            faults.add("secret path cannot be empty");
        }
        faults
    }
}

impl TaskGroup {
    /// Faults of the group's volumes; `everywhere` is true for jobs that run on every node.
    pub(super) fn validate_volumes(&self, everywhere: bool, faults: &mut Faults) {
        let canaries = self.update.as_ref().is_some_and(|update| update.canary > 0);
        for (name, volume) in self.volumes.iter() {
            let inner = volume.faults(everywhere, canaries, self.count);
            within(&format!("Task group volume validation for {name} failed"), inner, faults);
        }
    }
}

impl VolumeRequest {
    fn faults(&self, everywhere: bool, canaries: bool, count: i64) -> Faults {
        let mut faults = Faults::default();
        if self.source.is_empty() {
            faults.add("volume has an empty source");
        }
        if self.per_alloc && everywhere {
            faults.add("volume cannot be per_alloc for system or sysbatch jobs");
        }
        if self.per_alloc && canaries {
            faults.add("volume cannot be per_alloc when canaries are in use");
        }
        match self.kind.as_str() {
            "host" => {
                let mode = self.access_mode.as_str();
                if !mode.is_empty() && !HOST_ACCESS.contains(&mode) {
                    faults.add(format!("host volumes cannot be mounted with {mode} access mode"));
                }
                if self.mount_options.is_some() {
                    faults.add("host volumes cannot have mount options");
                }
            }
            "csi" => {
                if self.access_mode.is_empty() {
                    faults.add("CSI volumes must have an access mode");
                }
                if self.attachment_mode == "block-device" && self.mount_options.is_some() {
                    faults.add("block devices cannot have mount options");
                }
                if self.access_mode == "multi-node-reader-only" && !self.read_only {
                    faults.add("multi-node-reader-only volumes must be read-only");
                }
                let one = ["single-node-reader-only", "single-node-writer"].contains(&&*self.access_mode);
                if one && count > 1 && !self.per_alloc {
                    faults.add(format!(
                        "volume with {} access mode allows only one reader or writer",
                        self.access_mode
                    ));
                }
            }
            _ => {}
        }
        faults
    }
}
