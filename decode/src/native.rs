//! Rows as Rust values, for native users and tests. WebAssembly builds its objects in `pkg/js/rows.js`.

use crate::message::text;
use crate::object::{COLUMNS, column};
use crate::page::{HEADER, Page};

/// A managed runner, as `api/contract.md` describes it.
///
/// JSON can write surrogates without their other half (`"\ud800"`), which a Rust string cannot hold: they
/// become U+FFFD here, and only here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract's own names")]
pub struct ManagedRunner {
    pub id: String,
    pub name: String,
    pub runner_type: String,
    pub status: String,
    pub tags: Vec<String>,
    pub created_at: String,
    pub updated_at: String,
}

impl Page {
    /// The rows.
    pub fn runners(&self) -> Vec<ManagedRunner> {
        let [words, texts, ascii, wide] = [1, 2, 3, 4].map(|at| self.columns[at] as usize);
        let texts = self.columns[texts..]
            .iter()
            .flat_map(|column| column.to_ne_bytes());
        let texts: Vec<u8> = texts.take(ascii + wide).collect();
        let [ascii, wide] = [&texts[..ascii], &texts[ascii..]].map(|text| {
            let text = str::from_utf8(text).expect("whole strings");
            text.encode_utf16().collect::<Vec<u16>>()
        });
        let cut = |at: usize| {
            let (from, to) = (self.columns[at] as i32, self.columns[at + 1] as i32);
            let end = if to < 0 { !to } else { to } as usize;
            let cut = match from {
                0.. => &ascii[from as usize..end],
                _ => &wide[!from as usize..end],
            };
            let cut = String::from_utf16(cut).expect("whole characters");
            if to < 0 { text(cut.as_bytes()) } else { cut }
        };
        let word = |at: usize| cut(words + self.columns[at] as usize * 2);
        let mut row = HEADER;
        (0..self.columns[0])
            .map(|_| {
                let tags =
                    row + COLUMNS..row + COLUMNS + self.columns[row + column::TAG_COUNT] as usize;
                let [id, name, created_at, updated_at] = [
                    column::ID,
                    column::NAME,
                    column::CREATED_AT,
                    column::UPDATED_AT,
                ]
                .map(|column| cut(row + column));
                let [runner_type, status] =
                    [column::RUNNER_TYPE, column::STATUS].map(|column| word(row + column));
                row = tags.end;
                ManagedRunner {
                    id,
                    name,
                    runner_type,
                    status,
                    tags: tags.map(word).collect(),
                    created_at,
                    updated_at,
                }
            })
            .collect()
    }
}
