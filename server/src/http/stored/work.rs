//! Evaluations, allocations and deployments as the original keeps them.

use super::Struct;

#[rustfmt::skip]
pub(super) const STRUCTS: &[Struct] = &[
    ("Evaluation", "ID string, Namespace string, Priority int, Type string, TriggeredBy string, JobID string, JobModifyIndex uint64, NodeID string, NodeModifyIndex uint64, DeploymentID string, Status string, StatusDescription string, Wait time.Duration, WaitUntil time.Time, NextEval string, PreviousEval string, BlockedEval string, RelatedEvals []*EvaluationStub, FailedTGAllocs map[string]*AllocMetric, PlanAnnotations *PlanAnnotations, ClassEligibility map[string]bool, QuotaLimitReached string, EscapedComputedClass bool, AnnotatePlan bool, QueuedAllocations map[string]int, LeaderACL string, SnapshotIndex uint64, CreateIndex uint64, ModifyIndex uint64, CreateTime int64, ModifyTime int64"),
    ("EvaluationStub", "ID string, Namespace string, Priority int, Type string, TriggeredBy string, JobID string, NodeID string, DeploymentID string, Status string, StatusDescription string, WaitUntil time.Time, NextEval string, PreviousEval string, BlockedEval string, CreateIndex uint64, ModifyIndex uint64, CreateTime int64, ModifyTime int64"),
    ("PlanAnnotations", "DesiredTGUpdates map[string]*DesiredUpdates, PreemptedAllocs []*AllocListStub"),
    ("DesiredUpdates", "Ignore uint64, Place uint64, Migrate uint64, Stop uint64, InPlaceUpdate uint64, DestructiveUpdate uint64, Canary uint64, Preemptions uint64, Disconnect uint64, Reconnect uint64, RescheduleNow uint64, RescheduleLater uint64"),
    ("AllocListStub", "ID string, Name string, JobID string, TaskGroup string, ClientStatus string, DesiredStatus string"),
    ("AllocMetric", "NodesEvaluated int, NodesFiltered int, NodesInPool int, NodePool string, NodesAvailable map[string]int, ClassFiltered map[string]int, ConstraintFiltered map[string]int, NodesExhausted int, ClassExhausted map[string]int, DimensionExhausted map[string]int, QuotaExhausted []string, ResourcesExhausted map[string]*Resources, Scores map[string]float64, ScoreMetaData []*NodeScoreMeta, AllocationTime time.Duration, CoalescedFailures int"),
    ("NodeScoreMeta", "NodeID string, Scores map[string]float64, NormScore float64"),
    ("Allocation", "ID string, Namespace string, EvalID string, Name string, NodeID string, NodeName string, JobID string, Job *Job, TaskGroup string, Resources *Resources, SharedResources *Resources, TaskResources map[string]*Resources, AllocatedResources *AllocatedResources, Metrics *AllocMetric, DesiredStatus string, DesiredDescription string, DesiredTransition DesiredTransition, ClientStatus string, ClientDescription string, TaskStates map[string]*TaskState, AllocStates []*AllocState, PreviousAllocation string, NextAllocation string, DeploymentID string, DeploymentStatus *AllocDeploymentStatus, RescheduleTracker *RescheduleTracker, NetworkStatus *AllocNetworkStatus, FollowupEvalID string, PreemptedAllocations []string, PreemptedByAllocation string, SignedIdentities map[string]string, SigningKeyID string, CreateIndex uint64, ModifyIndex uint64, AllocModifyIndex uint64, CreateTime int64, ModifyTime int64"),
    ("AllocatedResources", "Tasks map[string]*AllocatedTaskResources, TaskLifecycles map[string]*TaskLifecycleConfig, Shared AllocatedSharedResources"),
    ("AllocatedTaskResources", "Cpu AllocatedCpuResources, Memory AllocatedMemoryResources, Networks []*NetworkResource, Devices []*AllocatedDeviceResource"),
    ("AllocatedCpuResources", "CpuShares int64, ReservedCores []uint16"),
    ("AllocatedMemoryResources", "MemoryMB int64, MemoryMaxMB int64"),
    ("AllocatedDeviceResource", "Vendor string, Type string, Name string, DeviceIDs []string"),
    ("AllocatedSharedResources", "Networks []*NetworkResource, DiskMB int64, Ports []AllocatedPortMapping"),
    ("AllocatedPortMapping", "Label string, Value int, To int, HostIP string, IgnoreCollision bool"),
    ("DesiredTransition", "Migrate *bool, Reschedule *bool, ForceReschedule *bool, NoShutdownDelay *bool, MigrateDisablePlacement *bool"),
    ("AllocState", "Field string, Value string, Time time.Time"),
    ("AllocDeploymentStatus", "Healthy *bool, Timestamp time.Time, Canary bool, ModifyIndex uint64"),
    ("RescheduleTracker", "Events []*RescheduleEvent, LastReschedule string"),
    ("RescheduleEvent", "RescheduleTime int64, PrevAllocID string, PrevNodeID string, Delay time.Duration"),
    ("AllocNetworkStatus", "InterfaceName string, Address string, AddressIPv6 string, DNS *DNSConfig"),
    ("TaskState", "State string, Failed bool, Restarts uint64, LastRestart time.Time, StartedAt time.Time, FinishedAt time.Time, Events []*TaskEvent, TaskHandle *TaskHandle, Paused string"),
    ("TaskHandle", "Version int, DriverState []uint8"),
    ("TaskEvent", "Type string, Time int64, Message string, DisplayMessage string, Details map[string]string, FailsTask bool, RestartReason string, SetupError string, DriverError string, ExitCode int, Signal int, KillTimeout time.Duration, KillError string, KillReason string, StartDelay int64, DownloadError string, ValidationError string, DiskLimit int64, FailedSibling string, VaultError string, TaskSignalReason string, TaskSignal string, DriverMessage string, GenericSource string"),
    ("Deployment", "ID string, Namespace string, JobID string, JobVersion uint64, JobModifyIndex uint64, JobSpecModifyIndex uint64, JobCreateIndex uint64, IsMultiregion bool, TaskGroups map[string]*DeploymentState, Status string, StatusDescription string, EvalPriority int, CreateIndex uint64, ModifyIndex uint64, CreateTime int64, ModifyTime int64"),
    ("DeploymentState", "AutoRevert bool, AutoPromote bool, ProgressDeadline time.Duration, RequireProgressBy time.Time, Promoted bool, PlacedCanaries []string, DesiredCanaries int, DesiredTotal int, PlacedAllocs int, HealthyAllocs int, UnhealthyAllocs int"),
    ("time.Time", "wall uint64, ext int64"),
];
