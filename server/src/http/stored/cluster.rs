//! Nodes, pools, services and variables as the original keeps them.

use super::Struct;

#[rustfmt::skip]
pub(super) const STRUCTS: &[Struct] = &[
    ("Node", "ID string, SecretID string, Datacenter string, Name string, CgroupParent string, HTTPAddr string, TLSEnabled bool, Attributes map[string]string, NodeResources *NodeResources, ReservedResources *NodeReservedResources, Resources *Resources, Reserved *Resources, Links map[string]string, Meta map[string]string, NodeClass string, NodePool string, ComputedClass string, DrainStrategy *DrainStrategy, SchedulingEligibility string, Status string, StatusDescription string, StatusUpdatedAt int64, Events []*NodeEvent, Drivers map[string]*DriverInfo, CSIControllerPlugins map[string]*CSIInfo, CSINodePlugins map[string]*CSIInfo, HostVolumes map[string]*ClientHostVolumeConfig, GCVolumesOnNodeGC bool, HostNetworks map[string]*ClientHostNetworkConfig, LastDrain *DrainMetadata, LastMissedHeartbeatIndex uint64, LastAllocUpdateIndex uint64, NodeMaxAllocs int, IdentitySigningKeyID string, CreateIndex uint64, ModifyIndex uint64"),
    ("NodeResources", "Cpu NodeCpuResources, Memory NodeMemoryResources, Disk NodeDiskResources, Networks []*NetworkResource, NodeNetworks []*NodeNetworkResource, Devices []*NodeDeviceResource, MinDynamicPort int, MaxDynamicPort int, Processors any"),
    ("NodeCpuResources", "CpuShares int64, TotalCpuCores uint16, ReservableCpuCores []uint16"),
    ("NodeMemoryResources", "MemoryMB int64"),
    ("NodeDiskResources", "DiskMB int64"),
    ("NodeNetworkResource", "Mode string, Device string, MacAddress string, Speed int, Addresses []NodeNetworkAddress"),
    ("NodeNetworkAddress", "Family string, Alias string, Address string, ReservedPorts string, Gateway string"),
    ("NodeDeviceResource", "Vendor string, Type string, Name string, Instances []*NodeDevice, Attributes map[string]any"),
    ("NodeDevice", "ID string, Healthy bool, HealthDescription string"),
    ("NodeReservedResources", "Cpu NodeReservedCpuResources, Memory NodeMemoryResources, Disk NodeDiskResources, Networks NodeReservedNetworkResources"),
    ("NodeReservedCpuResources", "CpuShares int64, ReservedCpuCores []uint16"),
    ("NodeReservedNetworkResources", "ReservedHostPorts string"),
    ("DrainStrategy", "DrainSpec DrainSpec, ForceDeadline time.Time, StartedAt time.Time"),
    ("DrainSpec", "Deadline time.Duration, IgnoreSystemJobs bool"),
    ("DrainMetadata", "StartedAt time.Time, UpdatedAt time.Time, Status string, AccessorID string, Meta map[string]string"),
    ("NodeEvent", "Message string, Subsystem string, Details map[string]string, Timestamp time.Time, CreateIndex uint64"),
    ("DriverInfo", "Attributes map[string]string, Detected bool, Healthy bool, HealthDescription string, UpdateTime time.Time"),
    ("CSIInfo", "PluginID string, AllocID string, Healthy bool, HealthDescription string, UpdateTime time.Time, RequiresControllerPlugin bool, RequiresTopologies bool"),
    ("ClientHostVolumeConfig", "Name string, Path string, ReadOnly bool, ID string"),
    ("ClientHostNetworkConfig", "Name string, CIDR string, Interface string, ReservedPorts string"),
    ("NodePool", "Name string, Description string, Meta map[string]string, NodeIdentityTTL time.Duration, SchedulerConfiguration *NodePoolSchedulerConfiguration, Hash []uint8, CreateIndex uint64, ModifyIndex uint64"),
    ("NodePoolSchedulerConfiguration", "SchedulerAlgorithm string, MemoryOversubscriptionEnabled *bool"),
    ("ServiceRegistration", "ID string, ServiceName string, Namespace string, NodeID string, Datacenter string, JobID string, AllocID string, Tags []string, Address string, Port int, CreateIndex uint64, ModifyIndex uint64"),
    ("VariableEncrypted", "VariableMetadata VariableMetadata, VariableData VariableData"),
    ("VariableMetadata", "Namespace string, Path string, Lock *VariableLock, CreateIndex uint64, CreateTime int64, ModifyIndex uint64, ModifyTime int64"),
    ("VariableLock", "ID string, TTL time.Duration, LockDelay time.Duration"),
    ("VariableData", "Data []uint8, KeyID string"),
];
