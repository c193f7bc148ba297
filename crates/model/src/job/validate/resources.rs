//! What a task asks of its node.

use super::constraint::{self, Place};
use super::task::nested;
use super::{Faults, preference};
use crate::job::{RequestedDevice, Resources};

impl Resources {
    pub(super) fn faults(&self) -> Faults {
        let mut faults = Faults::default();
        let mut least = Faults::default();
        if self.cores > 0 && self.cpu > 0 {
            faults.add("Task can only ask for 'cpu' or 'cores' resource, not both.");
        }
        if self.cores == 0 && self.cpu < 1 {
            least.add(format!("minimum CPU value is 1; got {}", self.cpu));
        }
        if self.memory_mb < 10 {
            least.add(format!("minimum MemoryMB value is 10; got {}", self.memory_mb));
        }
        nested(least, &mut faults);
        if self.cores < 0 {
            faults.add(format!("cores value ({}) cannot be negative", self.cores));
        }
        let affinities = ["none", "prefer", "require"];
        if self.numa.as_ref().is_some_and(|numa| !affinities.contains(&numa.affinity.as_str())) {
            faults.add("numa affinity must be one of none, prefer, or require");
        }
        for (number, device) in self.devices.iter().enumerate() {
            let inner = device.faults();
            if !inner.is_empty() {
                faults.add(format!("device {} failed validation: {inner}", number + 1));
            }
        }
        self.collect_memory(&mut faults);
        faults
    }

    fn collect_memory(&self, faults: &mut Faults) {
        let max = self.memory_max_mb;
        if max != 0 && max != -1 && max < self.memory_mb {
            let memory = self.memory_mb;
            faults.add(format!("MemoryMaxMB value ({max}) should be larger than MemoryMB value ({memory})"));
        }
        if self.secrets_mb < 0 {
            faults.add(format!("SecretsMB value ({}) cannot be negative", self.secrets_mb));
        } else if self.secrets_mb > self.memory_mb {
            let (secrets, memory) = (self.secrets_mb, self.memory_mb);
            faults
                .add(format!("SecretsMB value ({secrets}) cannot be larger than MemoryMB value ({memory})"));
        }
    }
}

impl RequestedDevice {
    fn faults(&self) -> Faults {
        let mut faults = Faults::default();
        if self.name.is_empty() {
            faults.add(
                "device name must be given as one of the following: type, vendor/type, or vendor/type/name",
            );
        }
        constraint::collect(&self.constraints, Place::Device, &mut faults);
        preference::affinities(&self.affinities, &mut faults);
        faults
    }
}
