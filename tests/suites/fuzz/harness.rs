//! A small mutation fuzzer on stable Rust: texts of a kept corpus are changed at random and handed to a decoder, which
//! may refuse them and may neither panic nor take long.
//!
//! Every input follows from the corpus and one number, so a failure names the number that makes it again:
//! `DROVER_FUZZ_ONE=<number>`. `DROVER_FUZZ_SEED` decides on a whole run, `DROVER_FUZZ_SECONDS` how long all targets
//! together may take. What was found is kept in the corpus, whose texts are tried as they are first.

use std::fs;
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long all targets together take, unless the environment says otherwise.
const SECONDS: u64 = 60;
/// Targets that share the time.
const TARGETS: u32 = 15;
/// Longer than this nothing of the size below may take, in a build without optimization.
const PATIENCE: Duration = Duration::from_secs(10);
/// Largest input, bytes.
const SIZE_MAX: usize = 16 << 10;
/// Files of the test data that are larger than this do not begin a mutation.
const SEED_MAX: u64 = 8 << 10;

/// A decoder under test.
pub(crate) struct Target {
    /// Name of its folder in the corpus.
    pub(crate) name: &'static str,
    /// Words that mean something to it.
    pub(crate) words: &'static [&'static str],
    /// Further texts to begin with: a folder of the test data, and how their names end.
    pub(crate) more: Option<(&'static str, &'static str)>,
    pub(crate) run: fn(&[u8]),
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// A random run, or the one that the environment asks for.
pub(crate) fn fuzz(target: &Target) {
    let corpus = corpus(target);
    assert!(!corpus.is_empty(), "no corpus for {}", target.name);
    let now = Arc::new(Mutex::new((0, Vec::new())));
    if let Some(one) = number("DROVER_FUZZ_ONE") {
        return attempt(target, one, &mutated(&corpus, target.words, one), &now);
    }
    let clock =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |now| now.as_nanos());
    let seed = number("DROVER_FUZZ_SEED").unwrap_or(clock as u64);
    let time = Duration::from_secs(number("DROVER_FUZZ_SECONDS").unwrap_or(SECONDS)) / TARGETS;
    let end = Instant::now() + time;
    let _watching = Watch::begin(target.name, now.clone());
    let tried = Tried::begin(target.name);
    corpus.iter().for_each(|text| attempt(target, 0, text, &now));
    let mut count = 0;
    while Instant::now() < end {
        let own = mix(seed.wrapping_add(count));
        tried.note(own);
        attempt(target, own, &mutated(&corpus, target.words, own), &now);
        count += 1;
    }
    println!("{}: {count} inputs from a corpus of {}, seed {seed}", target.name, corpus.len());
}

type Now = Arc<Mutex<(u64, Vec<u8>)>>;

fn attempt(target: &Target, seed: u64, input: &[u8], now: &Now) {
    *now.lock().unwrap_or_else(PoisonError::into_inner) = (seed, input.to_vec());
    let begin = Instant::now();
    let done = catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    let took = begin.elapsed();
    if done.is_err() || took > PATIENCE {
        let what = if done.is_err() { "panicked" } else { "took too long" };
        panic!("{}", told(target.name, what, seed, input));
    }
}

fn told(name: &str, what: &str, seed: u64, input: &[u8]) -> String {
    let text = String::from_utf8_lossy(input);
    format!("{name} {what}; again with DROVER_FUZZ_ONE={seed} (0 is the corpus itself):\n{text:?}")
}

/// The number of the input that is being tried, in a file: where a stack overflows, nothing can be told afterwards.
struct Tried(PathBuf, fs::File);

impl Tried {
    fn begin(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("fuzz-{name}-{}", std::process::id()));
        println!("{name}: should the process die, its last DROVER_FUZZ_ONE is in {}", path.display());
        let file = fs::File::create(&path).unwrap();
        Tried(path, file)
    }

    fn note(&self, seed: u64) {
        self.1.write_all_at(format!("{seed:>20}\n").as_bytes(), 0).unwrap();
    }
}

impl Drop for Tried {
    fn drop(&mut self) {
        // A panic has told the number already.
        let _ = fs::remove_file(&self.0);
    }
}

/// Ends the process when one input never ends.
struct Watch(Arc<Mutex<bool>>);

impl Watch {
    fn begin(name: &'static str, now: Now) -> Self {
        let over = Arc::new(Mutex::new(false));
        let stop = over.clone();
        std::thread::spawn(move || {
            let (mut last, mut since) = ((0, Vec::new()), Instant::now());
            while !*stop.lock().unwrap_or_else(PoisonError::into_inner) {
                std::thread::sleep(Duration::from_millis(200));
                let at = now.lock().unwrap_or_else(PoisonError::into_inner).clone();
                if at != last {
                    (last, since) = (at, Instant::now());
                }
                if since.elapsed() > PATIENCE * 3 {
                    eprintln!("{}", told(name, "does not end", last.0, &last.1));
                    std::process::exit(101);
                }
            }
        });
        Watch(over)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }
}

fn corpus(target: &Target) -> Vec<Vec<u8>> {
    // Targets that need to look into another package lie there; their corpus lies here.
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests = package.ancestors().map(|dir| dir.join("tests")).find(|dir| dir.join("fuzz/corpus").is_dir());
    let root = tests.expect("the corpus is in the package of the suites");
    let mut files = listed(&root.join("fuzz/corpus").join(target.name));
    if let Some((folder, end)) = target.more {
        let more = listed(&root.join(folder)).into_iter();
        files.extend(more.filter(|path| path.to_string_lossy().ends_with(end)));
    }
    let mut texts = Vec::new();
    for file in files.iter().filter(|file| fs::metadata(file).is_ok_and(|file| file.len() <= SEED_MAX)) {
        let text = fs::read(file).unwrap();
        // A text for each line, where they are short.
        match file.extension().is_some_and(|end| end == "lines") {
            true => texts.extend(text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec)),
            false => texts.push(text),
        }
    }
    texts
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn mix(seed: u64) -> u64 {
    let mixed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = mix(self.0);
        (self.0 % limit.max(1) as u64) as usize
    }

    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let from = self.below(length + 1);
        from..(from + 1 + self.below(24)).min(length).max(from)
    }
}

/// A text of the corpus with a few things done to it.
fn mutated(corpus: &[Vec<u8>], words: &[&str], seed: u64) -> Vec<u8> {
    let mut dice = Dice(seed);
    let mut text = corpus[dice.below(corpus.len())].clone();
    for _ in 0..=dice.below(6) {
        let at = dice.below(text.len() + 1);
        match dice.below(8) {
            0 if at < text.len() => text[at] ^= 1 << dice.below(8),
            1 if at < text.len() => text[at] = dice.below(256) as u8,
            2 => drop(text.drain(dice.range(text.len()))),
            3 => {
                let piece = text[dice.range(text.len())].to_vec();
                let times = 1 + dice.below(8);
                text.splice(at..at, piece.repeat(times));
            }
            4 => {
                let other = &corpus[dice.below(corpus.len())];
                let piece = other[dice.range(other.len())].to_vec();
                text.splice(at..at, piece);
            }
            5 => {
                let number =
                    ["0", "-1", "9223372036854775808", "18446744073709551616", "1e309", "0x10", "00", "1.5"];
                text.splice(at..at, number[dice.below(number.len())].bytes());
            }
            // One bracket many times is a tree of great depth.
            6 => {
                let bracket = [b'(', b'[', b'{', b'"', b'!', b'-', b'$', b'%'][dice.below(8)];
                text.splice(at..at, vec![bracket; 1 << dice.below(12)]);
            }
            _ => drop(text.splice(at..at, words[dice.below(words.len())].bytes())),
        }
    }
    text.truncate(SIZE_MAX);
    text
}
