//! Against what the original printed for the same state.

use super::*;
use api::allocations::{Allocated, AllocatedTask, Cpu, Memory, PortMapping, Shared, TaskEvent, TaskState};
use std::collections::BTreeMap;

const S: i64 = 1_000_000_000;
const NOW: i64 = 1_795_224_051 * S;

fn event(kind: &str, text: &str) -> TaskEvent {
    TaskEvent { kind: kind.to_owned(), display_message: text.to_owned(), ..TaskEvent::default() }
}

fn alloc() -> Allocation {
    let task = AllocatedTask {
        cpu: Cpu { cpu_shares: 50, ..Cpu::default() },
        memory: Memory { memory_mb: 32, ..Memory::default() },
        ..AllocatedTask::default()
    };
    let port = PortMapping {
        label: "web".to_owned(),
        value: 21030,
        host_ip: "127.0.0.1".to_owned(),
        ..PortMapping::default()
    };
    Allocation {
        id: "131db1cc-33cb-590e-2dd1-4a8707eb8343".to_owned(),
        eval_id: "01b663ba-33cb-590e-2dd1-4a8707eb8343".to_owned(),
        name: "ald.g[0]".to_owned(),
        node_id: "b08ef1e9-44c3-05be-dc50-951a897f323e".to_owned(),
        node_name: "n1".to_owned(),
        job_id: "ald".to_owned(),
        client_status: "failed".to_owned(),
        client_description: "Failed tasks".to_owned(),
        desired_status: "run".to_owned(),
        create_time: NOW - 2 * S,
        modify_time: NOW,
        allocated_resources: Allocated {
            tasks: BTreeMap::from([("t".to_owned(), task)]),
            shared: Shared { disk_mb: 110, ports: Some(vec![port]), ..Shared::default() },
            ..Allocated::default()
        },
        ..Allocation::default()
    }
}

#[test]
fn an_allocation_is_a_block() {
    assert_eq!(
        block(&alloc(), false, NOW),
        "ID                  = 131db1cc-33cb-590e-2dd1-4a8707eb8343\n\
         Eval ID             = 01b663ba\n\
         Name                = ald.g[0]\n\
         Node ID             = b08ef1e9\n\
         Node Name           = n1\n\
         Job ID              = ald\n\
         Job Version         = 0\n\
         Client Status       = failed\n\
         Client Description  = Failed tasks\n\
         Desired Status      = run\n\
         Desired Description = <none>\n\
         Created             = 2s ago\n\
         Modified            = 0s ago"
    );
    assert_eq!(
        addresses(&alloc()).as_deref(),
        Some("Allocation Addresses:\nLabel  Dynamic  Address\n*web   yes      127.0.0.1:21030")
    );
    let deployed = Allocation { deployment_id: "93511270-25ea-d285-aa68-5b73596247e4".to_owned(), ..alloc() };
    assert!(
        block(&deployed, false, NOW)
            .ends_with("\nDeployment ID       = 93511270\nDeployment Health   = unset")
    );
}

#[test]
fn a_task_tells_its_story_backwards() {
    let state = TaskState {
        state: "dead".to_owned(),
        failed: true,
        started_at: None,
        events: vec![event("Received", "Task received by client"), event("Terminated", "Exit Code: 3")],
        ..TaskState::default()
    };
    assert_eq!(
        section(&alloc(), "t", &state, None),
        "Task \"t\" is \"dead\"\n\
         Task Resources:\n\
         CPU     Memory  Disk     Addresses\n\
         50 MHz  32 MiB  110 MiB  \n\
         \n\
         Task Events:\n\
         Started At     = N/A\n\
         Finished At    = N/A\n\
         Total Restarts = 0\n\
         Last Restart   = N/A\n\
         \n\
         Recent Events:\n\
         Time  Type        Description\n\
         N/A   Terminated  Exit Code: 3\n\
         N/A   Received    Task received by client"
    );
    let usage = Usage { cpu_mhz: 0.7, memory_bytes: 1_363_149 };
    assert!(section(&alloc(), "t", &state, Some(usage)).contains("\n0/50 MHz  1.3 MiB/32 MiB  110 MiB  \n"));
}

#[test]
fn lists_have_the_newest_first() {
    let stub = |id: &str, create_index| AllocStub {
        id: id.to_owned(),
        node_id: "d51ee502-0000-0000-0000-000000000000".to_owned(),
        task_group: "g".to_owned(),
        desired_status: "stop".to_owned(),
        client_status: "complete".to_owned(),
        create_time: NOW - 3 * S,
        modify_time: NOW - S,
        create_index,
        ..AllocStub::default()
    };
    let allocs =
        [stub("71ec24cb-0000-0000-0000-000000000000", 1), stub("81ec24cb-0000-0000-0000-000000000000", 2)];
    assert_eq!(
        list(&allocs, false, NOW),
        "ID        Node ID   Task Group  Version  Desired  Status    Created  Modified\n\
         81ec24cb  d51ee502  g           0        stop     complete  3s ago   1s ago\n\
         71ec24cb  d51ee502  g           0        stop     complete  3s ago   1s ago"
    );
    assert_eq!(list(&[], false, NOW), "No allocations placed");
}
