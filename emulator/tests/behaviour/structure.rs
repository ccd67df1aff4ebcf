//! The files of the crate import each other in one direction only.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// What each file of `src/` imports from this crate.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let mut files = BTreeMap::new();
    for folder in ["src", "src/server"] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let declares_all = ["lib", "main", "options"].contains(&name.as_str());
            if path.is_file() && !declares_all {
                files.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    let names: Vec<String> = files.keys().cloned().collect();
    let imported = |text: &str| {
        let mentions = |name: &String| {
            let path = format!("{name}::");
            let whole_word =
                |at: usize| !text[..at].ends_with(|c: char| c == '_' || c.is_alphanumeric());
            let uses = text.match_indices(&path).any(|(at, _)| {
                let before = &text[..at];
                whole_word(at)
                    && ["crate::", "super::", "use "]
                        .iter()
                        .any(|start| before.ends_with(start))
            });
            let listed = text.lines().any(|line| {
                let list = line.strip_prefix("use crate::{").unwrap_or_default();
                list.split([',', '}']).any(|part| part.trim() == name)
            });
            uses || listed || text.contains(&format!("use crate::{name};"))
        };
        names
            .iter()
            .filter(|name| mentions(name))
            .cloned()
            .collect()
    };
    files
        .iter()
        .map(|(name, text)| (name.clone(), imported(text)))
        .collect()
}

#[test]
fn no_circle_leads_from_a_file_back_to_itself() {
    assert!(
        Path::new("src/lib.rs").exists(),
        "tests run in the crate's folder"
    );
    let mut left = imports();
    assert!(left["api"].contains("emulator") && left["connection"].contains("shared"));
    // Take away the files that import only what was taken away before.
    loop {
        let ready: Vec<String> = left
            .iter()
            .filter(|(_, imports)| imports.iter().all(|name| !left.contains_key(name)))
            .map(|(name, _)| name.clone())
            .collect();
        if ready.is_empty() {
            break;
        }
        for name in ready {
            left.remove(&name);
        }
    }
    assert!(left.is_empty(), "circles among {left:#?}");
}
