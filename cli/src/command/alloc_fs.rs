//! `alloc fs`: a directory of an allocation listed, a path described, a file displayed or followed.

use super::alloc_target::Target;
use super::misused;
use super::tail::{BYTES_PER_LINE, TAIL_LINES, Tail};
use crate::args::AllocFs;
use crate::console::{Console, Failure, client};
use crate::frames::Frames;
use crate::http::{ApiClient, HttpError, path_segment};
use crate::view;
use futures::StreamExt;
use view::files::Entry;

/// The command's name, for its help.
const NAME: &str = "alloc fs";

pub(super) async fn run(args: &AllocFs, console: Console) -> Result<u8, Failure> {
    let Some(named) = args.targets.first().filter(|named| !named.is_empty()) else {
        let what = if args.of.job { "A job ID is required" } else { "An allocation ID is required" };
        return Err(misused(NAME, what));
    };
    if args.targets.len() > 2 {
        return Err(misused(NAME, "This command takes one or two arguments: <allocation> [<path>]"));
    }
    let path = args.targets.get(1).filter(|path| !path.is_empty()).map_or("/", String::as_str);
    let (part, bytes) = (args.part.part, args.part.c);
    if part.tail && part.n.is_some() && bytes.is_some() {
        return Err(Failure::new("Both -n and -c set"));
    }
    let client = client(&args.general)?;
    let target = Target { named, of_job: args.of.job, group: args.of.group.as_deref() };
    let (client, alloc) = target.find(&client, args.verbose).await?;
    let files = Files { client: &client, console, alloc: path_segment(&alloc.id), path };
    let entry: Entry = files.ask("stat").await?;
    if args.stat {
        console.line(view::files::described(&entry, args.machine));
        return Ok(0);
    }
    if entry.is_dir {
        let entries: Vec<Entry> = files.ask("ls").await?;
        console.line(view::files::listed(&entries, args.machine));
        return Ok(0);
    }
    let lines = (part.tail && bytes.is_none()).then(|| part.n.unwrap_or(TAIL_LINES).max(0));
    let back = match lines {
        Some(lines) => lines.saturating_mul(BYTES_PER_LINE),
        None => bytes.unwrap_or(0).max(0),
    };
    let back = back.min(entry.size);
    match (part.f, part.tail) {
        (false, false) => files.print("cat", &[], None).await?,
        (false, true) => {
            let offset = (entry.size - back).to_string();
            files.print("readat", &[("offset", &offset)], lines).await?;
        }
        (true, false) => files.follow("start", 0, 0).await?,
        (true, true) => files.follow("end", back, lines.unwrap_or(0)).await?,
    }
    Ok(0)
}

/// The files of an allocation.
struct Files<'a> {
    client: &'a ApiClient,
    console: Console,
    /// As it stands in a URL.
    alloc: String,
    path: &'a str,
}

impl Files<'_> {
    async fn ask<T: serde::de::DeserializeOwned>(&self, what: &str) -> Result<T, Failure> {
        let url = format!("/v1/client/fs/{what}/{}", self.alloc);
        let answer = self.client.shape::<T>(&url, &[("path", self.path)]).await;
        // The original says no more than the agent does.
        answer.map(|(answer, _)| answer).map_err(|error| Failure::new(error.to_string()))
    }

    /// The file, or the last `lines` of what is read of it.
    async fn print(&self, what: &str, query: &[(&str, &str)], lines: Option<i64>) -> Result<(), Failure> {
        let url = format!("/v1/client/fs/{what}/{}", self.alloc);
        let query: Vec<(&str, &str)> = [("path", self.path)].iter().chain(query).copied().collect();
        let chunks = self.client.stream(&url, &query).await.map_err(|e| unread(&e))?;
        let mut chunks = std::pin::pin!(chunks);
        let mut tail = lines.map(Tail::of);
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|e| unread(&e))?;
            match &mut tail {
                Some(tail) => tail.push(&chunk),
                None => self.console.write(&chunk),
            }
        }
        if let Some(tail) = tail {
            self.console.write(&tail.into_bytes());
        }
        Ok(())
    }

    /// From `offset` bytes behind the start or before the end on, until the connection ends. Of what is there, no more
    /// than the last `lines` are displayed; 0 for all.
    async fn follow(&self, origin: &str, offset: i64, lines: i64) -> Result<(), Failure> {
        let url = format!("/v1/client/fs/stream/{}", self.alloc);
        let offset = offset.to_string();
        let query = [("path", self.path), ("offset", &offset), ("origin", origin), ("follow", "true")];
        let chunks = self.client.stream(&url, &query).await.map_err(|e| unread(&e))?;
        let mut chunks = std::pin::pin!(chunks);
        let mut frames = Frames::default();
        let mut tail = (lines > 0).then(|| Tail::of(lines));
        while let Some(chunk) = chunks.next().await {
            for frame in frames.push(&chunk.map_err(|e| unread(&e))?).map_err(Failure::new)? {
                match tail.take() {
                    Some(mut first) => {
                        first.push(&frame.data);
                        self.console.write(&first.into_bytes());
                    }
                    None => self.console.write(&frame.data),
                }
                if !frame.event.is_empty() {
                    self.console.error(format!("{}: {:?}", crate::args::PROGRAM, frame.event));
                }
            }
        }
        Ok(())
    }
}

fn unread(error: &HttpError) -> Failure {
    Failure::because("Failed to read file", error)
}
