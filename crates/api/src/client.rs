//! The Client page: what a client agent is asked for an allocation or its node.

use std::collections::BTreeMap;

use crate::shape::shape;

shape! {
    /// Sends a signal to the tasks of an allocation.
    AllocSignalRequest {
        "Signal" signal: String,
        "Task" task: String,
    }
    /// Restarts tasks of an allocation.
    AllocRestartRequest {
        "AllTasks" all_tasks: bool,
        "TaskName" task_name: String,
    }
    /// Changes the metadata of a node; `null` takes a key away.
    NodeMetaApplyRequest {
        "Meta" meta: Option<BTreeMap<String, Option<String>>>,
        "NodeID" node_id: String,
    }
    /// An allocation is being stopped.
    AllocStopResponse {
        "EvalID" eval_id: String,
        "Index" index: u64,
    }
}

shape! {
    /// What was asked for is done. The index is always 0.
    Done { "Index" index: u64 }
    /// The metadata of a node: as configured, as set since, and both together.
    NodeMeta {
        "Dynamic" dynamic: BTreeMap<String, Option<String>>,
        "Meta" meta: BTreeMap<String, String>,
        "Static" fixed: BTreeMap<String, String>,
    }
    /// A file or directory.
    FileInfo {
        "ContentType" content_type: String = empty,
        "FileMode" file_mode: String,
        "IsDir" is_dir: bool,
        "ModTime" modified: String,
        "Name" name: String,
        "Size" size: i64,
    }
    /// A piece of a file or log. One without anything says that the stream lives.
    Frame {
        "Data" data: Option<String> = empty,
        "File" file: String = empty,
        "FileEvent" file_event: String = empty,
        "Offset" offset: u64 = empty,
    }
    /// The newest answer of a check.
    CheckStatus {
        "Check" check: String,
        "Group" group: String,
        "ID" id: String,
        "Mode" mode: String,
        "Output" output: String,
        "Service" service: String,
        "Status" status: String,
        "StatusCode" status_code: i64 = empty,
        "Task" task: String = empty,
        "Timestamp" timestamp: i64,
    }
    /// What an allocation uses.
    AllocUsage {
        "ResourceUsage" resource_usage: Usage,
        "Tasks" tasks: BTreeMap<String, TaskUsage>,
        "Timestamp" timestamp: i64,
    }
    /// What a task uses.
    TaskUsage {
        "Pids" pids: BTreeMap<String, Usage>,
        "ResourceUsage" resource_usage: Usage,
        "Timestamp" timestamp: i64,
    }
    /// Memory and processors in use.
    Usage { "CpuStats" cpu: CpuUsage, "DeviceStats" devices: Vec<()>, "MemoryStats" memory: MemoryUsage }
    /// Processors in use: per cent of one core, and MHz.
    CpuUsage {
        "Measured" measured: Option<Vec<String>>,
        "Percent" percent: f64,
        "SystemMode" system_mode: f64,
        "ThrottledPeriods" throttled_periods: u64,
        "ThrottledTime" throttled_time: u64,
        "TotalTicks" total_ticks: f64,
        "UserMode" user_mode: f64,
    }
    /// Memory in use, bytes.
    MemoryUsage {
        "Cache" cache: u64,
        "KernelMaxUsage" kernel_max_usage: u64,
        "KernelUsage" kernel_usage: u64,
        "MappedFile" mapped_file: u64,
        "MaxUsage" max_usage: u64,
        "Measured" measured: Option<Vec<String>>,
        "RSS" rss: u64,
        "Swap" swap: u64,
        "Usage" usage: u64,
    }
    /// What a node uses. Sizes are bytes, times seconds.
    HostStats {
        "AllocDirStats" alloc_dir: DiskStats,
        "CPU" cpu: Vec<CpuStats>,
        "CPUTicksConsumed" ticks: f64,
        "DeviceStats" devices: Vec<()>,
        "DiskStats" disks: Vec<DiskStats>,
        "Memory" memory: HostMemory,
        "Timestamp" timestamp: i64,
        "Uptime" uptime: u64,
    }
    /// Memory of a node.
    HostMemory { "Available" available: u64, "Free" free: u64, "Total" total: u64, "Used" used: u64 }
    /// Use of one processor, per cent.
    CpuStats {
        "CPU" cpu: String,
        "Idle" idle: f64,
        "System" system: f64,
        "TotalPercent" total_percent: f64,
        "TotalTicks" total_ticks: f64,
        "User" user: f64,
    }
    /// Use of one volume.
    DiskStats {
        "Available" available: u64,
        "Device" device: String,
        "InodesUsedPercent" inodes_used_percent: f64,
        "Mountpoint" mountpoint: String,
        "Size" size: u64,
        "Used" used: u64,
        "UsedPercent" used_percent: f64,
    }
}
