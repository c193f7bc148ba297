//! `job logs`: what all tasks of a job print, line by line, each line with where it is from.

use super::alloc_target::{tasks, whole};
use super::tail::{BYTES_PER_LINE, TAIL_LINES, Tail};
use crate::args::JobLogs;
use crate::console::{Console, Failure, client};
use crate::http::{ApiClient, HttpError, path_segment};
use crate::{find, output};
use api::allocations::AllocStub;
use futures::StreamExt;

/// Tasks that are read at once.
const TASKS_MAX: usize = 256;
/// Bytes after which a line is broken off and displayed.
const LINE_MAX: usize = 64 << 10;

pub(super) async fn run(args: &JobLogs, console: Console) -> Result<u8, Failure> {
    let client = client(&args.general)?;
    let stub = find::job(&client, &args.job).await?;
    let client = client.in_namespace(&stub.namespace);
    let sources = sources(&client, &stub.id, args).await?;
    if sources.is_empty() {
        return Err(Failure::new(format!("No tasks of job {:?} have logs", stub.id)));
    }
    if sources.len() > TASKS_MAX {
        return Err(Failure::new(format!(
            "Job {:?} has {} tasks with logs, more than {TASKS_MAX}: choose some with -group or -task",
            stub.id,
            sources.len()
        )));
    }
    // Followed, they mix as they come; otherwise one stands behind the other.
    let reading = sources.iter().map(|source| source.read(&client, console, args));
    let done: Vec<Result<(), Failure>> = match args.part.f {
        true => futures::future::join_all(reading).await,
        false => futures::stream::iter(reading).then(|one| one).collect().await,
    };
    // One node that does not answer leaves the others readable.
    let mut exit = 0;
    for failure in done.into_iter().filter_map(Result::err) {
        console.error(&failure.message);
        exit = failure.exit;
    }
    Ok(exit)
}

/// A task of an allocation.
struct Source {
    alloc: String,
    task: String,
    /// In front of each of its lines.
    prefix: String,
}

async fn sources(client: &ApiClient, job: &str, args: &JobLogs) -> Result<Vec<Source>, Failure> {
    let path = format!("/v1/job/{}/allocations", path_segment(job));
    let (mut allocs, _) = client
        .shape::<Vec<AllocStub>>(&path, &[])
        .await
        .map_err(|e| Failure::because("Error fetching allocations", &e))?;
    let group = args.group.as_deref().unwrap_or_default();
    allocs.retain(|alloc| group.is_empty() || alloc.task_group == group);
    // What has not begun has no logs; what follows them waits for what is there now.
    allocs.retain(|alloc| {
        alloc.client_status != "pending" && (!args.part.f || alloc.client_status == "running")
    });
    allocs.sort_by(|a, b| (a.create_index, &a.name).cmp(&(b.create_index, &b.name)));
    let mut sources = Vec::new();
    for stub in &allocs {
        let alloc = whole(client, &stub.id).await?;
        let wanted = |task: &&str| args.task.as_deref().is_none_or(|wanted| wanted == *task);
        for task in tasks(&alloc).into_iter().filter(wanted) {
            let prefix = format!("[{} {task}] ", output::id(&alloc.id, args.verbose));
            sources.push(Source { alloc: alloc.id.clone(), task: task.to_owned(), prefix });
        }
    }
    Ok(sources)
}

impl Source {
    async fn read(&self, client: &ApiClient, console: Console, args: &JobLogs) -> Result<(), Failure> {
        let failed = |e: &HttpError| {
            let id = output::id(&self.alloc, args.verbose);
            Failure::because(&format!("Error reading logs of task {:?} in allocation {id:?}", self.task), e)
        };
        let lines = args.part.n.unwrap_or(TAIL_LINES).max(0);
        let offset = if args.part.tail { lines.saturating_mul(BYTES_PER_LINE) } else { 0 }.to_string();
        let query = [
            ("task", self.task.as_str()),
            ("type", if args.stderr { "stderr" } else { "stdout" }),
            ("follow", if args.part.f { "true" } else { "false" }),
            ("origin", if args.part.tail { "end" } else { "start" }),
            ("offset", &offset),
            ("plain", "true"),
        ];
        let path = format!("/v1/client/fs/logs/{}", path_segment(&self.alloc));
        let chunks = client.stream(&path, &query).await.map_err(|e| failed(&e))?;
        let mut chunks = std::pin::pin!(chunks);
        let mut tail = args.part.tail.then(|| Tail::of(lines));
        let mut text = Prefixed { prefix: &self.prefix, open: Vec::new() };
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|e| failed(&e))?;
            match &mut tail {
                Some(held) => held.push(&chunk),
                None => console.write(&text.push(&chunk)),
            }
            // What is there already arrives at once.
            if args.part.f
                && let Some(held) = tail.take()
            {
                console.write(&text.push(&held.into_bytes()));
            }
        }
        if let Some(held) = tail {
            console.write(&text.push(&held.into_bytes()));
        }
        console.write(&text.end());
        Ok(())
    }
}

/// Whole lines, each with what stands in front of it.
struct Prefixed<'a> {
    prefix: &'a str,
    open: Vec<u8>,
}

impl Prefixed<'_> {
    /// The lines that are whole now.
    fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for byte in bytes {
            self.open.push(*byte);
            if *byte == b'\n' {
                self.flush(&mut out);
            } else if self.open.len() >= LINE_MAX {
                self.open.push(b'\n');
                self.flush(&mut out);
            }
        }
        out
    }

    /// The last line, if it has no line feed.
    fn end(mut self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.open.is_empty() {
            self.open.push(b'\n');
            self.flush(&mut out);
        }
        out
    }

    fn flush(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.prefix.as_bytes());
        out.append(&mut self.open);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_says_where_it_is_from() {
        let mut text = Prefixed { prefix: "[5760a811 t] ", open: Vec::new() };
        assert_eq!(text.push(b"one\ntw"), b"[5760a811 t] one\n");
        assert_eq!(text.push(b"o\nthree"), b"[5760a811 t] two\n");
        assert_eq!(text.end(), b"[5760a811 t] three\n");
    }

    #[test]
    fn a_line_without_an_end_is_broken_off() {
        let mut text = Prefixed { prefix: "", open: Vec::new() };
        let out = text.push(&vec![b'x'; LINE_MAX + 1]);
        assert_eq!((out.len(), out.last()), (LINE_MAX + 1, Some(&b'\n')));
        assert_eq!(text.end(), b"x\n");
    }
}
