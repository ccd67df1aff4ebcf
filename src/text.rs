//! Builds texts. `core::fmt` and `[&str]::concat` would each add more to the package than all texts
//! that are built here.

/// The parts, one after another.
#[must_use]
pub fn concat(parts: &[&str]) -> String {
    let mut text = String::new();
    for part in parts {
        text.push_str(part);
    }
    text
}

/// The digits of a number.
#[must_use]
pub fn number(number: impl Into<u64>) -> String {
    itoa::Buffer::new().format(number.into()).to_owned()
}

/// Replaces parts of a text by `instead`. `len` gets the rest of the text from each character on, and
/// returns how many bytes at its start to replace, or 0. They must end where a character ends.
#[must_use]
pub fn replace(text: &str, instead: &str, len: &dyn Fn(&str) -> usize) -> String {
    let mut replaced = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let found = len(rest);
        if found > 0 {
            replaced.push_str(instead);
        } else {
            replaced.push(first);
        }
        rest = rest.get(found.max(first.len_utf8())..).unwrap_or_default();
    }
    replaced
}
