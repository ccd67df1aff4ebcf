//! A slow reference reader of bodies: `serde_json` decides what is JSON and where its values are,
//! `rules.rs` judges the fields.
//!
//! `serde_json` is asked for raw values only, which have no limit of depth, accept lone surrogates
//! and do not care how large a number is: like `JSON.parse`.

use std::fmt;
use std::marker::PhantomData;

use comfycontrol_decode::{Expected, Instant, Kind};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

use crate::rules;

/// Why a body is refused. For a body that is not JSON, only the kind, and where a truncated one ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    pub kind: Kind,
    pub path: String,
    pub expected: Expected,
    pub offset: Option<usize>,
    pub missing: bool,
}

impl Refusal {
    fn syntax(kind: Kind, offset: Option<usize>) -> Self {
        let (path, expected, missing) = (String::new(), Expected::Json, false);
        Self {
            kind,
            path,
            expected,
            offset,
            missing,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Runner {
    /// `id`, `name`, `runner_type`, `status`, `created_at`, `updated_at`.
    pub texts: [String; 6],
    pub tags: Vec<String>,
    pub id: u128,
    pub created_at: Instant,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub runners: Vec<Runner>,
    pub total: u64,
    /// Of runners that were left out.
    pub invalid: Vec<Refusal>,
}

/// The content of a string. What is no Unicode, lone surrogates, became U+FFFD.
#[derive(Clone, Debug, PartialEq)]
pub struct Text(pub String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Text, E> {
                Ok(Text(well_formed(bytes)))
            }
        }
        // As bytes, surrogates come through, as three bytes each.
        deserializer.deserialize_bytes(Bytes)
    }
}

fn well_formed(bytes: &[u8]) -> String {
    let mut text = bytes.to_vec();
    for at in 0..text.len().saturating_sub(2) {
        if text[at] == 0xed && text[at + 1] >= 0xa0 {
            text[at..at + 3].copy_from_slice("\u{fffd}".as_bytes());
        }
    }
    String::from_utf8(text).expect("UTF-8 but for surrogates")
}

/// Members in their order, repeated ones included.
pub struct Members<'a>(pub Vec<(Text, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs<'a>(PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Pairs<'a> {
            type Value = Members<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Members<'a>, M::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Pairs(PhantomData))
    }
}

/// The value of a whole body, and the text that it is in; or why it has none.
pub fn document(bytes: &[u8]) -> Result<(&RawValue, &str), Refusal> {
    let truncated = Refusal::syntax(Kind::Truncated, Some(bytes.len()));
    if bytes == b"\xef" || bytes == b"\xef\xbb" {
        return Err(Refusal::syntax(Kind::Truncated, None));
    }
    let rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let (text, cut) = match str::from_utf8(rest) {
        Ok(text) => (text, ""),
        Err(error) if error.error_len().is_some() => {
            return Err(Refusal::syntax(Kind::InvalidUtf8, None));
        }
        // It ends within a character: whichever that was to be.
        Err(error) => {
            let valid = &rest[..error.valid_up_to()];
            (str::from_utf8(valid).expect("valid so far"), "\u{fffd}")
        }
    };
    let begun = |end: &str| {
        let text = [text, cut, end].concat();
        let error = serde_json::from_str::<IgnoredAny>(&text).err();
        let bad_escape = error
            .as_ref()
            .is_some_and(|error| error.to_string().contains("escape"));
        (
            error.is_none_or(|error| error.classify() == Category::Eof),
            bad_escape,
        )
    };
    // The crate sees that an escape is cut before it sees that it is wrong.
    let bad_escape = || begun("0000").1 && begun("u0000").1;
    // Digits may follow where a number stops short.
    let cut_short = || begun("").0 || cut.is_empty() && begun("0").0;
    match serde_json::from_str::<&RawValue>(text) {
        Ok(value) if cut.is_empty() => Ok((value, text)),
        Err(_) if cut_short() && !bad_escape() => Err(truncated),
        _ => Err(Refusal::syntax(Kind::Malformed, None)),
    }
}

fn kind(value: &RawValue) -> u8 {
    value.get().as_bytes()[0]
}

/// The members of an object, of which the last of several with one name counts.
pub fn members(value: &RawValue) -> Option<Vec<(Text, &RawValue)>> {
    (kind(value) == b'{').then(|| {
        let members: Members = serde_json::from_str(value.get()).expect("an object");
        members.0
    })
}

pub fn elements(value: &RawValue) -> Option<Vec<&RawValue>> {
    (kind(value) == b'[').then(|| serde_json::from_str(value.get()).expect("an array"))
}

pub fn text(value: &RawValue) -> Option<String> {
    (kind(value) == b'"').then(|| {
        let text: Text = serde_json::from_str(value.get()).expect("a string");
        text.0
    })
}

fn number(value: &RawValue) -> Option<u64> {
    let is_number = matches!(kind(value), b'-' | b'0'..=b'9');
    is_number
        .then(|| rules::safe_integer(value.get()))
        .flatten()
}

fn member<'a>(members: &[(Text, &'a RawValue)], name: &str) -> Option<&'a RawValue> {
    let found = members.iter().rev().find(|(other, _)| other.0 == name);
    found.map(|(_, value)| *value)
}

/// The texts of a runner in the contract's order; `tags` come after `status`.
const FIELDS: [(&str, Expected); 7] = [
    ("id", Expected::Uuid),
    ("name", Expected::String),
    ("runner_type", Expected::String),
    ("status", Expected::String),
    ("tags", Expected::Array),
    ("created_at", Expected::DateTime),
    ("updated_at", Expected::DateTime),
];

/// Says what is wrong with values of one body.
struct Oracle {
    /// Where the body would begin in memory if it lay as the text does.
    start: usize,
}

impl Oracle {
    fn wrong(&self, path: &str, expected: Expected, value: &RawValue) -> Refusal {
        Refusal {
            kind: Kind::Schema,
            path: path.to_owned(),
            expected,
            offset: Some(value.get().as_ptr() as usize - self.start),
            missing: false,
        }
    }

    fn missing(&self, path: &str, expected: Expected, of: &RawValue) -> Refusal {
        let missing = true;
        Refusal {
            missing,
            ..self.wrong(path, expected, of)
        }
    }

    /// A runner, or what is wrong with it: at most one thing a field.
    fn runner(&self, runner: &RawValue, path: &str) -> Result<Runner, Vec<Refusal>> {
        let Some(members) = members(runner) else {
            return Err(vec![self.wrong(path, Expected::Object, runner)]);
        };
        let (mut texts, mut tags, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
        for (name, expected) in FIELDS {
            let separator = if path.is_empty() { "" } else { "." };
            let path = format!("{path}{separator}{name}");
            let Some(value) = member(&members, name) else {
                wrong.push(self.missing(&path, expected, runner));
                continue;
            };
            if expected == Expected::Array {
                match self.tags(value, &path) {
                    Ok(all) => tags = all,
                    Err(problem) => wrong.push(problem),
                }
                continue;
            }
            let fits = |text: &String| match expected {
                Expected::Uuid => rules::uuid(text).is_some(),
                Expected::DateTime => rules::date_time(text).is_some(),
                _ => true,
            };
            match text(value).filter(fits) {
                Some(text) => texts.push(text),
                None => wrong.push(self.wrong(&path, expected, value)),
            }
        }
        let Ok(texts) = <[String; 6]>::try_from(texts) else {
            return Err(wrong);
        };
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(Runner {
            id: rules::uuid(&texts[0]).expect("judged above"),
            created_at: rules::date_time(&texts[4]).expect("judged above"),
            texts,
            tags,
        })
    }

    fn tags(&self, value: &RawValue, path: &str) -> Result<Vec<String>, Refusal> {
        let list = elements(value).ok_or_else(|| self.wrong(path, Expected::Array, value))?;
        let tag = |(index, tag): (usize, &RawValue)| {
            let path = format!("{path}[{index}]");
            text(tag).ok_or_else(|| self.wrong(&path, Expected::String, tag))
        };
        list.into_iter().enumerate().map(tag).collect()
    }

    fn page(&self, root: &RawValue, collect: bool) -> Result<Page, Refusal> {
        let members = members(root).ok_or_else(|| self.wrong("", Expected::Object, root))?;
        let named = |name, expected| {
            member(&members, name).ok_or_else(|| self.missing(name, expected, root))
        };
        let list = named("runners", Expected::Array)?;
        let list = elements(list).ok_or_else(|| self.wrong("runners", Expected::Array, list))?;
        let (mut runners, mut invalid) = (Vec::new(), Vec::new());
        for (index, runner) in list.into_iter().enumerate() {
            match self.runner(runner, &format!("runners[{index}]")) {
                Ok(runner) => runners.push(runner),
                Err(wrong) if collect => invalid.extend(wrong),
                Err(wrong) => return Err(wrong[0].clone()),
            }
        }
        let total = named("total", Expected::Integer)?;
        let total = number(total).ok_or_else(|| self.wrong("total", Expected::Integer, total))?;
        Ok(Page {
            runners,
            total,
            invalid,
        })
    }
}

fn oracle(bytes: &[u8], text: &str) -> Oracle {
    let before = bytes.len() - text.len();
    Oracle {
        start: text.as_ptr() as usize - before,
    }
}

/// What `read_page` should make of a body.
pub fn page(bytes: &[u8], collect: bool) -> Result<Page, Refusal> {
    let (root, text) = document(bytes)?;
    oracle(bytes, text).page(root, collect)
}

/// What `read_runner` should make of it.
pub fn runner(bytes: &[u8]) -> Result<Runner, Refusal> {
    let (root, text) = document(bytes)?;
    let wrong = |wrong: Vec<Refusal>| wrong[0].clone();
    oracle(bytes, text).runner(root, "").map_err(wrong)
}

/// What `read_error` should make of it.
pub fn error(bytes: &[u8]) -> Option<String> {
    let members = members(document(bytes).ok()?.0)?;
    text(member(&members, "message")?)
}
