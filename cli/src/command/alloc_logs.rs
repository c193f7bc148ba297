//! `alloc logs`: what a task printed, and what it goes on printing.

use super::alloc_target::{Target, only_task};
use super::tail::{BYTES_PER_LINE, TAIL_LINES, Tail};
use crate::args::AllocLogs;
use crate::console::{Console, Failure, client};
use crate::http::{ApiClient, path_segment};
use futures::StreamExt;
use std::io::Write;

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
    let part = args.part.part;
    if part.tail && part.n.is_some() && args.part.c.is_some() {
        return Err(Failure::new("Both -n and -c set"));
    }
    let client = client(&args.general)?;
    let target = Target { named: &args.targets[0], of_job: args.of.job, group: args.of.group.as_deref() };
    let (client, alloc) = target.find(&client, args.verbose).await?;
    let task = match args.targets.get(1).or(args.task.as_ref()) {
        Some(task) if !task.is_empty() => task.clone(),
        _ => only_task(&alloc)?,
    };
    let both = part.f && args.stdout == args.stderr;
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
    let (part, bytes) = (args.part.part, args.part.c);
    let lines = (part.tail && bytes.is_none()).then(|| part.n.unwrap_or(TAIL_LINES).max(0));
    let offset = match (part.tail, lines) {
        (false, _) => 0,
        (true, Some(lines)) => lines.saturating_mul(BYTES_PER_LINE),
        (true, None) => bytes.unwrap_or(0).max(0),
    };
    let offset = offset.to_string();
    let query = [
        ("task", reading.task),
        ("type", stream.name()),
        ("follow", if part.f { "true" } else { "false" }),
        ("origin", if part.tail { "end" } else { "start" }),
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
            Some(held) if !part.f => held.push(&chunk),
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
