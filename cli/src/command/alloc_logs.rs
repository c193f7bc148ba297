//! `alloc logs`: what a task printed, and what it goes on printing.

use super::now_ns;
use crate::args::AllocLogs;
use crate::console::{Console, Failure, client};
use crate::find;
use crate::http::{ApiClient, path_segment};
use api::allocations::{AllocStub, Allocation};
use futures::StreamExt;
use std::collections::VecDeque;
use std::io::Write;

/// Lines of `-tail` without `-n`.
const TAIL_LINES: i64 = 10;
/// Bytes read from the end for each line of `-tail`; a line is rarely longer.
const BYTES_PER_LINE: i64 = 120;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stream {
    Stdout,
    Stderr,
}

impl Stream {
    fn name(self) -> &'static str {
        match self {
            Stream::Stdout => "stdout",
            Stream::Stderr => "stderr",
        }
    }
}

pub(super) async fn run(args: &AllocLogs, console: Console) -> Result<u8, Failure> {
    if args.tail && args.n.is_some() && args.c.is_some() {
        return Err(Failure::new("Both -n and -c set"));
    }
    let client = client(&args.general)?;
    let target = &args.targets[0];
    let stub = if args.job {
        of_job(&client, target).await?
    } else {
        find::alloc(&client, target, args.verbose, now_ns()).await?
    };
    let client = client.in_namespace(&stub.namespace);
    let path = format!("/v1/allocation/{}", path_segment(&stub.id));
    let (alloc, _) = client
        .shape::<Allocation>(&path, &[])
        .await
        .map_err(|e| Failure::because("Error querying allocation", &e))?;
    let task = match args.targets.get(1).or(args.task.as_ref()) {
        Some(task) if !task.is_empty() => task.clone(),
        _ => only_task(&alloc)?,
    };
    let both = args.f && args.stdout == args.stderr;
    let reading = Reading { client: &client, console, id: &alloc.id, task: &task, both };
    if both {
        let (out, err) = (follow(&reading, Stream::Stdout, args), follow(&reading, Stream::Stderr, args));
        futures::future::try_join(out, err).await?;
        return Ok(0);
    }
    let stream = if args.stderr { Stream::Stderr } else { Stream::Stdout };
    follow(&reading, stream, args).await?;
    Ok(0)
}

/// Whose output is read, and where it goes.
struct Reading<'a> {
    client: &'a ApiClient,
    console: Console,
    id: &'a str,
    task: &'a str,
    /// Both streams are read at the same time.
    both: bool,
}

impl Reading<'_> {
    /// Read together, each stream goes to the output of its name; read alone, it goes to standard output.
    fn print(&self, stream: Stream, bytes: &[u8]) {
        if self.both && stream == Stream::Stderr {
            // Without standard error there is nobody to tell.
            let _unread = std::io::stderr().lock().write_all(bytes);
        } else {
            self.console.write(bytes);
        }
    }
}

async fn follow(reading: &Reading<'_>, stream: Stream, args: &AllocLogs) -> Result<(), Failure> {
    let failed =
        |e: &_| Failure::because(&format!("Failed to read {} file: error reading file", stream.name()), e);
    let lines = (args.tail && args.c.is_none()).then(|| args.n.unwrap_or(TAIL_LINES).max(0));
    let offset = match (args.tail, lines) {
        (false, _) => 0,
        (true, Some(lines)) => lines.saturating_mul(BYTES_PER_LINE),
        (true, None) => args.c.unwrap_or(0).max(0),
    };
    let offset = offset.to_string();
    let query = [
        ("task", reading.task),
        ("type", stream.name()),
        ("follow", if args.f { "true" } else { "false" }),
        ("origin", if args.tail { "end" } else { "start" }),
        ("offset", &offset),
        ("plain", "true"),
    ];
    let path = format!("/v1/client/fs/logs/{}", path_segment(reading.id));
    let chunks = reading.client.stream(&path, &query).await.map_err(|e| failed(&e))?;
    let mut chunks = std::pin::pin!(chunks);
    // While following, what is already there arrives at once: it is cut to the last lines, the rest is passed on.
    let mut tail = lines.map(|lines| Tail::new(usize::try_from(lines).unwrap_or(usize::MAX)));
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|e| failed(&e))?;
        match &mut tail {
            Some(held) if !args.f => held.push(&chunk),
            Some(held) => {
                held.push(&chunk);
                let first = std::mem::replace(held, Tail::new(0)).into_bytes();
                tail = None;
                reading.print(stream, &first);
            }
            None => reading.print(stream, &chunk),
        }
    }
    if let Some(held) = tail {
        reading.print(stream, &held.into_bytes());
    }
    Ok(())
}

/// The last lines of a text that arrives in pieces.
struct Tail {
    lines: VecDeque<Vec<u8>>,
    open: Vec<u8>,
    most: usize,
}

impl Tail {
    fn new(most: usize) -> Tail {
        Tail { lines: VecDeque::new(), open: Vec::new(), most }
    }

    fn push(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.open.push(*byte);
            if *byte == b'\n' {
                self.lines.push_back(std::mem::take(&mut self.open));
                if self.lines.len() > self.most {
                    self.lines.pop_front();
                }
            }
        }
    }

    fn into_bytes(mut self) -> Vec<u8> {
        if !self.open.is_empty() {
            self.lines.push_back(self.open);
            if self.lines.len() > self.most {
                self.lines.pop_front();
            }
        }
        self.lines.into_iter().flatten().collect()
    }
}

/// An allocation of a job, a running one if there is any.
async fn of_job(client: &ApiClient, prefix: &str) -> Result<AllocStub, Failure> {
    let job = find::job(client, prefix).await?;
    let client = client.in_namespace(&job.namespace);
    let path = format!("/v1/job/{}/allocations", path_segment(&job.id));
    let (allocs, _) = client
        .shape::<Vec<AllocStub>>(&path, &[])
        .await
        .map_err(|e| Failure::because("Error fetching allocations", &e))?;
    let newest = |running: bool| {
        allocs
            .iter()
            .filter(|alloc| !running || alloc.client_status == "running")
            .max_by_key(|alloc| alloc.create_index)
            .cloned()
    };
    newest(true).or_else(|| newest(false)).ok_or_else(|| {
        Failure::new(format!("Error fetching allocations: no allocations found for job {}", job.id))
    })
}

fn only_task(alloc: &Allocation) -> Result<String, Failure> {
    let groups = alloc.job.as_ref().and_then(|job| job.task_groups.as_ref());
    let group = groups.into_iter().flatten().find(|group| group.name.as_deref() == Some(&alloc.task_group));
    let tasks = group.and_then(|group| group.tasks.as_ref());
    let names: Vec<&str> = tasks.into_iter().flatten().filter_map(|task| task.name.as_deref()).collect();
    match names.as_slice() {
        [] => Err(Failure::new(format!(
            "Failed to validate task: could not find allocated task group {:?} in job {:?}",
            alloc.task_group, alloc.job_id
        ))),
        [only] => Ok((*only).to_owned()),
        several => Err(Failure::new(format!(
            "Allocation {:?} is running the following tasks:\n  * {}\n\nPlease specify the task.",
            crate::output::id(&alloc.id, false),
            several.join("\n  * ")
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_keeps_the_last_lines_over_pieces() {
        let mut tail = Tail::new(2);
        for piece in ["one\ntw", "o\nth", "ree\nfo"] {
            tail.push(piece.as_bytes());
        }
        assert_eq!(tail.into_bytes(), b"three\nfo");
        let mut none = Tail::new(0);
        none.push(b"x\ny");
        assert_eq!(none.into_bytes(), b"");
    }
}
