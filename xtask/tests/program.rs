//! What the commands say when something is wrong, and what this program does under other names.

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
fn an_unknown_command_is_answered_with_the_one_that_was_meant() {
    let said = said(&xtask(&["tset"]));
    assert!(
        said.contains("unrecognized subcommand 'tset'") && said.contains("'test'"),
        "{said}"
    );
}

#[test]
fn an_unknown_kind_of_test_is_answered_with_the_known_ones() {
    let said = said(&xtask(&["test", "rsut"]));
    assert!(
        said.contains("'rsut'") && said.contains("wasm-browser"),
        "{said}"
    );
}

#[test]
fn an_unknown_option_is_refused() {
    let said = said(&xtask(&["demo", "--onec"]));
    assert!(said.contains("unexpected argument '--onec'"), "{said}");
}

#[test]
fn called_as_wasm_bindgen_it_answers_as_that_program() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["wasm-bindgen", "wasm-bindgen-test-runner"] {
        let link = folder.path().join(name);
        std::fs::hard_link(env!("CARGO_BIN_EXE_xtask"), &link)
            .or_else(|_| std::fs::copy(env!("CARGO_BIN_EXE_xtask"), &link).map(drop))
            .unwrap();
        let output = Command::new(link).arg("--version").output().unwrap();
        let version = String::from_utf8(output.stdout).unwrap();
        assert!(version.starts_with(&format!("{name} 0.2.")), "{version}");
    }
}
