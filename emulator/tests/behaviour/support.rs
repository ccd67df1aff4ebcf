//! Helpers: a fake clock's units, authorized requests, and a raw HTTP client for the real server.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::time::{Duration, Instant, SystemTime};

use comfycontrol_emulator::server::{Clock, Folders, Server};
use comfycontrol_emulator::{Emulator, Reply, Request, Runners, Settings};
use serde_json::Value;

/// A fresh emulator whose wall clock starts at 1970.
pub fn emulator(runners: usize) -> Emulator {
    let runners = Runners::generated(runners, 0);
    Emulator::new(Settings::default(), runners, SystemTime::UNIX_EPOCH.into())
}

/// The same without a rate limit.
pub fn unlimited(runners: usize) -> Emulator {
    let mut emulator = emulator(runners);
    emulator.settings.limit = None;
    emulator
}

pub fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A `GET` with the token that is let through.
pub fn get(target: &str) -> Request {
    Request::get(target).with("authorization", "Bearer cfc_demo")
}

pub fn json(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).expect("the body is JSON")
}

/// The answer at time zero: its status and body.
pub fn ask(emulator: &mut Emulator, target: &str) -> (u16, Value) {
    let reply = emulator.handle(&get(target), Duration::ZERO);
    (reply.status, json(&reply))
}

/// The ids of a page.
pub fn ids(emulator: &mut Emulator, target: &str) -> Vec<String> {
    let (status, page) = ask(emulator, target);
    assert_eq!(status, 200, "{page}");
    let runners = page["runners"].as_array().expect("runners is an array");
    let id = |runner: &Value| runner["id"].as_str().expect("id is a string").to_string();
    runners.iter().map(id).collect()
}

/// A call of the control interface.
pub fn steer(emulator: &mut Emulator, call: &str, body: Value) -> (u16, Value) {
    let (method, name) = call.split_once(' ').expect("METHOD name");
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let request = Request::new(method, &format!("/__control/{name}")).with_body(body);
    let reply = emulator.handle(&request, Duration::ZERO);
    (reply.status, json(&reply))
}

/// A call of the control interface that must succeed.
pub fn steered(emulator: &mut Emulator, call: &str, body: Value) -> Value {
    let (status, answer) = steer(emulator, call, body);
    assert_eq!(status, 200, "{call}: {answer}");
    answer
}

/// A real server on a free port; it ends with the test process.
pub struct Running {
    pub address: SocketAddr,
}

pub fn serve(emulator: Emulator, folders: Folders) -> Running {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let server = Server::bind(0, emulator, Clock::Real, &folders)
                .await
                .expect("a port");
            sender
                .send(server.url().expect("an address"))
                .expect("a listener");
            server.run().await;
        });
    });
    let url = receiver.recv().expect("the server starts");
    let address = url.strip_prefix("http://").expect("http").parse();
    Running {
        address: address.expect("an address"),
    }
}

impl Running {
    /// Sends a request, and leaves the answer to be read.
    pub fn send(&self, request: &str) -> Connection {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        let timeout = Some(Duration::from_secs(20));
        stream.set_read_timeout(timeout).expect("a timeout");
        stream.write_all(request.as_bytes()).expect("a request");
        Connection(stream)
    }

    /// Sends an authorized `GET`, and leaves the answer to be read.
    pub fn get(&self, target: &str) -> Connection {
        let token = "authorization: Bearer cfc_demo\r\nconnection: close";
        self.send(&format!(
            "GET {target} HTTP/1.1\r\nhost: here\r\n{token}\r\n\r\n"
        ))
    }

    /// A call of the control interface.
    pub fn steer(&self, call: &str, body: Value) -> Value {
        let (method, name) = call.split_once(' ').expect("METHOD name");
        let (body, head) = (body.to_string(), "host: here\r\nconnection: close");
        let length = body.len();
        let answer = self.send(&format!(
            "{method} /__control/{name} HTTP/1.1\r\n{head}\r\ncontent-length: {length}\r\n\r\n{body}"
        ));
        serde_json::from_str(&answer.read().body).expect("JSON")
    }

    /// Asks for the statistics again and again until they are as they should be.
    pub fn wait_until(&self, fulfilled: impl Fn(&Value) -> bool) {
        let asked_since = Instant::now();
        loop {
            let stats = self.steer("GET state", Value::Null)["stats"].take();
            if fulfilled(&stats) {
                return;
            }
            assert!(asked_since.elapsed() < Duration::from_secs(20), "{stats}");
        }
    }
}

/// A connection whose request is sent.
pub struct Connection(pub TcpStream);

/// What came over a connection until it was closed.
pub struct Answer {
    pub head: String,
    pub body: String,
}

impl Connection {
    /// Reads until the server closes.
    pub fn read(mut self) -> Answer {
        let mut bytes = Vec::new();
        match self.0.read_to_end(&mut bytes) {
            Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("{error}"),
            _ => Answer::of(&bytes),
        }
    }

    /// Reads until this much of the body is there, and shows that nothing follows.
    pub fn read_until_silent(&mut self, body: usize) -> Answer {
        let mut bytes = Vec::new();
        let mut piece = [0; 4096];
        while Answer::of(&bytes).head.is_empty() || Answer::of(&bytes).body.len() < body {
            let read = self.0.read(&mut piece).expect("more comes");
            assert_ne!(read, 0, "the connection stays open");
            bytes.extend(&piece[..read]);
        }
        self.0.set_read_timeout(Some(ms(50))).expect("a timeout");
        let silent = self.0.read(&mut piece).expect_err("nothing follows");
        assert!(matches!(
            silent.kind(),
            ErrorKind::WouldBlock | ErrorKind::TimedOut
        ));
        Answer::of(&bytes)
    }
}

impl Answer {
    fn of(bytes: &[u8]) -> Answer {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
        Answer {
            head: head.into(),
            body: body.into(),
        }
    }

    pub fn status(&self) -> u16 {
        let status = self.head.get(9..12).unwrap_or_default();
        status.parse().unwrap_or(0)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(other, _)| *other == name)
            .map(|(_, value)| value)
    }
}
