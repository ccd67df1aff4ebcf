//! What the commands say when something is wrong.

use std::process::{Command, Output};

fn xtask(args: &[&str]) -> Output {
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
    // Nothing can be found there: neither Node nor npm.
    let path = env!("CARGO_MANIFEST_DIR");
    xtask.args(args).env("PATH", path).output().unwrap()
}

fn said(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn without_node_the_demonstration_says_what_to_install() {
    let said = said(&xtask(&["demo", "--once"]));
    assert!(
        said.contains("`node` was not found: install Node.js 20 or later"),
        "{said}"
    );
}

#[test]
fn an_unknown_command_is_answered_with_the_known_ones() {
    let said = said(&xtask(&["tset"]));
    assert!(
        said.contains("no command \"tset\"") && said.contains("cargo xtask COMMAND"),
        "{said}"
    );
}

#[test]
fn an_unknown_kind_of_test_is_answered_with_the_known_ones() {
    let said = said(&xtask(&["test", "rsut"]));
    assert!(
        said.contains("no kind of test \"rsut\"") && said.contains("wasm-browser"),
        "{said}"
    );
}

#[test]
fn an_unknown_option_of_the_demonstration_is_refused() {
    let said = said(&xtask(&["demo", "--onec"]));
    assert!(said.contains("`--once` or nothing, got --onec"), "{said}");
}
