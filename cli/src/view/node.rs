//! Nodes: the list, and the status of one.

use super::bytes;
use crate::output;
use api::allocations::Allocation;
use api::nodes::{Node, NodeStub};
use serde_json::Value;
use std::collections::BTreeMap;

const MIB: u64 = 1024 * 1024;

/// Which columns the list has beyond the usual ones.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    /// Long ids, address and version.
    pub verbose: bool,
    /// The operating system.
    pub os: bool,
    /// Running allocations by node id.
    pub running: Option<BTreeMap<String, usize>>,
}

/// The rows of the list, heading included.
pub fn rows(nodes: &[NodeStub], columns: Columns) -> Vec<Vec<String>> {
    let mut heading = vec!["ID", "Node Pool", "DC", "Name", "Class"];
    if columns.os {
        heading.push("OS");
    }
    if columns.verbose {
        heading.extend(["Address", "Version"]);
    }
    heading.extend(["Drain", "Eligibility", "Status"]);
    if columns.running.is_some() {
        heading.push("Running Allocs");
    }
    let mut rows: Vec<Vec<String>> = vec![heading.into_iter().map(str::to_owned).collect()];
    let mut nodes: Vec<&NodeStub> = nodes.iter().collect();
    nodes.sort_by_key(|node| std::cmp::Reverse(node.create_index));
    for node in nodes {
        let mut row = vec![
            output::id(&node.id, columns.verbose).to_owned(),
            node.node_pool.clone(),
            node.datacenter.clone(),
            node.name.clone(),
            node.node_class.clone(),
        ];
        if columns.os {
            let os = node.attributes.as_ref().and_then(|all| all.get("os.name"));
            row.push(os.cloned().unwrap_or_default());
        }
        if columns.verbose {
            row.extend([node.address.clone(), node.version.clone()]);
        }
        row.extend([node.drain.to_string(), node.scheduling_eligibility.clone(), node.status.clone()]);
        if let Some(running) = &columns.running {
            row.push(running.get(&node.id).copied().unwrap_or(0).to_string());
        }
        rows.push(row);
    }
    rows
}

/// The block about a node itself.
pub fn block(node: &Node, short: bool) -> String {
    let names = |map: &Option<BTreeMap<String, Value>>| {
        let names: Vec<&str> = map.iter().flatten().map(|(name, _)| name.as_str()).collect();
        names.join(",")
    };
    let volumes: Vec<&str> = node.host_volumes.keys().map(String::as_str).collect();
    let drivers: Vec<String> = node
        .drivers
        .iter()
        .filter(|(_, driver)| driver.detected)
        .map(|(name, driver)| if driver.healthy { name.clone() } else { format!("{name} (unhealthy)") })
        .collect();
    let mut pairs = vec![
        ("ID", node.id.clone()),
        ("Name", node.name.clone()),
        ("Node Pool", node.node_pool.clone()),
        ("Class", node.node_class.clone()),
        ("DC", node.datacenter.clone()),
        ("Drain", node.drain.to_string()),
        ("Eligibility", node.scheduling_eligibility.clone()),
        ("Status", node.status.clone()),
        ("CSI Controllers", String::new()),
        ("CSI Drivers", String::new()),
        ("Host Volumes", volumes.join(",")),
        ("Host Networks", names(&node.host_networks)),
        ("CSI Volumes", String::new()),
    ];
    let name = if short { "Drivers" } else { "Driver Status" };
    pairs.push((name, drivers.join(",")));
    output::key_values(&pairs)
}

/// The table of the node's events, the newest first.
pub fn events(node: &Node) -> String {
    let mut rows = vec![["Time", "Subsystem", "Message"].map(str::to_owned)];
    for event in node.events.iter().rev() {
        rows.push([
            output::absolute_text(Some(&event.timestamp)),
            event.subsystem.clone(),
            event.message.clone(),
        ]);
    }
    output::list(&rows)
}

/// What running allocations were given of what the node offers.
pub fn allocated(node: &Node, allocs: &[Allocation]) -> String {
    let number = |root: &Value, path: &str| root.pointer(path).and_then(Value::as_u64).unwrap_or(0);
    let offered = |path: &str| {
        number(&node.node_resources, path).saturating_sub(number(&node.reserved_resources, path))
    };
    let (mut cpu, mut memory, mut disk) = (0, 0, 0);
    let positive = |value: i64| u64::try_from(value).unwrap_or(0);
    for alloc in
        allocs.iter().filter(|alloc| !matches!(alloc.client_status.as_str(), "complete" | "failed" | "lost"))
    {
        for task in alloc.allocated_resources.tasks.values() {
            cpu += positive(task.cpu.cpu_shares);
            memory += positive(task.memory.memory_mb);
        }
        disk += positive(alloc.allocated_resources.shared.disk_mb);
    }
    let size = |mib: u64| bytes(mib.saturating_mul(MIB));
    output::list(&[
        ["CPU", "Memory", "Disk"].map(str::to_owned),
        [
            format!("{cpu}/{} MHz", offered("/Cpu/CpuShares")),
            format!("{}/{}", size(memory), size(offered("/Memory/MemoryMB"))),
            format!("{}/{}", size(disk), size(offered("/Disk/DiskMB"))),
        ],
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::nodes::Driver;

    #[test]
    fn as_recorded() {
        let stub = NodeStub {
            id: "b08ef1e9-44c3-05be-dc50-951a897f323e".to_owned(),
            node_pool: "default".to_owned(),
            datacenter: "dc1".to_owned(),
            name: "n1".to_owned(),
            scheduling_eligibility: "eligible".to_owned(),
            status: "ready".to_owned(),
            ..NodeStub::default()
        };
        let columns = Columns { running: Some(BTreeMap::new()), ..Columns::default() };
        assert_eq!(
            output::list(&rows(&[stub], columns)),
            "ID        Node Pool  DC   Name  Class   Drain  Eligibility  Status  Running Allocs\n\
             b08ef1e9  default    dc1  n1    <none>  false  eligible     ready   0"
        );
        let driver = |detected| Driver { detected, healthy: detected, ..Driver::default() };
        let node = Node {
            id: "b08ef1e9-44c3-05be-dc50-951a897f323e".to_owned(),
            drivers: BTreeMap::from([
                ("raw_exec".to_owned(), driver(true)),
                ("docker".to_owned(), driver(false)),
            ]),
            ..Node::default()
        };
        let text = block(&node, true);
        assert!(text.starts_with("ID              = b08ef1e9-44c3-05be-dc50-951a897f323e\n"));
        assert!(text.ends_with("\nCSI Volumes     = <none>\nDrivers         = raw_exec"));
    }
}
