//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use comfycontrol_emulator::server::{Clock, Folders};
use comfycontrol_emulator::{LimitRule, Settings, Timestamps};
use lexopt::prelude::*;

pub const HELP: &str = "\
The documented ComfyControl API as a local server.

Usage: comfycontrol-emulator [OPTIONS]

  --port PORT            port on 127.0.0.1; 0 takes a free one [8787]
  --runners N            active runners to start with [250]
  --seed N               which runners are generated [0]
  --tier TIER            free, plus, pro or enterprise [pro]
  --token TOKEN          the token that is accepted [cfc_demo]
  --expired-token TOKEN  the token that answers `Token has expired` [cfc_expired]
  --no-token             do not check tokens
  --limit N              requests per window [40]
  --window-ms MS         the window and the cooldown [10000]
  --no-limit             do not limit
  --retry-after FORM     Retry-After of a 429: none, seconds or date [none]
  --latency-ms MS        latency of every answer [0]
  --no-cors              do not let pages of other origins read answers
  --virtual-clock        time passes only by POST /__control/clock; timestamps follow it
  --www DIR              serve this folder at /
  --pkg DIR              serve this folder at /pkg/
  --exit-with-stdin      end when standard input ends
  --help                 print this

The first line on standard output is `listening on http://127.0.0.1:PORT`.
While it runs, /__control/ steers it: see the README.
";

/// What to do.
pub enum Command {
    Help,
    Serve(Box<Options>),
}

/// How to serve.
pub struct Options {
    pub port: u16,
    pub runners: usize,
    pub seed: u64,
    pub settings: Settings,
    pub folders: Folders,
    pub clock: Clock,
    pub exit_with_stdin: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            port: 8787,
            runners: 250,
            seed: 0,
            settings: Settings::default(),
            folders: Folders::default(),
            clock: Clock::Real,
            exit_with_stdin: false,
        }
    }
}

/// Reads the command line.
pub fn parse(mut arguments: lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut options = Options::default();
    let mut rule = LimitRule::default();
    let mut limited = true;
    let settings = &mut options.settings;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("port") => options.port = arguments.value()?.parse()?,
            Long("runners") => options.runners = arguments.value()?.parse()?,
            Long("seed") => options.seed = arguments.value()?.parse()?,
            Long("tier") => settings.tier = arguments.value()?.parse()?,
            Long("token") => settings.token = Some(arguments.value()?.string()?),
            Long("expired-token") => settings.expired_token = Some(arguments.value()?.string()?),
            Long("no-token") => settings.token = None,
            Long("limit") => rule.requests = arguments.value()?.parse_with(at_least_1)?,
            Long("window-ms") => rule.window_ms = arguments.value()?.parse_with(at_least_1)?,
            Long("no-limit") => limited = false,
            Long("retry-after") => settings.retry_after = arguments.value()?.parse()?,
            Long("latency-ms") => settings.latency_ms = arguments.value()?.parse()?,
            Long("no-cors") => settings.cors = false,
            Long("virtual-clock") => {
                options.clock = Clock::Virtual;
                settings.timestamps = Timestamps::Clock;
            }
            Long("www") => options.folders.www = Some(folder(arguments.value()?)?),
            Long("pkg") => options.folders.pkg = Some(folder(arguments.value()?)?),
            Long("exit-with-stdin") => options.exit_with_stdin = true,
            Long("help") | Short('h') => return Ok(Command::Help),
            _ => return Err(argument.unexpected()),
        }
    }
    settings.limit = limited.then_some(rule);
    Ok(Command::Serve(Box::new(options)))
}

fn at_least_1<T: std::str::FromStr + PartialOrd + From<u8>>(text: &str) -> Result<T, &'static str> {
    let number = text.parse().map_err(|_| "expected a whole number")?;
    match number >= T::from(1) {
        true => Ok(number),
        false => Err("must be at least 1"),
    }
}

fn folder(path: OsString) -> Result<PathBuf, lexopt::Error> {
    let path = PathBuf::from(path);
    match path.is_dir() {
        true => Ok(path),
        false => Err(format!("there is no folder {}", path.display()).into()),
    }
}
