//! What operators ask of a running allocation: signal, restart, make room.

use model::TaskRunState;
use model::job::UpdateStrategy;
use nix::sys::signal::Signal;
use std::sync::Arc;

use super::order::Hook;
use super::runner::AllocRunner;
use super::{dir, health};
use crate::driver::raw_exec;
use crate::task::event;
use crate::task::runner::Control;

const NOT_RUNNING: &str = "Task not running";

impl AllocRunner {
    fn runs(&self, task: &str) -> bool {
        self.states.get(task).is_some_and(|state| state.state == TaskRunState::Running)
    }

    fn tell_task(&self, task: &str, control: &Control) -> Result<(), String> {
        if !self.runs(task) {
            return Err(NOT_RUNNING.to_owned());
        }
        let sender = self.controls.get(task).ok_or(NOT_RUNNING)?;
        sender.try_send(control.clone()).map_err(|_| format!("task {task:?} does not answer"))
    }

    /// Sends a signal to one task, or to all of them.
    pub(super) fn signal(&self, task: Option<&str>, signal: Signal) -> Result<(), String> {
        let control = Control::Signal(signal);
        if let Some(task) = task {
            let known = self.states.contains_key(task);
            return if known { self.tell_task(task, &control) } else { Err("Task not found".to_owned()) };
        }
        let tell = |task: &String| {
            let told = self.tell_task(task, &control);
            told.err().map(|error| format!("Failed to signal task: {task}, err: {error}"))
        };
        let faults: Vec<String> = self.states.keys().filter_map(tell).collect();
        match faults.len() {
            0 => Ok(()),
            1 => Err(format!("1 error occurred:\n\t* {}\n\n", faults.concat())),
            count => Err(format!("{count} errors occurred:\n\t* {}\n\n", faults.join("\n\t* "))),
        }
    }

    /// Restarts one task, or those that run.
    pub(super) fn restart(&self, task: Option<&str>, control: &Control) -> Result<(), String> {
        if let Some(task) = task {
            let unknown = || format!("Could not find task runner for task: {task}");
            let known = self.states.contains_key(task);
            return if known { self.tell_task(task, control) } else { Err(unknown()) };
        }
        self.states.keys().filter(|task| self.runs(task)).try_for_each(|task| self.tell_task(task, control))
    }

    /// Restarts every task but `poststop` ones in the order of their first start.
    pub(super) fn restart_all(&mut self, why: String) -> Result<(), String> {
        if self.all_dead() || self.stopping() {
            return Err(NOT_RUNNING.to_owned());
        }
        let ended = self.places.iter().any(|place| place.hook != Hook::Poststop && !self.runs(&place.name));
        for place in self.places.iter().filter(|place| place.hook != Hook::Poststop) {
            // Without one that has ended there is no order to keep, and nothing to wait for.
            let control = Control::Restart { why: why.clone(), failure: false, anew: ended };
            let Some(sender) = self.controls.get(&place.name) else { continue };
            sender.try_send(control).map_err(|_| format!("task {:?} does not answer", place.name))?;
            self.told.remove(&place.name);
        }
        Ok(())
    }

    /// Tells the tasks that keep the allocation from being healthy.
    pub(super) fn blame(&mut self, update: &UpdateStrategy, now_ns: i64) {
        self.blamed = true;
        let since_ns = self.row.health.since_ns;
        let mut blamed = false;
        for place in &self.places {
            let Some(state) = self.states.get(&place.name) else { continue };
            if let Some(why) = health::blame(place, state, update, since_ns) {
                blamed = true;
                self.note(&place.name, event::alloc_unhealthy(now_ns, &why));
            }
        }
        if !blamed && let Some(place) = self.places.iter().find(|place| place.hook == Hook::Main) {
            self.note(&place.name, event::alloc_unhealthy(now_ns, "Services not healthy by deadline"));
        }
    }

    fn note(&self, task: &str, event: model::TaskEvent) {
        if let Some(sender) = self.controls.get(task) {
            // A task that is too busy to be told goes on without the note.
            let _ = sender.try_send(Control::Note(event));
        }
    }

    /// Lets the tasks stop without their `shutdown_delay`.
    pub(super) fn skip_shutdown_delay(&mut self) {
        self.row.alloc.desired_transition.no_shutdown_delay = Some(true);
        let mut alloc = (**self.alloc.borrow()).clone();
        alloc.desired_transition.no_shutdown_delay = Some(true);
        self.alloc.send_replace(Arc::new(alloc));
    }

    /// Removes the directory of an allocation that has ended. What is known of it stays for the servers.
    pub(super) async fn collect(&mut self) -> Result<(), String> {
        if !self.all_dead() {
            return Err("No such allocation on client, or allocation not eligible for GC".to_owned());
        }
        self.row.collected = true;
        self.keep_row().await;
        self.context.directory.remove(self.row.alloc.id);
        raw_exec::end_all(&self.root).await;
        let root = self.root.clone();
        let removed = tokio::task::spawn_blocking(move || dir::remove(&root)).await;
        match removed {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(error) => Err(error.to_string()),
        }
    }
}
