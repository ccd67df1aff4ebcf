//! The parts of the code to mutate, and the tests that must notice.

/// A part of the code, and the tests that must notice a change of it: first the fast ones, then more tests
/// for the mutants that those miss.
pub struct Part {
    pub name: &'static str,
    pub package: &'static str,
    pub files: &'static [&'static str],
    pub passes: &'static [&'static [&'static str]],
    /// How long each fuzz test runs. Without this it tries a fixed number of inputs, and a mutant can make
    /// that arbitrarily slow.
    pub fuzz_minutes: Option<&'static str>,
}

pub const PARTS: [Part; 3] = [
    Part {
        name: "policies",
        package: "comfycontrol-runners",
        files: &[
            "src/changes.rs",
            "src/endpoint.rs",
            "src/limiter.rs",
            "src/redact.rs",
            "src/retry.rs",
            "src/retry_after.rs",
            "src/schema.rs",
        ],
        passes: &[&[
            "--test",
            "rust",
            "--",
            "changes::",
            "endpoint::",
            "limiter::",
            "redact::",
            "retry::",
            "retry_after::",
            "schema::",
        ]],
        fuzz_minutes: None,
    },
    Part {
        name: "paging",
        package: "comfycontrol-runners",
        files: &["src/paging/*.rs", "src/paging/enumeration/*.rs"],
        passes: &[
            &[
                "--test",
                "rust",
                "--",
                "paging::",
                "--skip",
                "paging::campaign",
                "--skip",
                "paging::model",
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
