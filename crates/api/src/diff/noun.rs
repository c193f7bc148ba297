//! The nouns of a job as differences see them.

/// One noun: members of its JSON with the names under which differences show them.
pub(super) struct Noun {
    /// Values, by member and name.
    pub(super) fields: &'static [(&'static str, &'static str)],
    /// Values that are shown as `nil` when they are not there.
    pub(super) pointers: &'static [(&'static str, &'static str)],
    /// Maps of texts, shown as `Meta[key]`.
    pub(super) maps: &'static [&'static str],
    /// Objects, in the order in which they are shown.
    pub(super) objects: &'static [Child],
    /// Members that make a difference and are not shown.
    pub(super) silent: &'static [&'static str],
    /// One whose fields were only added counts as added, though both sides have it.
    pub(super) typed_by_fields: bool,
    /// In a list, new ones are shown first.
    pub(super) added_first: bool,
}

/// An object, or a list of them, within a noun.
pub(super) struct Child {
    pub(super) member: &'static str,
    pub(super) name: &'static str,
    pub(super) how: How,
}

/// How the two sides of a member are compared.
pub(super) enum How {
    /// One object.
    One(&'static Noun),
    /// One object of which only what differs is shown.
    Changes(&'static Noun),
    /// One object that users write as they like.
    Free,
    /// The same, one member further down.
    FreeWithin(&'static str),
    /// One object that is shown only where one of its fields differs.
    Differing(&'static Noun),
    /// One object that is shown even where neither side has it.
    Shown(&'static Noun),
    /// Addresses by name.
    Addresses,
    /// A set of texts.
    Texts,
    /// A list whose elements are equal or not.
    Set(&'static Noun),
    /// A list whose elements are known by a member.
    Keyed(&'static Noun, &'static str),
    /// A list whose elements are known by a member that may change.
    Paired(&'static Noun, &'static str),
    /// A map of objects.
    Named(&'static Noun),
}

const EMPTY: Noun = Noun {
    fields: &[],
    pointers: &[],
    maps: &[],
    objects: &[],
    silent: &[],
    typed_by_fields: false,
    added_first: false,
};

/// Members that are shown under their own names.
macro_rules! same {
    ($($name:literal),* $(,)?) => { &[$(($name, $name)),*] };
}

macro_rules! child {
    ($($member:literal as $name:literal: $how:expr),* $(,)?) => {
        &[$(Child { member: $member, name: $name, how: $how }),*]
    };
}

mod mesh;

pub(super) static JOB: Noun = Noun {
    fields: same![
        "AllAtOnce",
        "ConsulNamespace",
        "Dispatched",
        "Name",
        "Namespace",
        "NodePool",
        "ParentID",
        "Priority",
        "Region",
        "Stop",
        "Type",
        "VaultNamespace",
    ],
    maps: &["Meta"],
    objects: child![
        "Datacenters" as "Datacenters": How::Texts,
        "Constraints" as "Constraint": How::Set(&CONSTRAINT),
        "Affinities" as "Affinity": How::Set(&AFFINITY),
        "Periodic" as "Periodic": How::One(&PERIODIC),
        "ParameterizedJob" as "ParameterizedJob": How::One(&PARAMETERIZED),
        "UI" as "UI": How::One(&UI),
    ],
    ..EMPTY
};

pub(super) static GROUP: Noun = Noun {
    fields: same!["Count", "PreventRescheduleOnLost", "ShutdownDelay"],
    maps: &["Meta"],
    objects: child![
        "Constraints" as "Constraint": How::Set(&CONSTRAINT),
        "Affinities" as "Affinity": How::Set(&AFFINITY),
        "RestartPolicy" as "RestartPolicy": How::One(&RESTART),
        "Consul" as "Consul": How::One(&CONSUL),
        "Migrate" as "Migrate": How::One(&MIGRATE),
        "ReschedulePolicy" as "ReschedulePolicy": How::One(&RESCHEDULE),
        "EphemeralDisk" as "EphemeralDisk": How::One(&DISK),
        "Update" as "Update": How::One(&UPDATE),
        "Disconnect" as "Disconnect": How::One(&DISCONNECT),
        "Networks" as "Network": How::Set(&NETWORK),
        "Services" as "Service": How::Paired(&SERVICE, "Name"),
        "Volumes" as "Volume": How::Named(&VOLUME),
        "Scaling" as "Scaling": How::Changes(&SCALING),
    ],
    silent: &["MaxRunDuration", "Spreads"],
    ..EMPTY
};

pub(super) static TASK: Noun = Noun {
    fields: same!["Driver", "KillSignal", "KillTimeout", "Kind", "Leader", "ShutdownDelay", "User"],
    maps: &["Env", "Meta"],
    objects: child![
        "Constraints" as "Constraint": How::Set(&CONSTRAINT),
        "Affinities" as "Affinity": How::Set(&AFFINITY),
        "Config" as "Config": How::Free,
        "Resources" as "Resources": How::One(&RESOURCES),
        "LogConfig" as "LogConfig": How::One(&LOGS),
        "DispatchPayload" as "DispatchPayload": How::One(&DISPATCH),
        "Artifacts" as "Artifact": How::Keyed(&ARTIFACT, "RelativeDest"),
        "Services" as "Service": How::Paired(&SERVICE, "Name"),
        "Vault" as "Vault": How::One(&VAULT),
        "Consul" as "Consul": How::One(&CONSUL),
        "Templates" as "Template": How::Paired(&TEMPLATE, "DestPath"),
        "Identity" as "Identity": How::One(&IDENTITY),
        "Identities" as "Identity": How::Keyed(&IDENTITY, "Name"),
        "Actions" as "Action": How::Keyed(&ACTION, "Name"),
        "VolumeMounts" as "VolumeMount": How::Paired(&MOUNT, "Volume"),
        "Secrets" as "Secret": How::Keyed(&SECRET, "Name"),
    ],
    silent: &["Lifecycle", "RestartPolicy", "ScalingPolicies", "CSIPluginConfig", "Schedule"],
    ..EMPTY
};

static CONSTRAINT: Noun = Noun { fields: same!["LTarget", "Operand", "RTarget"], ..EMPTY };
static AFFINITY: Noun = Noun { fields: same!["LTarget", "Operand", "RTarget", "Weight"], ..EMPTY };
static PERIODIC: Noun = Noun {
    fields: same!["Enabled", "ProhibitOverlap", "Spec", "SpecType", "TimeZone"],
    objects: child!["Specs" as "Specs": How::Texts],
    ..EMPTY
};
static PARAMETERIZED: Noun = Noun {
    fields: same!["Payload"],
    objects: child![
        "MetaOptional" as "MetaOptional": How::Texts,
        "MetaRequired" as "MetaRequired": How::Texts,
    ],
    ..EMPTY
};
static UI: Noun = Noun {
    fields: same!["Description"],
    objects: child!["Links" as "Link": How::Keyed(&LINK, "Label")],
    ..EMPTY
};
static LINK: Noun = Noun { fields: &[("Label", "Label"), ("URL", "Url")], ..EMPTY };
static RESTART: Noun =
    Noun { fields: same!["Attempts", "Delay", "Interval", "Mode", "RenderTemplates"], ..EMPTY };
static RESCHEDULE: Noun = Noun {
    fields: same!["Attempts", "Delay", "DelayFunction", "Interval", "MaxDelay", "Unlimited"],
    ..EMPTY
};
static MIGRATE: Noun =
    Noun { fields: same!["HealthCheck", "HealthyDeadline", "MaxParallel", "MinHealthyTime"], ..EMPTY };
static DISK: Noun = Noun { fields: same!["Migrate", "SizeMB", "Sticky"], ..EMPTY };
static UPDATE: Noun = Noun {
    fields: same![
        "AutoPromote",
        "AutoRevert",
        "Canary",
        "HealthCheck",
        "HealthyDeadline",
        "MaxParallel",
        "MinHealthyTime",
        "ProgressDeadline",
    ],
    ..EMPTY
};
static DISCONNECT: Noun = Noun {
    fields: same!["LostAfter", "Reconcile", "Replace"],
    pointers: same!["StopOnClientAfter"],
    ..EMPTY
};
static CONSUL: Noun = Noun { fields: same!["Cluster", "Namespace", "Partition"], ..EMPTY };
static SCALING: Noun = Noun {
    fields: same!["Enabled", "Max", "Min"],
    objects: child!["Policy" as "Policy": How::Free],
    ..EMPTY
};
static NETWORK: Noun = Noun {
    fields: same!["Hostname", "Mode"],
    objects: child![
        "ReservedPorts" as "Static Port": How::Set(&STATIC_PORT),
        "DNS" as "DNS": How::Changes(&DNS),
        "CNI" as "CNIConfig": How::FreeWithin("Args"),
        "DynamicPorts" as "Dynamic Port": How::Set(&DYNAMIC_PORT),
    ],
    ..EMPTY
};
static DNS: Noun = Noun { fields: same!["Options", "Searches", "Servers"], ..EMPTY };
static STATIC_PORT: Noun =
    Noun { fields: same!["HostNetwork", "IgnoreCollision", "Label", "To", "Value"], ..EMPTY };
static DYNAMIC_PORT: Noun = Noun { fields: same!["HostNetwork", "Label", "To"], ..EMPTY };
static VOLUME: Noun = Noun {
    fields: same!["AccessMode", "AttachmentMode", "Name", "PerAlloc", "ReadOnly", "Source", "Sticky", "Type",],
    objects: child!["MountOptions" as "MountOptions": How::One(&MOUNT_OPTIONS)],
    ..EMPTY
};
static MOUNT_OPTIONS: Noun =
    Noun { fields: same!["FSType"], objects: child!["MountFlags" as "MountFlags": How::Texts], ..EMPTY };
static MOUNT: Noun =
    Noun { fields: same!["Destination", "PropagationMode", "ReadOnly", "SELinuxLabel", "Volume"], ..EMPTY };
static RESOURCES: Noun = Noun {
    fields: same!["CPU", "Cores", "DiskMB", "IOPS", "MemoryMB", "MemoryMaxMB", "SecretsMB"],
    objects: child![
        "Networks" as "Network": How::Set(&NETWORK),
        "Devices" as "Device": How::Keyed(&DEVICE, "Name"),
    ],
    ..EMPTY
};
static DEVICE: Noun = Noun { fields: same!["Count", "Name"], ..EMPTY };
static LOGS: Noun = Noun { fields: same!["Disabled", "MaxFileSizeMB", "MaxFiles"], ..EMPTY };
static DISPATCH: Noun = Noun { fields: same!["File"], ..EMPTY };
static ARTIFACT: Noun = Noun {
    fields: same!["Chown", "GetterInsecure", "GetterMode", "GetterSource", "RelativeDest"],
    maps: &["GetterHeaders", "GetterOptions"],
    typed_by_fields: true,
    added_first: true,
    ..EMPTY
};
static TEMPLATE: Noun = Noun {
    fields: same![
        "ChangeMode",
        "ChangeSignal",
        "DestPath",
        "EmbeddedTmpl",
        "Envvars",
        "ErrMissingKey",
        "LeftDelim",
        "Once",
        "Perms",
        "RightDelim",
        "SourcePath",
        "Splay",
        "VaultGrace",
    ],
    objects: child![
        "Wait" as "Template": How::One(&WAIT),
        "ChangeScript" as "ChangeScript": How::One(&SCRIPT),
    ],
    ..EMPTY
};
static WAIT: Noun = Noun { fields: same!["Max", "Min"], ..EMPTY };
static SCRIPT: Noun = Noun {
    fields: same!["Command", "FailOnError", "RunOnFirstRender", "Timeout"],
    objects: child!["Args" as "Args": How::Texts],
    ..EMPTY
};
static VAULT: Noun = Noun {
    fields: same![
        "AllowTokenExpiration",
        "ChangeMode",
        "ChangeSignal",
        "Cluster",
        "DisableFile",
        "Env",
        "Namespace",
        "Role",
    ],
    ..EMPTY
};
static IDENTITY: Noun = Noun {
    fields: same!["ChangeMode", "ChangeSignal", "Env", "File", "Filepath", "Name", "ServiceName", "TTL",],
    objects: child!["Audience" as "Audience": How::Texts],
    ..EMPTY
};
static ACTION: Noun =
    Noun { fields: same!["Command", "Name"], objects: child!["Args" as "Args": How::Texts], ..EMPTY };
static SECRET: Noun = Noun { fields: same!["Name", "Path", "Provider"], maps: &["Config", "Env"], ..EMPTY };
static SERVICE: Noun = Noun {
    fields: same![
        "Address",
        "AddressMode",
        "Cluster",
        "EnableTagOverride",
        "Kind",
        "Name",
        "Namespace",
        "OnUpdate",
        "PortLabel",
        "Provider",
        "TaskName",
    ],
    maps: &["CanaryMeta", "Meta", "TaggedAddresses"],
    objects: child![
        "CanaryTags" as "CanaryTags": How::Texts,
        "Tags" as "Tags": How::Texts,
        "Checks" as "Check": How::Keyed(&CHECK, "Name"),
        "Connect" as "ConsulConnect": How::One(&mesh::CONNECT),
        "Weights" as "Weights": How::One(&WEIGHTS),
    ],
    silent: &["Identity"],
    ..EMPTY
};
static WEIGHTS: Noun = Noun { fields: same!["Passing", "Warning"], ..EMPTY };
static CHECK: Noun = Noun {
    fields: same![
        "AddressMode",
        "Body",
        "Command",
        "Expose",
        "FailuresBeforeCritical",
        "FailuresBeforeWarning",
        "GRPCService",
        "GRPCUseTLS",
        "InitialStatus",
        "Interval",
        "Method",
        "Name",
        "Notes",
        "OnUpdate",
        "Path",
        "PortLabel",
        "Protocol",
        "SuccessBeforePassing",
        "TLSServerName",
        "TLSSkipVerify",
        "TaskName",
        "Timeout",
        "Type",
    ],
    objects: child![
        "Header" as "Header": How::Free,
        "CheckRestart" as "CheckRestart": How::One(&CHECK_RESTART),
    ],
    added_first: true,
    ..EMPTY
};
static CHECK_RESTART: Noun = Noun { fields: same!["Grace", "IgnoreWarnings", "Limit"], ..EMPTY };
