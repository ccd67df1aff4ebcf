//! Tries inputs until one fails, and makes that one small.

use std::cell::RefCell;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once};
use std::thread;
use std::time::{Duration, Instant};

use crate::random::Random;

/// An input made of one of the corpus; the whole corpus is there to take pieces from.
pub type Mutate = fn(&mut Random, &[u8], &[Vec<u8>]) -> Vec<u8>;

pub struct Target {
    /// Also the folder of its corpus.
    pub name: &'static str,
    pub mutate: Mutate,
    /// Smaller inputs that may fail in the same way.
    pub smaller: fn(&[u8]) -> Vec<Vec<u8>>,
    /// Panics where a promise is broken.
    pub check: fn(&[u8]),
    /// How many mutations are tried where no time is given: about a second's worth.
    pub cases: u64,
}

/// What the environment asks for.
struct Effort {
    seed: u64,
    /// `None`: a fixed number of cases.
    time: Option<Duration>,
}

impl Effort {
    fn asked_for() -> Self {
        let number = |name| {
            let text = std::env::var(name).ok()?;
            Some(text.parse::<f64>().expect("a number"))
        };
        Self {
            seed: number("FUZZ_SEED").map_or(1, |seed| seed as u64),
            time: number("FUZZ_MINUTES").map(|minutes| Duration::from_secs_f64(minutes * 60.0)),
        }
    }

    fn is_over(&self, cases: u64, target: &Target, start: Instant) -> bool {
        match self.time {
            Some(time) => cases.is_multiple_of(64) && start.elapsed() >= time,
            None => cases >= target.cases,
        }
    }
}

/// Tries the corpus and mutations of it.
pub fn run(target: &Target) {
    let effort = Effort::asked_for();
    let corpus = corpus(target.name);
    assert!(!corpus.is_empty(), "no corpus for {}", target.name);
    for (name, input) in &corpus {
        if let Some(why) = failure(target, input) {
            report(target, input, &why, &format!("{name} of the corpus"));
        }
    }
    let inputs: Vec<Vec<u8>> = corpus.into_iter().map(|(_, input)| input).collect();
    let start = Instant::now();
    let mut cases = 0;
    while !effort.is_over(cases, target, start) {
        // Each case is of its own seed, so that the number of a case is enough to have it again.
        let mut random = Random(effort.seed.wrapping_mul(0x9e37_79b9).wrapping_add(cases) << 16);
        let base = &inputs[random.below(inputs.len())];
        let input = (target.mutate)(&mut random, base, &inputs);
        if let Some(why) = failure(target, &input) {
            let from = format!("case {cases} of seed {}", effort.seed);
            report(target, &input, &why, &from);
        }
        cases += 1;
    }
    let (name, seeds, seed) = (target.name, inputs.len(), effort.seed);
    println!(
        "{name}: {seeds} inputs of the corpus and {cases} mutations of seed {seed}, no failure"
    );
}

fn folder(name: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.join("tests/fuzz/corpus").join(name)
}

/// The inputs of a target by name, in the order of their names. A file that is called `….lines`
/// holds one input a line, any other is one input.
fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(folder(name)).expect("a folder of the corpus");
    let mut paths: Vec<PathBuf> = files
        .map(|file| file.expect("a file of the corpus").path())
        .collect();
    paths.sort();
    let mut inputs = Vec::new();
    for path in paths {
        let bytes = fs::read(&path).expect("a file of the corpus");
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path
            .extension()
            .is_some_and(|extension| extension == "lines")
        {
            let lines = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
            for (line, input) in (1..).zip(lines.split(|byte| *byte == b'\n')) {
                inputs.push((format!("{name}:{line}"), input.to_owned()));
            }
        } else {
            inputs.push((name.into_owned(), bytes));
        }
    }
    inputs
}

thread_local! {
    /// The message of the last panic, while this thread tries an input.
    static PANIC_MESSAGE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// An input that takes longer than this hangs.
const LONGEST: Duration = Duration::from_secs(60);

/// Inputs under way: the target, the input, since when.
static UNDER_WAY: Mutex<Vec<(&str, Vec<u8>, Instant)>> = Mutex::new(Vec::new());

/// Ends the process if an input never ends: a thread cannot be made to.
fn watch() {
    loop {
        thread::park_timeout(LONGEST / 10);
        let under_way = UNDER_WAY.lock().expect("no panic while it is held");
        let hangs = under_way
            .iter()
            .find(|(_, _, since)| since.elapsed() > LONGEST);
        if let Some((name, input, _)) = hangs {
            eprintln!("{name} does not end:\n{}", kept(name, input));
            std::process::exit(1);
        }
    }
}

/// What the check panics with, if it does.
fn failure(target: &Target, input: &[u8]) -> Option<String> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        thread::spawn(watch);
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let is_trying = PANIC_MESSAGE.with_borrow_mut(|message| {
                let tries = message.is_some();
                if tries {
                    *message = Some(info.to_string());
                }
                tries
            });
            if !is_trying {
                usual(info);
            }
        }));
    });
    PANIC_MESSAGE.set(Some(String::new()));
    let lock = || UNDER_WAY.lock().expect("no panic while it is held");
    lock().push((target.name, input.to_owned(), Instant::now()));
    let result = panic::catch_unwind(AssertUnwindSafe(|| (target.check)(input)));
    lock().retain(|(name, ..)| *name != target.name);
    let message = PANIC_MESSAGE.take().unwrap_or_default();
    result.is_err().then_some(message)
}

/// The smallest input found that still fails, and what it fails with.
fn minimal(target: &Target, input: &[u8], why: &str) -> (Vec<u8>, String) {
    let (mut input, mut why) = (input.to_owned(), why.to_owned());
    let wanted = std::env::var("FUZZ_SHRINK").ok();
    let mut left = wanted.map_or(20_000, |number| number.parse().expect("a number"));
    'smaller: loop {
        for candidate in (target.smaller)(&input) {
            if left == 0 {
                break 'smaller;
            }
            left -= 1;
            if let Some(message) = failure(target, &candidate) {
                (input, why) = (candidate, message);
                continue 'smaller;
            }
        }
        break;
    }
    (input, why)
}

/// Fails with the smallest input of this kind.
fn report(target: &Target, input: &[u8], why: &str, from: &str) -> ! {
    let (small, why) = minimal(target, input, why);
    let name = target.name;
    panic!(
        "{name} fails for {from}.\n\n{why}\n\nThe smallest such input: {}",
        kept(name, &small)
    );
}

/// Saves an input in a file, and prints how to add it to the corpus.
fn kept(name: &str, input: &[u8]) -> String {
    let found = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("fuzz")
        .join(name);
    let file = found.join(format!("{:016x}", fingerprint(input)));
    fs::create_dir_all(&found).expect("a folder for what was found");
    fs::write(&file, input).expect("a file for what was found");
    let file = file.display();
    format!(
        "{} bytes,\n  \"{}\"\n\n\
         To have it in the corpus, under a name that says what it is:\n  \
         cp {file} tests/fuzz/corpus/{name}/NAME\n\
         and to try it again: cargo xtask fuzz {name} --minutes 0\n",
        input.len(),
        input.escape_ascii(),
    )
}

fn fingerprint(bytes: &[u8]) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}
