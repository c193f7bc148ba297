//! What a group asks of a node, and what it is given there.

use model::job::TaskGroup;
use model::resources::fit::{Dimension, Room};
use model::resources::used::Used;
use model::resources::{Given, cores, ports};
use model::{AllocatedResources, Node};

use crate::feasible::device::Devices;

/// What a group asks, gathered once.
pub(super) struct Asked<'a> {
    group: &'a TaskGroup,
    /// Without what reserved cores come to.
    room: Room,
    /// Whole cores of all tasks.
    cores: i64,
    ports: bool,
    oversubscribed: bool,
}

impl<'a> Asked<'a> {
    pub(super) fn of(group: &'a TaskGroup, oversubscribed: bool) -> Self {
        let mut without_cores = AllocatedResources::of_group(group, &Given::default());
        for task in group.tasks.iter().filter(|task| task.resources.cores > 0) {
            without_cores.tasks.entry(task.name.clone()).or_default().cpu_shares = 0;
        }
        Asked {
            group,
            room: Room::of_alloc(&without_cores),
            cores: group.tasks.iter().map(|task| task.resources.cores.max(0)).sum(),
            ports: ports::asked(group)
                .any(|ask| !ask.reserved_ports.is_empty() || !ask.dynamic_ports.is_empty() || ask.mbits > 0),
            oversubscribed,
        }
    }

    /// True when what it comes to depends on the node.
    pub(super) fn depends_on_node(&self) -> bool {
        self.cores > 0
    }

    /// True when CPU, memory and disk are not all that it asks.
    pub(super) fn special(&self, devices: &Devices<'_>) -> bool {
        self.ports || self.cores > 0 || !devices.is_empty()
    }

    /// What a place is given where nothing has to be chosen.
    pub(super) fn plain(&self) -> Given {
        Given { oversubscribed: self.oversubscribed, ..Given::default() }
    }

    /// What it comes to on a node; of one that [`Asked::depends_on_node`] says nothing of, any will do.
    pub(super) fn room_on(&self, node: Option<&Node>) -> Room {
        let mhz = node.map_or(0, Node::core_mhz);
        Room { cpu: self.room.cpu.saturating_add(self.cores.saturating_mul(mhz)), ..self.room }
    }

    /// Chooses ports, devices and cores, and sees whether the rest fits; the first thing that ran out is the error, in
    /// the order that the original looks for them.
    pub(super) fn grant(
        &self,
        node: &Node,
        used: &Used,
        devices: &Devices<'_>,
        seed: u64,
    ) -> Result<Given, Dimension> {
        let ports = if self.ports { used.ports.assign(node, self.group, seed)? } else { Vec::new() };
        let by_task = devices.choose(node, used)?.by_task;
        let (mut given_cores, mut core_mhz) = Default::default();
        if self.cores > 0 {
            given_cores = cores::assign(node, used, self.group)?;
            core_mhz = node.core_mhz();
        }
        let free = Room::of_node(node).minus(used.room);
        if let Some(lacking) = free.lacking(self.room_on(Some(node))) {
            return Err(lacking);
        }
        Ok(Given {
            ports,
            cores: given_cores,
            devices: by_task,
            core_mhz,
            oversubscribed: self.oversubscribed,
        })
    }
}
