//! Changes of a JSON document that know its structure: members and elements that go, come, move and
//! repeat, values of other types, other spellings of the same. Some damage to bytes besides.

use serde_json::value::RawValue;

use crate::bytes::{self, damage, pick};
use crate::oracle::{document, elements, members};
use crate::random::Random;

/// A value as it is spelled.
#[derive(Clone)]
enum Node {
    /// A string's content, a number, a literal: whatever is written without a structure.
    Leaf(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

const NAMES: &[&str] = &[
    "id",
    "name",
    "runner_type",
    "status",
    "tags",
    "created_at",
    "updated_at",
    "runners",
    "total",
    "message",
    "__proto__",
    "",
    "ID",
    "i",
    "idd",
    "updated_at_",
    "id\\u0000",
    "\\u0069d",
    "runner\\u0073",
    "\\ud800",
    "a_name_longer_than_any_that_is_known",
    "ïd",
];

const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "1",
    "-1",
    "1e2",
    "1E+2",
    "100.0",
    "12300e-2",
    "0.5",
    "-0.0e5",
    "1e400",
    "-1e-400",
    "0e999999999999999999",
    "1e-999999999999999999",
    "9007199254740991",
    "9007199254740991.4999999",
    "9007199254740991.5",
    "9007199254740992",
    "4503599627370496.5",
    "4503599627370497.5",
    "0.99999999999999994448884876874217",
    "2.4703282292062328e-324",
    "18446744073709551616",
    "00",
    "01",
    "1.",
    ".5",
    "+1",
    "1e",
    "1e+",
    "-",
    "0x1",
    "1_0",
    "NaN",
    "Infinity",
];

const LITERALS: &[&str] = &[
    "null",
    "true",
    "false",
    "nul",
    "True",
    "undefined",
    "",
    "'a'",
];

const TEXTS: &[&str] = &[
    "",
    "plus",
    "pro",
    "active",
    "disabled",
    "gpu:a100",
    "é",
    "日本",
    "😀",
    "\\ud83d\\ude00",
    "\\ud800",
    "\\ude00\\ud83d",
    "\\u0000",
    "\\\"",
    "\\\\",
    "\\/\\b\\f\\n\\r\\t",
    "\u{7f}",
    "\u{80}",
    "\u{2028}",
    "\u{feff}",
    "\u{ffff}",
    "\u{10ffff}",
    "a tag of sixteen",
    "a tag of more than sixteen bytes",
    "0190a5b4-7c3e-7abc-8def-0123456789ab",
    "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
    "2024-01-15T10:30:00Z",
    "2024-02-29t23:59:60.25z",
    "1990-12-31T15:59:60-08:00",
    "0000-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59.999999999999Z",
    "2023-02-29T00:00:00Z",
    "\\x",
    "\\u12g4",
    "\n",
    "\u{1f}",
];

/// Deeper ones stay as they are spelled.
const DEEPEST: u32 = 30;

impl Node {
    fn of(value: &RawValue, depth: u32) -> Self {
        let inner = |value| Self::of(value, depth + 1);
        if depth < DEEPEST
            && let Some(list) = elements(value)
        {
            return Self::List(list.into_iter().map(inner).collect());
        }
        if depth < DEEPEST
            && let Some(members) = members(value)
        {
            let member = |(name, value): (crate::oracle::Text, _)| {
                let quoted = serde_json::to_string(&name.0).expect("text");
                (quoted[1..quoted.len() - 1].to_owned(), inner(value))
            };
            return Self::Object(members.into_iter().map(member).collect());
        }
        Self::Leaf(value.get().to_owned())
    }

    fn count(&self) -> usize {
        1 + match self {
            Self::Leaf(_) => 0,
            Self::List(list) => list.iter().map(Self::count).sum(),
            Self::Object(members) => members.iter().map(|(_, value)| value.count()).sum(),
        }
    }

    /// The node of this number, counted from the root.
    fn at(&mut self, number: usize) -> Option<&mut Self> {
        let mut left = number;
        if left == 0 {
            return Some(self);
        }
        left -= 1;
        let children: Vec<&mut Self> = match self {
            Self::Leaf(_) => Vec::new(),
            Self::List(list) => list.iter_mut().collect(),
            Self::Object(members) => members.iter_mut().map(|(_, value)| value).collect(),
        };
        for child in children {
            let count = child.count();
            if left < count {
                return child.at(left);
            }
            left -= count;
        }
        None
    }

    fn write(&self, out: &mut String, blank: &mut impl FnMut(&mut String)) {
        blank(out);
        match self {
            Self::Leaf(text) => out.push_str(text),
            Self::List(list) => {
                out.push('[');
                for (index, value) in list.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    value.write(out, blank);
                }
                blank(out);
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    blank(out);
                    out.extend(["\"", name, "\""]);
                    blank(out);
                    out.push(':');
                    value.write(out, blank);
                }
                blank(out);
                out.push('}');
            }
        }
        blank(out);
    }
}

/// Any value, of any type.
fn any(random: &mut Random, depth: u32) -> Node {
    match random.below(if depth > 0 { 6 } else { 4 }) {
        0 => Node::Leaf(pick(random, NUMBERS).to_owned()),
        1 => Node::Leaf(pick(random, LITERALS).to_owned()),
        2 | 3 => Node::Leaf(format!("\"{}\"", pick(random, TEXTS))),
        4 => {
            let count = random.below(4);
            Node::List((0..count).map(|_| any(random, depth - 1)).collect())
        }
        _ => {
            let count = random.below(4);
            let member = |_| (pick(random, NAMES).to_owned(), any(random, depth - 1));
            Node::Object((0..count).map(member).collect())
        }
    }
}

/// Changes one node.
fn change(random: &mut Random, root: &mut Node, other: Option<Node>) {
    let number = random.below(root.count());
    let Some(node) = root.at(number) else { return };
    if random.percent(15) {
        *node = other.unwrap_or_else(|| any(random, 2));
        return;
    }
    match node {
        Node::Leaf(text) if text.starts_with('"') && text.len() > 1 => {
            let content = &text[1..text.len() - 1];
            *text = format!("\"{}\"", respelled(random, content));
        }
        Node::Leaf(text) => *text = pick(random, NUMBERS).to_owned(),
        Node::List(list) => {
            let new = other.unwrap_or_else(|| any(random, 2));
            edit(random, list, new);
        }
        Node::Object(members) => {
            let name = pick(random, NAMES).to_owned();
            if !members.is_empty() && random.percent(20) {
                // Another name, or the same name in another spelling.
                let index = random.below(members.len());
                let spelled = respelled(random, &members[index].0);
                members[index].0 = if random.percent(50) { spelled } else { name };
                return;
            }
            let new = match members.len() {
                // A known member again, with another value.
                1.. if random.percent(50) => members[random.below(members.len())].0.clone(),
                _ => name,
            };
            let value = other.unwrap_or_else(|| any(random, 2));
            edit(random, members, (new, value));
        }
    }
}

/// Drops, doubles, moves or adds.
fn edit<T: Clone>(random: &mut Random, list: &mut Vec<T>, new: T) {
    let index = random.below(list.len() + 1);
    match random.below(5) {
        0 if index < list.len() => drop(list.remove(index)),
        1 if index < list.len() => {
            let again = list[index].clone();
            let copies = if random.percent(95) {
                1
            } else {
                random.below(60)
            };
            list.extend(std::iter::repeat_n(again, copies));
        }
        2 if index < list.len() => {
            let to = random.below(list.len());
            list.swap(index, to);
        }
        3 => list.truncate(index),
        _ => list.insert(index, new),
    }
}

/// A string's content with escapes for what needs none, with pieces of others, or cut.
fn respelled(random: &mut Random, content: &str) -> String {
    let mut out = String::new();
    let how = random.below(6);
    let index = random.below(content.chars().count() + 1);
    let mut escaped = false;
    for (at, char) in content.chars().enumerate() {
        let (was_escaped, here) = (escaped, at == index);
        escaped = char == '\\' && !escaped;
        let free = !was_escaped && !escaped && char != '"';
        match how {
            // This one, or each now and then, or all.
            0 if free && here => escape(random, char, &mut out),
            1 if free && random.percent(20) => escape(random, char, &mut out),
            2 if free => escape(random, char, &mut out),
            3 if here => out.push_str(pick(random, TEXTS)),
            4 if here && !was_escaped => return out,
            5 if here => out.push(char::from(0x20 + (random.next() % 0x5f) as u8)),
            _ => out.push(char),
        }
    }
    if index == content.chars().count() {
        out.push_str(pick(random, TEXTS));
    }
    out
}

fn escape(random: &mut Random, char: char, out: &mut String) {
    let upper = random.percent(50);
    for unit in char.encode_utf16(&mut [0; 2]) {
        let digits = if upper {
            format!("{unit:04X}")
        } else {
            format!("{unit:04x}")
        };
        out.extend(["\\u", &digits]);
    }
}

/// A document with a few changes.
pub fn mutated(random: &mut Random, base: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let Ok((value, _)) = document(base) else {
        return bytes::mutated(random, base, others);
    };
    let mut root = Node::of(value, 0);
    for _ in 0..random.below(5) {
        let other = random.percent(20).then(|| piece(random, others)).flatten();
        change(random, &mut root, other);
    }
    let blanks = [0, 0, 0, 3, 30, 100][random.below(6)];
    let mut out = String::new();
    let mut style = random.clone();
    root.write(&mut out, &mut |out| {
        if style.percent(blanks) {
            let most = if style.percent(5) { 40 } else { 2 };
            let some = (0..=style.below(most)).map(|_| pick(&mut style, &[" ", "\n", "\t", "\r"]));
            out.push_str(&some.collect::<String>());
        }
    });
    let mut out = out.into_bytes();
    random.next();
    if random.percent(40) {
        for _ in 0..1 + random.below(3) {
            damage(random, &mut out, others);
        }
    }
    out
}

/// Some value of another document.
fn piece(random: &mut Random, others: &[Vec<u8>]) -> Option<Node> {
    let (value, _) = document(&others[random.below(others.len())]).ok()?;
    let mut root = Node::of(value, 0);
    let number = random.below(root.count());
    root.at(number).cloned()
}

/// Without one member or element, or only one value of it; then as bytes.
pub fn smaller(input: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    if let Ok((value, _)) = document(input) {
        let root = Node::of(value, 0);
        let mut keep = |node: &Node| {
            let mut out = String::new();
            node.write(&mut out, &mut |_| ());
            if out.len() < input.len() {
                found.push(out.into_bytes());
            }
        };
        keep(&root);
        for number in 0..root.count() {
            let mut copy = root.clone();
            let Some(node) = copy.at(number) else {
                continue;
            };
            keep(node);
            let children = match node {
                Node::Leaf(_) => 0,
                Node::List(list) => list.len(),
                Node::Object(members) => members.len(),
            };
            for index in 0..children {
                let mut copy = root.clone();
                match copy.at(number) {
                    Some(Node::List(list)) => drop(list.remove(index)),
                    Some(Node::Object(members)) => drop(members.remove(index)),
                    _ => {}
                }
                keep(&copy);
            }
        }
    }
    found.extend(bytes::smaller(input));
    found
}
