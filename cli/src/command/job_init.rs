//! `job init`: an example of a job file to start from.

use super::job_template;
use crate::args::JobInit;
use crate::console::{Console, Failure};
use std::io::Write;

const EXAMPLE: &str = r#"# A job runs groups of tasks; each group is placed on one node as a whole.
job "example" {
  # service runs until it is stopped, batch until it is done, system once on every node.
  type = "service"

  group "greeter" {
    # How many of this group run.
    count = 1

    # How a change is rolled out: one after the other, each of them healthy for so long before the next.
    update {
      max_parallel     = 1
      min_healthy_time = "2s"
    }

    task "greet" {
      # A plain process of the node.
      driver = "raw_exec"

      config {
        command = "/bin/sh"
        args    = ["-c", "while true; do echo \"$GREETING from $NOMAD_ALLOC_NAME\"; sleep 5; done"]
      }

      env {
        GREETING = "Hello"
      }

      # What the task is given: MHz and MiB.
      resources {
        cpu    = 50
        memory = 32
      }
    }
  }
}
"#;

pub(super) async fn run(args: &JobInit, console: Console) -> Result<u8, Failure> {
    if args.connect {
        return Err(Failure::new("job init -connect is not supported: there is no service mesh"));
    }
    if args.list_templates {
        return job_template::list(&args.general, console).await;
    }
    let template = match args.template.as_deref().filter(|name| !name.is_empty()) {
        Some(name) => Some(job_template::text(&args.general, name).await?),
        None => None,
    };
    let name = args.filename.as_deref().filter(|name| !name.is_empty()).unwrap_or("example.nomad.hcl");
    let failed = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::AlreadyExists => Failure::new(format!("Job '{name}' already exists")),
        _ => Failure::new(format!("Failed to write '{name}': {e}")),
    };
    let example = || {
        let lines = EXAMPLE.lines().filter(|line| !args.short || !line.trim_start().starts_with('#'));
        lines.map(|line| format!("{line}\n")).collect()
    };
    let text: String = template.unwrap_or_else(example);
    let mut file = std::fs::File::create_new(name).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    console.line(format!("Example job file written to {name}"));
    Ok(0)
}
