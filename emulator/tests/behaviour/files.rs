//! The folders beside the API.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use comfycontrol_emulator::server::Folders;

use crate::support::{Running, serve, unlimited};

/// A server of two folders, with a secret beside them.
struct Site {
    server: Running,
    root: PathBuf,
}

impl Deref for Site {
    type Target = Running;

    fn deref(&self) -> &Running {
        &self.server
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// Each run of each test has folders of its own, so that none reads what another is writing.
fn server(name: &str) -> Site {
    let own = format!("{name}-{}", std::process::id());
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(own);
    for (path, text) in [
        ("secret.txt", "secret"),
        ("www/index.html", "<!doctype html>"),
        ("www/app.js", "export {}"),
        ("www/app.css", "body {}"),
        ("www/icon.svg", "<svg/>"),
        ("www/sub/index.html", "<!doctype html>"),
        ("dist/index.mjs", "export {}"),
        ("dist/core.wasm", "\0asm"),
        ("dist/index.d.ts", "export {}"),
    ] {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let folders = Folders {
        www: Some(root.join("www")),
        pkg: Some(root.join("dist")),
    };
    let server = serve(unlimited(5), folders);
    Site { server, root }
}

#[test]
fn files_have_their_content_types() {
    let server = server("types");
    for (target, content_type) in [
        ("/", "text/html"),
        ("/index.html", "text/html"),
        ("/sub/", "text/html"),
        ("/app.js", "text/javascript"),
        ("/app.js?version=2", "text/javascript"),
        ("/app.css", "text/css"),
        ("/icon.svg", "image/svg+xml"),
        ("/pkg/index.mjs", "application/javascript"),
        ("/pkg/core.wasm", "application/wasm"),
    ] {
        let answer = server.get(target).read();
        assert_eq!(
            (answer.status(), answer.header("content-type")),
            (200, Some(content_type)),
            "{target}"
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
    }
}

#[test]
fn pages_may_run_webassembly_and_little_else() {
    let server = server("policy");
    let policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
        img-src 'self' data:; connect-src 'self' http://127.0.0.1:* http://localhost:*; \
        base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    for target in ["/", "/sub/"] {
        let answer = server.get(target).read();
        assert_eq!(answer.header("content-security-policy"), Some(policy));
    }
    assert_eq!(
        server
            .get("/app.js")
            .read()
            .header("content-security-policy"),
        None
    );
}

#[test]
fn nothing_outside_the_folders_is_served() {
    let server = server("outside");
    for target in [
        "/../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/..%5csecret.txt",
        "/sub/../../secret.txt",
        "/pkg/../secret.txt",
        "/pkg/..%2f..%2fsecret.txt",
        "/pkg/%2e%2e%2f%2e%2e%2fsecret.txt",
        "//secret.txt",
        "/nothing.html",
        "/pkg/nothing.js",
        "/pkg/",
    ] {
        let answer = server.get(target).read();
        assert_eq!(
            (answer.status(), answer.body.as_str()),
            (404, ""),
            "{target}"
        );
    }
}

#[test]
fn files_need_no_token_and_do_not_count() {
    let server = server("token");
    let request = "GET /app.js HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";
    assert_eq!(server.send(request).read().body, "export {}");
    server.wait_until(|stats| stats["requests"] == 0);
}

#[test]
fn without_a_folder_the_root_says_what_this_is() {
    let server = serve(unlimited(5), Folders::default());
    let answer = server.get("/").read();
    assert!(
        answer.body.contains("/v1/managed-runner"),
        "{}",
        answer.body
    );
    assert_eq!(server.get("/pkg/core.wasm").read().status(), 404);
}
