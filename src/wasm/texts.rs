//! Several texts as one argument, since wasm-bindgen writes the same lines for each of them.

/// Texts with a zero between any two, which none of them has; see `texts` of `pkg/js/options.js`.
pub struct Texts<'a>(Option<&'a str>);

impl<'a> Texts<'a> {
    pub fn new(joined: &'a str) -> Self {
        Self(Some(joined))
    }

    /// The next one; an empty one where there are no more.
    pub fn next(&mut self) -> &'a str {
        self.last().unwrap_or_default()
    }

    /// The next one, if there is one.
    pub fn last(&mut self) -> Option<&'a str> {
        let rest = self.0?;
        let end = rest.bytes().position(|byte| byte == 0);
        self.0 = end.map(|end| &rest[end + 1..]);
        Some(&rest[..end.unwrap_or(rest.len())])
    }
}
