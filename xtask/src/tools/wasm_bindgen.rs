//! wasm-bindgen's own programs, without installing them: this program contains both, in the version
//! that the crate is built with.
//!
//! Cargo starts `wasm-bindgen-test-runner` to run a test that is compiled to WebAssembly, and wasm-pack
//! looks for both programs on the PATH. They find links to this program, which acts by the name it was
//! started with.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::Result;

use crate::sh::target;

type Program = fn(Vec<OsString>) -> Result<()>;

const PROGRAMS: [(&str, Program); 2] = [
    ("wasm-bindgen", |arguments| {
        wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(arguments)
    }),
    (TEST_RUNNER, |arguments| {
        if let Ok(address) = env::var(TEST_ADDRESS) {
            thread::spawn(move || occupy(&address));
        }
        wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(arguments)
    }),
];

const TEST_RUNNER: &str = "wasm-bindgen-test-runner";

/// The environment variable with the address on which the test runner's server for browsers listens.
pub const TEST_ADDRESS: &str = "WASM_BINDGEN_TEST_ADDRESS";

/// A free address of this machine.
pub fn free_address() -> Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

/// Keeps the idle threads of the test runner's server busy, as long as this process runs.
///
/// The server (tiny_http 0.12) has four threads, and starts another one if none of them is idle. A thread
/// that has just accepted a connection still counts as idle, so the next connection waits until a thread is
/// free, and browsers keep their connections open. A page that imports more than four files at once, each
/// over its own connection, hung in a third of all runs. If no thread is ever idle, each connection gets its
/// own.
fn occupy(address: &str) {
    let mut connections = Vec::new();
    while connections.len() < 4 {
        match TcpStream::connect(address) {
            Ok(connection) => connections.push(connection),
            // The server does not listen yet.
            Err(_) => thread::sleep(Duration::from_millis(50)),
        }
    }
    loop {
        thread::park();
    }
}

/// The program to run instead of a command of this repository, if this program was started under its name.
pub fn called_as(arguments: &[OsString]) -> Option<Program> {
    let called = Path::new(arguments.first()?).file_stem()?;
    let programs = PROGRAMS.into_iter();
    let mut found = programs.filter(|(name, _)| called == *name);
    found.next().map(|(_, program)| program)
}

/// A new folder with the links.
pub struct Links(PathBuf);

impl Links {
    /// Call it before anything that may build this program again, which replaces its file.
    pub fn make() -> Result<Self> {
        let folder = target().join("tools/wasm-bindgen");
        fs::create_dir_all(&folder)?;
        let this = env::current_exe()?;
        for (name, _) in PROGRAMS {
            let link = folder.join(format!("{name}{}", env::consts::EXE_SUFFIX));
            if link.exists() {
                fs::remove_file(&link)?;
            }
            // A hard link still works when this program's own file is replaced.
            if fs::hard_link(&this, &link).is_err() {
                fs::copy(&this, &link)?;
            }
        }
        Ok(Self(folder))
    }

    pub fn folder(&self) -> &Path {
        &self.0
    }

    pub fn test_runner(&self) -> PathBuf {
        let file = format!("{TEST_RUNNER}{}", env::consts::EXE_SUFFIX);
        self.0.join(file)
    }
}
