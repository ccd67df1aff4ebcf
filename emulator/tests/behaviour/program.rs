//! The program around the server.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use comfycontrol_emulator::generate;
use serde_json::{Value, json};

use crate::support::Running;

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_comfycontrol-emulator"));
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Starts the program on a free port and reads its first line.
fn start(arguments: &[&str]) -> (Child, Running) {
    let mut child = program(&["--port", "0"]).args(arguments).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address = line
        .strip_prefix("listening on http://")
        .expect("the first line");
    let address = address.trim_end().parse().unwrap();
    (child, Running { address })
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = program(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn the_first_line_says_where_it_listens_and_it_ends_with_its_parent() {
    let (mut child, server) = start(&["--exit-with-stdin", "--runners", "7"]);
    assert!(server.address.ip().is_loopback());
    let page: Value = serde_json::from_str(&server.get("/v1/managed-runner").read().body).unwrap();
    assert_eq!(page["total"], 7);
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_it_cleanly_even_while_a_request_runs() {
    let (mut child, server) = start(&["--latency-ms", "3600000"]);
    let _waiting = server.get("/v1/managed-runner");
    server.wait_until(|stats| stats["inFlight"] == 1);
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn every_option_reaches_the_settings() {
    let arguments = "--exit-with-stdin --runners 3 --tier enterprise --token cfc_a --expired-token cfc_b \
        --limit 4 --window-ms 500 --retry-after date --latency-ms 1 --no-cors --www src --pkg src \
        --seed 7 --virtual-clock";
    let arguments: Vec<&str> = arguments.split_whitespace().collect();
    let (mut child, server) = start(&arguments);
    let state = server.steer("GET state", Value::Null);
    assert_eq!(
        state["settings"],
        json!({
            "tier": "enterprise", "token": "cfc_a", "expiredToken": "cfc_b",
            "limit": { "requests": 4, "windowMs": 500 },
            "retryAfter": "date", "latencyMs": 1, "cors": false, "timestamps": "clock",
        })
    );
    assert_eq!(state["nowMs"], 0, "time does not pass by itself");
    let newest = &server.steer("GET runners", Value::Null)[0];
    assert_eq!(newest["id"], generate::runner(7, 2).id);
    for served in ["/lib.rs", "/pkg/lib.rs"] {
        assert_eq!(server.get(served).read().status(), 200);
    }
    drop(child.stdin.take());
    child.wait().unwrap();

    let (mut child, server) = start(&["--no-limit", "--no-token", "--exit-with-stdin"]);
    let settings = server.steer("GET settings", Value::Null);
    assert_eq!(
        (&settings["limit"], &settings["token"]),
        (&Value::Null, &Value::Null)
    );
    drop(child.stdin.take());
    child.wait().unwrap();
}

#[test]
fn a_wrong_option_is_named() {
    for (arguments, message) in [
        (&["--port", "http"][..], "cannot parse argument \"http\""),
        (
            &["--tier", "gold"],
            "expected free, plus, pro or enterprise",
        ),
        (&["--limit", "0"], "must be at least 1"),
        (&["--window-ms", "-1"], "expected a whole number"),
        (&["--runners"], "missing argument for option '--runners'"),
        (
            &["--www", "/there/is/no/such/folder"],
            "there is no folder /there/is/no/such/folder",
        ),
        (&["--colour"], "invalid option '--colour'"),
        (&["8787"], "unexpected argument \"8787\""),
    ] {
        let (code, stdout, stderr) = run(arguments);
        assert_eq!((code, stdout.as_str()), (Some(2), ""));
        assert!(
            stderr.contains(message) && stderr.contains("Usage:"),
            "{stderr}"
        );
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let (mut child, server) = start(&["--exit-with-stdin"]);
    let port = server.address.port().to_string();
    let (code, stdout, stderr) = run(&["--port", &port]);
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(
        stderr.starts_with(&format!("cannot listen on 127.0.0.1:{port}: ")),
        "{stderr}"
    );
    drop(child.stdin.take());
    child.wait().unwrap();
}

#[test]
fn the_help_names_every_option() {
    let (code, stdout, _) = run(&["--help"]);
    assert_eq!(code, Some(0));
    let source = include_str!("../../src/options.rs");
    let options: Vec<_> = source.split("Long(\"").skip(1).collect();
    assert!(options.len() > 10);
    for option in options {
        let name = option.split('"').next().unwrap();
        assert!(stdout.contains(&format!("\n  --{name} ")), "{name}");
    }
}
