//! The text of a checkpoint.

use comfycontrol_decode::Key;
use comfycontrol_runners::paging::{Checkpoint, CheckpointError, Consistency, Enumeration};

use super::forge;
use super::support::{BASE, Reader, handed_over, ids, key, list, page_of, read};

fn read_text(text: &str) -> Result<Checkpoint, CheckpointError> {
    Checkpoint::read(text, BASE, 10)
}

/// A checkpoint that lists `count` ids.
fn with_ids(count: usize) -> String {
    // All were created at the same time.
    let list: Vec<Key> = (1..=50).map(|id| Key { id, ..key(1) }).collect();
    let mut reader = Reader::new(list, 10, 1, Consistency::Reconcile);
    reader.read(count);
    assert_eq!(reader.listed_ids(), count);
    reader.checkpoint()
}

#[test]
fn a_checkpoint_is_short_and_url_safe_and_leads_back() {
    let list = list(50);
    for (rows, pages) in [
        (0, vec![1, 2, 3, 4, 5]),
        (14, vec![2, 3, 4, 5]),
        (20, vec![2, 3, 4, 5]),
        (50, vec![5]),
    ] {
        let text = handed_over(&list, rows).checkpoint(BASE, 10);
        // 123 without an id, 144 with one.
        assert!(text.len() <= 144, "{} characters", text.len());
        let url_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        assert!(text.bytes().all(url_safe), "{text}");
        let checkpoint = read_text(&text).expect("reads");
        let mut machine = Enumeration::new(10, 1, Consistency::Reconcile, Some(checkpoint));
        let run = read(&mut machine, |page, _| page_of(&list, page, 10));
        assert_eq!(run.ids, ids(&list[rows as usize..]), "after {rows}");
        assert_eq!(run.pages, pages, "after {rows}");
    }
}

#[test]
fn a_checkpoint_keeps_all_bits_of_an_id() {
    let id = |n: u128| n << 96 | (7 - n) << 64 | n << 32 | 5;
    let list: Vec<Key> = (1..=6)
        .map(|n| Key {
            id: id(n),
            ..key(1)
        })
        .collect();
    let mut reader = Reader::new(list.clone(), 2, 1, Consistency::Reconcile);
    reader.read(3);
    assert_eq!(reader.listed_ids(), 3);
    let text = reader.checkpoint();
    let mut reader = Reader::from(list.clone(), 2, 1, Consistency::Reconcile, Some(&text));
    assert_eq!(reader.read_all(), [2, 3]);
    assert_eq!(reader.ids, ids(&list[3..]));
}

#[test]
fn a_checkpoint_of_another_list_is_refused_with_the_reason() {
    let text = handed_over(&list(50), 25).checkpoint(BASE, 10);
    assert!(read_text(&text).is_ok());
    let other_url = Checkpoint::read(&text, "https://example.com", 10);
    assert_eq!(other_url, Err(CheckpointError::BaseUrl));
    let other_size = Checkpoint::read(&text, BASE, 20);
    assert_eq!(other_size, Err(CheckpointError::PerPage(10)));
}

#[test]
fn a_text_that_is_no_checkpoint_is_damaged() {
    for text in ["", "A", "AAAA", "!", "é", "QUJD QUJD", "AAAAAAAAAAA"] {
        assert_eq!(read_text(text), Err(CheckpointError::Damaged), "{text}");
    }
}

/// The texts end in 2, 0 and 4 unused bits.
#[test]
fn a_checkpoint_that_was_cut_or_changed_is_damaged() {
    for text in [0, 1, 2].map(with_ids) {
        assert!(read_text(&text).is_ok());
        let refused = |damaged: &str| {
            let read = read_text(damaged);
            assert_eq!(read, Err(CheckpointError::Damaged), "{damaged} for {text}");
        };
        refused(&text[1..]);
        for more in ["A", "AA", "AAAA", "=", "=="] {
            refused(&format!("{text}{more}"));
        }
        for index in 0..text.len() {
            refused(&text[..index]);
            for other in ('!'..='~').filter(|other| !text[index..].starts_with(*other)) {
                let mut changed = text.clone();
                changed.replace_range(index..=index, &other.to_string());
                refused(&changed);
            }
        }
    }
}

#[test]
fn checkpoints_of_this_version_stay_readable_and_others_are_refused() {
    let this = "BOzQcJqthUhXCgAAAAEAAAAAABkAAAAAAwAAABkAAAAAAAAAAAAAAAAAAAAyAAAA\
                AAAAADIAAAAAAAAAMgAAAAAAAAAAAAAAAAAAAAMAAAAAAAAAv8al1STWATI";
    let checkpoint = read_text(this).expect("reads");
    let list = list(50);
    let mut machine = Enumeration::new(10, 1, Consistency::Reconcile, Some(checkpoint));
    let run = read(&mut machine, |page, _| page_of(&list, page, 10));
    assert_eq!((run.ids, run.pages), (ids(&list[25..]), vec![3, 4, 5]));

    // The layout of another version is not known.
    let mut content = forge::content(this);
    assert_eq!(content[0], 4);
    content[0] = 5;
    for length in [1, 10, content.len()] {
        let other = forge::checkpoint(&content[..length]);
        assert_eq!(read_text(&other), Err(CheckpointError::Version(5)));
    }
}

/// Anybody can compute the checksum.
#[test]
fn impossible_numbers_of_a_forged_checkpoint_become_possible_ones() {
    // The offsets of the numbers.
    const PAGE: usize = 24;
    const CONSUMED: usize = 28;
    const REQUESTS: usize = 76;
    let resumed_with = |offset: usize, number: &[u8]| {
        let mut content = forge::content(&with_ids(2));
        content[offset..offset + number.len()].copy_from_slice(number);
        let checkpoint = read_text(&forge::checkpoint(&content)).expect("reads");
        Enumeration::new(10, 1, Consistency::Reconcile, Some(checkpoint))
    };
    for (written, requested) in [(0, 1), (1, 1), (2, 2), (u32::MAX, u32::MAX)] {
        let mut machine = resumed_with(PAGE, &written.to_le_bytes());
        assert_eq!(machine.next_request().expect("a request").page, requested);
    }
    let largest = (1 << 53) - 1;
    for (written, taken) in [(largest, largest), (1 << 53, largest), (u64::MAX, largest)] {
        let machine = resumed_with(REQUESTS, &written.to_le_bytes());
        assert_eq!(machine.report().requests, taken);
        let machine = resumed_with(CONSUMED, &written.to_le_bytes());
        assert_eq!(machine.progress().delivered, taken);
    }
}

#[test]
fn a_forged_checkpoint_without_all_its_numbers_is_damaged() {
    let content = forge::content(&with_ids(2));
    // The offset of the ids.
    let ids = content.len() - 2 * 16;
    for length in 0..=content.len() {
        let read = read_text(&forge::checkpoint(&content[..length]));
        if [ids, ids + 16, ids + 32].contains(&length) {
            assert!(read.is_ok(), "{length} bytes");
        } else {
            assert_eq!(read, Err(CheckpointError::Damaged), "{length} bytes");
        }
    }
}
