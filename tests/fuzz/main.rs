//! Inputs nobody would think of: what is in `corpus/`, and mutations of it. Every target is given
//! bytes and panics where the code under test breaks a promise; it never sees a clock or a network.
//!
//! `cargo test` tries the corpus and a fixed number of mutations of a fixed seed;
//! `cargo xtask fuzz [TARGET] --minutes N --seed S` goes on for longer and elsewhere.

#![cfg(not(target_arch = "wasm32"))]

mod bytes;
mod checkpoints;
mod enumeration;
#[path = "../rust/paging/forge.rs"]
mod forge;
mod instants;
mod json;
mod options;
mod oracle;
#[path = "../rust/platform.rs"]
mod platform;
#[path = "../rust/random.rs"]
mod random;
mod reader;
mod retry_after;
mod rules;
mod run;
mod urls;

use run::{Target, run};

#[test]
fn reader() {
    run(&Target {
        name: "reader",
        mutate: json::mutated,
        smaller: json::smaller,
        check: reader::check,
        cases: 2_000,
    });
}

#[test]
fn instants() {
    run(&Target {
        name: "instants",
        mutate: instants::mutated,
        smaller: bytes::smaller,
        check: instants::check,
        cases: 2_000,
    });
}

#[test]
fn options() {
    run(&Target {
        name: "options",
        mutate: options::mutated,
        smaller: bytes::smaller,
        check: options::check,
        cases: 5_000,
    });
}

#[test]
fn retry_after() {
    run(&Target {
        name: "retry_after",
        mutate: retry_after::mutated,
        smaller: bytes::smaller,
        check: retry_after::check,
        cases: 5_000,
    });
}

#[test]
fn urls() {
    run(&Target {
        name: "urls",
        mutate: urls::mutated,
        smaller: bytes::smaller,
        check: urls::check,
        cases: 3_000,
    });
}

#[test]
fn checkpoints() {
    run(&Target {
        name: "checkpoints",
        mutate: checkpoints::mutated,
        smaller: bytes::smaller,
        check: checkpoints::check,
        cases: 500,
    });
}

#[test]
fn enumeration() {
    run(&Target {
        name: "enumeration",
        mutate: enumeration::mutated,
        smaller: bytes::smaller,
        check: enumeration::check,
        cases: 5_000,
    });
}
