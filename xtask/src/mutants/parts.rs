//! Which code is changed, and which tests have to notice.

/// A part of the code, and the tests that have to notice a change of it: the fast ones, then more
/// of them for what those let pass.
pub struct Part {
    pub name: &'static str,
    pub package: &'static str,
    pub files: &'static [&'static str],
    pub passes: &'static [&'static [&'static str]],
    /// How long each fuzz test goes on; otherwise it tries a fixed number of inputs, which takes as
    /// long as a change makes it.
    pub fuzz_minutes: Option<&'static str>,
}

pub const PARTS: [Part; 3] = [
    Part {
        name: "policies",
        package: "comfycontrol-runners",
        files: &["src/limiter.rs", "src/retry.rs"],
        passes: &[&["--test", "rust", "--", "limiter::", "retry::"]],
        fuzz_minutes: None,
    },
    Part {
        name: "enumeration",
        package: "comfycontrol-runners",
        files: &["src/paging/*.rs"],
        passes: &[
            &[
                "--test",
                "rust",
                "--",
                "paging::changes::",
                "paging::checkpoint::",
                "paging::lists::",
                "paging::memory::",
                "paging::progress::",
                "paging::resume::",
            ],
            &[
                "--test",
                "rust",
                "--test",
                "fuzz",
                "--",
                "paging::",
                "enumeration",
                "checkpoints",
            ],
        ],
        // Three seconds.
        fuzz_minutes: Some("0.05"),
    },
    Part {
        name: "reader",
        package: "comfycontrol-decode",
        files: &["decode/src/*.rs"],
        passes: &[
            &["--lib", "--test", "fields"],
            &[
                "--package",
                "comfycontrol-runners",
                "--test",
                "fuzz",
                "--",
                "reader",
                "instants",
            ],
            &["--test", "syntax", "--test", "totals"],
        ],
        fuzz_minutes: None,
    },
];
