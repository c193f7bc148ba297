//! Devices: which of a node's serve what a group's tasks ask for, and which instances they get.

use std::collections::BTreeMap;

use model::job::{Operand, RequestedDevice};
use model::node::NodeDevice;
use model::resources::fit::Dimension;
use model::resources::used::{Instance, Used};
use model::resources::{AllocatedDevice, devices};
use model::{Node, TaskGroup};

use super::quantity::compare;

/// The reason under which nodes without a device are counted.
pub const MISSING_DEVICES: &str = "missing devices";

/// What a group's tasks ask for, each with the task's name.
pub struct Devices<'a> {
    asks: Vec<(&'a str, &'a RequestedDevice)>,
}

/// What was chosen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chosen {
    /// By task.
    pub by_task: BTreeMap<String, Vec<AllocatedDevice>>,
    /// How well it suits, −1 to 1; `None` where nobody prefers anything.
    pub score: Option<f64>,
}

impl<'a> Devices<'a> {
    /// Gathers what tasks ask.
    pub fn of(group: &'a TaskGroup) -> Self {
        let of_task =
            |task: &'a model::Task| task.resources.devices.iter().map(move |ask| (task.name.as_str(), ask));
        Devices { asks: group.tasks.iter().flat_map(of_task).collect() }
    }

    /// True when nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.asks.is_empty()
    }

    /// True when some devices are preferred to others.
    pub fn has_affinities(&self) -> bool {
        self.asks.iter().any(|(_, ask)| !ask.affinities.is_empty())
    }

    /// The reason against a node that could not serve this even if nothing else ran on it.
    pub fn reason_against(&self, node: &Node) -> Option<String> {
        self.choose(node, &Used::default()).err().map(|_| MISSING_DEVICES.to_owned())
    }

    /// Chooses instances of the best devices that are free.
    pub fn choose(&self, node: &Node, used: &Used) -> Result<Chosen, Dimension> {
        let mut chosen = Chosen::default();
        if self.asks.is_empty() {
            return Ok(chosen);
        }
        let mut taken: Vec<Instance> = Vec::new();
        let (mut matched, mut weights) = (0.0, 0.0);
        for (task, ask) in &self.asks {
            let wanted = usize::try_from(ask.count.unwrap_or(1)).unwrap_or(usize::MAX);
            let mut best: Option<(f64, Vec<Instance>)> = None;
            for device in node.resources.devices.iter().filter(|device| serves(device, ask)) {
                let free = devices::free(device, used).filter(|instance| !taken.contains(instance));
                let instances: Vec<Instance> = free.take(wanted).collect();
                let score = preference(device, ask);
                if instances.len() == wanted && best.as_ref().is_none_or(|(top, _)| score > *top) {
                    best = Some((score, instances));
                }
            }
            let (score, instances) =
                best.ok_or_else(|| Dimension::Devices("no devices match request".to_owned()))?;
            matched += score;
            weights += ask.affinities.iter().map(weight).map(f64::abs).sum::<f64>();
            chosen.by_task.entry((*task).to_owned()).or_default().extend(allocated(&instances));
            taken.extend(instances);
        }
        chosen.score = (weights > 0.0).then(|| matched / weights);
        Ok(chosen)
    }
}

fn allocated(instances: &[Instance]) -> Option<AllocatedDevice> {
    let first = instances.first()?;
    Some(AllocatedDevice {
        vendor: first.vendor.clone(),
        kind: first.kind.clone(),
        name: first.name.clone(),
        device_ids: instances.iter().map(|instance| instance.id.clone()).collect(),
    })
}

fn serves(device: &NodeDevice, ask: &RequestedDevice) -> bool {
    devices::named(device, &ask.name)
        && ask.constraints.iter().all(|own| holds(device, &own.l_target, &own.operand, &own.r_target))
}

/// Sum of the weights of the affinities that a device meets.
fn preference(device: &NodeDevice, ask: &RequestedDevice) -> f64 {
    let met = ask.affinities.iter().filter(|own| holds(device, &own.l_target, &own.operand, &own.r_target));
    met.map(weight).sum()
}

fn weight(affinity: &model::job::Affinity) -> f64 {
    affinity.weight.unwrap_or(crate::rank::affinity::DEFAULT_WEIGHT) as f64
}

fn holds(device: &NodeDevice, l_target: &str, operand: &str, r_target: &str) -> bool {
    let Some(operand) = Operand::parse(operand) else {
        return false;
    };
    let (left, right) = (resolve(device, l_target), resolve(device, r_target));
    match (operand, left, right) {
        (Operand::IsSet, left, _) => left.is_some(),
        (Operand::IsNotSet, left, _) => left.is_none(),
        (operand, Some(left), Some(right)) => compare(&left, operand, &right),
        (Operand::NotEqual, left, right) => left.is_some() != right.is_some(),
        _ => false,
    }
}

fn resolve(device: &NodeDevice, target: &str) -> Option<String> {
    let Some(name) = target.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) else {
        return Some(target.to_owned());
    };
    match name {
        "device.vendor" => Some(device.vendor.clone()),
        "device.type" => Some(device.kind.clone()),
        "device.model" => Some(device.name.clone()),
        "device.ids" => {
            let ids: Vec<&str> = device.instances.iter().map(|instance| instance.id.as_str()).collect();
            Some(ids.join(","))
        }
        _ => device.attributes.get(name.strip_prefix("device.attr.")?).cloned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Task;
    use model::job::{Affinity, Constraint, Resources};
    use model::node::DeviceInstance;

    fn node() -> Node {
        let device = |name: &str, memory: &str, ids: &[&str]| NodeDevice {
            vendor: "nvidia".into(),
            kind: "gpu".into(),
            name: name.into(),
            attributes: [("memory".into(), memory.into())].into(),
            instances: ids.iter().map(|id| DeviceInstance { id: (*id).into(), healthy: true }).collect(),
        };
        let mut node = Node::default();
        node.resources.devices = vec![device("small", "4 GiB", &["a"]), device("big", "16 GiB", &["b", "c"])];
        node
    }

    fn group(ask: RequestedDevice) -> TaskGroup {
        let resources = Resources { devices: vec![ask].into(), ..Resources::default() };
        TaskGroup {
            tasks: vec![Task { name: "t".into(), resources, ..Task::default() }],
            ..TaskGroup::default()
        }
    }

    fn ask(count: u64) -> RequestedDevice {
        RequestedDevice { name: "nvidia/gpu".into(), count: Some(count), ..RequestedDevice::default() }
    }

    #[test]
    fn instances_of_one_model_that_are_free() {
        let group = group(ask(2));
        let devices = Devices::of(&group);
        let chosen = devices.choose(&node(), &Used::default()).unwrap();
        assert_eq!(chosen.by_task["t"][0].device_ids, ["b", "c"]);
        let held =
            Instance { vendor: "nvidia".into(), kind: "gpu".into(), name: "big".into(), id: "c".into() };
        let used = Used { devices: vec![held], ..Used::default() };
        assert!(devices.choose(&node(), &used).is_err() && devices.reason_against(&node()).is_none());
    }

    #[test]
    fn constraints_and_affinities_of_attributes() {
        let constraint = Constraint {
            l_target: "${device.attr.memory}".into(),
            operand: ">".into(),
            r_target: "20 GiB".into(),
        };
        let group_of = |ask| group(ask);
        let none = group_of(RequestedDevice { constraints: vec![constraint].into(), ..ask(1) });
        assert_eq!(Devices::of(&none).reason_against(&node()).as_deref(), Some(MISSING_DEVICES));
        let affinity = Affinity {
            l_target: "${device.model}".into(),
            operand: "=".into(),
            r_target: "big".into(),
            weight: Some(50),
        };
        let one = group_of(RequestedDevice { affinities: vec![affinity].into(), ..ask(1) });
        let chosen = Devices::of(&one).choose(&node(), &Used::default()).unwrap();
        assert_eq!((chosen.by_task["t"][0].name.as_str(), chosen.score), ("big", Some(1.0)));
    }
}
