//! The kinds of tests, in the order in which they run. To add one, add it here. If no existing function of
//! `commands.rs` fits, add its commands there.

use std::process::Command;

use anyhow::Result;

use super::commands::{self, node, node_in_turn, wasm};
use super::prepare::Prepared;
use crate::tools;

pub struct Kind {
    pub name: &'static str,
    pub about: &'static str,
    /// Installs what takes long to install. Runs in parallel with the build, before all tests.
    pub install: fn() -> Result<()>,
    /// The commands that run the tests. A non-zero exit code is a failure.
    pub commands: fn(&Prepared) -> Result<Vec<Command>>,
}

pub const KINDS: &[Kind] = &[
    Kind {
        name: "lint",
        about: "formatting, clippy, eslint and rustdoc",
        install: || tools::npm("xtask/lint"),
        commands: |_| Ok(commands::lint()),
    },
    Kind {
        name: "rust",
        about: "the policies, the reader, the emulator and the tools, natively",
        install: nothing,
        commands: |_| Ok(commands::rust()),
    },
    Kind {
        name: "wasm-node",
        about: "the exports in Node",
        install: nothing,
        commands: |prepared| wasm("wasm-node", prepared),
    },
    Kind {
        name: "wasm-browser",
        about: "the exports in headless Chromium",
        install: nothing,
        commands: |prepared| wasm("wasm-browser", prepared),
    },
    Kind {
        name: "wasm-pack",
        about: "what wasm-pack builds and tests in a fresh clone",
        install: || {
            tools::npm("tests/types")?;
            tools::npm("tests/www")?;
            tools::WASM_PACK.install().map(drop)
        },
        commands: commands::wasm_pack,
    },
    Kind {
        name: "decode",
        about: "the reader against JSON.parse, 200,000 documents",
        install: nothing,
        commands: |prepared| node("tests/decode", prepared),
    },
    Kind {
        name: "package",
        about: "the packed package in Node, against the emulator",
        install: nothing,
        commands: |prepared| node("tests/package", prepared),
    },
    Kind {
        name: "adversary",
        about: "hostile callers and servers, several copies, and where the token appears",
        // Some attacks target the dashboard, and use the browser of its own tests.
        install: || tools::npm("tests/www"),
        commands: |prepared| node("tests/adversary", prepared),
    },
    Kind {
        name: "runtime",
        about: "unusual runtimes: missing globals, proxies, mocks, old signals, clocks that jump",
        install: || tools::npm("tests/runtime"),
        commands: |prepared| node("tests/runtime", prepared),
    },
    Kind {
        name: "faults",
        about: "deliberate failures: storms of faults, panics, no stack or memory left, a short soak",
        install: nothing,
        commands: commands::faults,
    },
    Kind {
        name: "testing",
        about: "comfycontrol-runners/testing against the emulator's port, and the guides of docs/testing.md",
        install: || tools::npm("tests/testing"),
        commands: |prepared| node("tests/testing", prepared),
    },
    Kind {
        name: "ledger",
        about: "processes that share one rate limit, on a real Redis: crowds, crashes, outages",
        install: || {
            tools::npm("tests/ledger")?;
            tools::redis().map(drop)
        },
        commands: commands::ledger,
    },
    Kind {
        name: "ledger-tabs",
        about: "the rules of a shared rate limit, a simulation of 1,000 processes, and tabs in real Chromium",
        // The tabs are driven as the dashboard is by its own tests.
        install: || tools::npm("tests/www"),
        commands: |prepared| node_in_turn("tests/ledger-tabs", prepared),
    },
    Kind {
        name: "entries",
        about: "comfycontrol-runners/query and /store in Node: TanStack Query's core, React, Svelte; docs/dashboards.md",
        install: || tools::npm("tests/entries"),
        commands: |prepared| node("tests/entries", prepared),
    },
    Kind {
        name: "cli",
        about: "the command, in pipes and in terminals, against the emulator",
        install: nothing,
        commands: |prepared| node("tests/cli", prepared),
    },
    Kind {
        name: "consumers",
        about: "small projects that install the packed package, in runtimes, browsers and bundlers",
        install: || tools::npm("tests/consumers"),
        commands: commands::consumers,
    },
    Kind {
        name: "size",
        about: "the compressed size of an app, against its limit",
        install: nothing,
        commands: |_| Ok(vec![crate::size::check()]),
    },
    Kind {
        name: "coverage",
        about: "at least 95 % of the lines of src/ (without src/web/) and decode/",
        install: || tools::CARGO_LLVM_COV.install().map(drop),
        commands: |_| Ok(vec![crate::coverage::measure()?]),
    },
    Kind {
        name: "supply",
        about: "dependencies, the same build twice, and the list of what is inside",
        install: || {
            tools::npm("tests/supply")?;
            tools::CARGO_DENY.install().map(drop)
        },
        commands: commands::supply,
    },
    Kind {
        name: "types",
        about: "calls that must and must not compile",
        install: || tools::npm("tests/types"),
        commands: |prepared| node("tests/types", prepared),
    },
    Kind {
        name: "www",
        about: "the dashboard in real Chromium and Firefox",
        install: || {
            tools::npm("tests/www")?;
            tools::firefox().map(drop)
        },
        commands: commands::www,
    },
];

fn nothing() -> Result<()> {
    Ok(())
}
