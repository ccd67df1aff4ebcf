//! How fast requests may start.

/// How many requests may start within how many milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Requests that may start in one window.
    pub requests: u32,
    /// The length of the window, in milliseconds.
    pub window_ms: f64,
}

impl Pace {
    /// 40 requests per 10 s and address (`api/contract.md`, "Rate limit").
    pub const DOCUMENTED: Self = Self {
        requests: 40,
        window_ms: 10_000.0,
    };
}
