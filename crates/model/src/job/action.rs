//! Small blocks of a task.

use crate::wire::{List, wire};

wire! {
    /// A command that people may run in a task.
    Action { "Args" args: List<String>, "Command" command: String, "Name" name: String }
    /// Where a dispatched payload is written.
    DispatchPayload { "File" file: String }
    /// When a task may run.
    Schedule { "Cron" cron: Option<ScheduleCron> }
    /// A window, as two cron texts.
    ScheduleCron { "End" end: String, "Start" start: String, "Timezone" timezone: String }
}
