//! Job files: how fast the corpus is parsed in this process, and how long the command line takes to say something.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use jobspec::{Given, Options};

use crate::report::Figure;
use crate::statistics::{Times, ms};

/// How long the original needs to print its version, about.
const ORIGINAL_VERSION_MS: f64 = 100.0;
/// How often each file is parsed; its fastest time counts, since others may be busy on the core.
const ROUNDS: usize = 20;
/// How often a process is started.
const STARTS: usize = 50;
/// What is scanned for the machine's limit, in bytes: more than the caches near a core hold.
const SCANNED: usize = 64 * 1024 * 1024;
/// An address where nobody is, for a command that needs no answer.
const NOWHERE: &str = "http://127.0.0.1:1";

/// A job file and the values that go with it.
struct JobFile {
    name: String,
    text: String,
    variables: Option<String>,
}

/// Parses every job file of the folder, and starts the program where one is given; `address` is an agent that
/// `job status` may ask.
pub(crate) fn run(dir: &Path, bin: Option<&Path>, address: Option<&str>) -> anyhow::Result<Vec<Figure>> {
    let mut figures = parsed(&files(dir)?)?;
    if let Some(bin) = bin {
        let nothing = started(Path::new("true"), &[], NOWHERE)?;
        let mut add = |words: &[&str], address: &str, note: &str| -> anyhow::Result<()> {
            let times = started(bin, words, address)?;
            let p50 = times.quantile(0.5).as_secs_f64();
            let what = format!("drover {}{note}, p50", words.join(" "));
            let limit = nothing.quantile(0.5);
            let figure = Figure::cost("command line", what, p50 * 1e3, "ms")
                .beside(format!("p99 {}", ms(times.quantile(0.99))))
                .beside(format!(
                    "{:.1} x a process that does nothing, {}",
                    p50 / limit.as_secs_f64(),
                    ms(limit)
                ));
            figures.push(if words == ["version"] { figure.original(ORIGINAL_VERSION_MS) } else { figure });
            Ok(())
        };
        add(&["version"], NOWHERE, "")?;
        match address {
            Some(address) => add(&["job", "status"], address, "")?,
            None => add(&["job", "status"], NOWHERE, " (nobody answers)")?,
        }
    }
    Ok(figures)
}

fn files(dir: &Path) -> anyhow::Result<Vec<JobFile>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).with_context(|| format!("no corpus at {}", dir.display()))? {
        let path: PathBuf = entry?.path();
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(name) = file.strip_suffix(".nomad.hcl") else { continue };
        let variables = path.with_file_name(format!("{name}.vars"));
        files.push(JobFile {
            name: name.to_owned(),
            text: std::fs::read_to_string(&path)?,
            variables: variables.exists().then(|| std::fs::read_to_string(&variables)).transpose()?,
        });
    }
    ensure!(!files.is_empty(), "no job files in {}", dir.display());
    Ok(files)
}

/// What the whole corpus came to.
fn parsed(files: &[JobFile]) -> anyhow::Result<Vec<Figure>> {
    let bytes: usize = files.iter().map(|file| file.text.len()).sum();
    let (mut times, mut worst, mut good) = (Vec::with_capacity(files.len()), (Duration::ZERO, ""), 0);
    for file in files {
        let (time, well) = parse(file);
        good += usize::from(well);
        worst = worst.max((time, file.name.as_str()));
        times.push(time);
    }
    let whole: Duration = times.iter().sum();
    let times = Times::new(times);
    let rate = bytes as f64 / whole.as_secs_f64() / 1e6;
    let limit = scan(files)?;
    let median = times.quantile(0.5).as_secs_f64() * 1e6;
    Ok(vec![
        Figure::cost("job files", format!("{} files, median", files.len()), median, "us")
            .beside(format!("{good} good, {} refused", files.len() - good))
            .beside(format!("worst {} ({})", us(worst.0), worst.1)),
        Figure::rate("job files", format!("{bytes} bytes parsed"), rate, "MB/s")
            .beside(format!("1/{:.0} of a scan for valid UTF-8, {limit:.0} MB/s", limit / rate)),
    ])
}

/// The fastest of several times, and whether it is a good file.
fn parse(file: &JobFile) -> (Duration, bool) {
    let (mut best, mut good) = (Duration::MAX, false);
    for _ in 0..ROUNDS {
        let values = file.variables.iter();
        let given = values.map(|text| Given::File { name: "variables".to_owned(), text: text.clone() });
        let options =
            Options { given: given.collect(), undeclared_is_error: false, files: None, mint: &|| [7; 16] };
        let start = Instant::now();
        let job = jobspec::parse("job.nomad.hcl", black_box(&file.text), &options);
        best = best.min(start.elapsed());
        good = black_box(job).is_ok();
    }
    (best, good)
}

/// The machine's own limit in MB/s: the same text again and again, looked at only for being text.
fn scan(files: &[JobFile]) -> anyhow::Result<f64> {
    let all: Vec<u8> = files.iter().flat_map(|file| file.text.bytes()).collect();
    let long: Vec<u8> = all.iter().copied().cycle().take(SCANNED - SCANNED % all.len()).collect();
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        ensure!(std::str::from_utf8(black_box(&long)).is_ok(), "the corpus is text");
        best = best.min(start.elapsed());
    }
    Ok(long.len() as f64 / best.as_secs_f64() / 1e6)
}

/// From the start of a process to its end.
fn started(program: &Path, words: &[&str], address: &str) -> anyhow::Result<Times> {
    let mut times = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let mut command = Command::new(program);
        command.args(words).env("NOMAD_ADDR", address).env("NOMAD_CLI_SHOW_HINTS", "0");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let status = command.status().with_context(|| format!("starting {}", program.display()))?;
        times.push(start.elapsed());
        ensure!(
            status.success() || address == NOWHERE,
            "{} {} ended with {status}",
            program.display(),
            words.join(" ")
        );
    }
    Ok(Times::new(times))
}

/// Microseconds with one decimal.
fn us(time: Duration) -> String {
    format!("{:.1} us", time.as_secs_f64() * 1e6)
}
