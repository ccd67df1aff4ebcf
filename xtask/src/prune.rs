//! Takes out of a linked module what nothing can reach once its panics are traps (see `panics.rs`):
//! functions that only the wording of a panic calls, and their texts and tables.
//!
//! `wasm-opt` cannot: to it every function in the table may be called, and every byte of data may
//! be read. The linker knows better, and `--emit-relocs` has it write down who refers to whom. From
//! the exports on, everything that is referred to is kept, except by what a panic is handed. Of the
//! rest, functions become traps and data becomes zeros, both in place; `wasm-opt` then drops them.

use std::collections::HashMap;
use std::ops::Range;

use anyhow::{Context, Result, ensure};
use wasmparser::{
    DataKind, ExternalKind, FunctionBody, KnownCustom, Linking, Operator, Parser, Payload,
    RelocationType, SymbolInfo, TypeRef,
};

use crate::panics;

/// What a reference points from or to.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Node {
    /// By its index.
    Function(u32),
    /// By its symbol.
    Data(usize),
}

#[derive(Default)]
struct Linked {
    imported: u32,
    /// Where each function that is not imported has its body.
    bodies: Vec<Range<usize>>,
    /// Each call: where it stands, with the constants and variables it is handed, and of what.
    calls: Vec<(Range<usize>, u32)>,
    /// Where each data segment has its bytes.
    segments: Vec<Range<usize>>,
    /// What each symbol stands for, and its name.
    symbols: Vec<(Option<Node>, String)>,
    /// Where each symbol of data has its bytes.
    data: HashMap<usize, Range<usize>>,
    /// Places of references, and the symbols they refer to.
    references: Vec<(usize, usize)>,
    roots: Vec<Node>,
    /// What wasm-bindgen runs to learn types, and then takes out. None of it reads data.
    descriptions: Vec<Node>,
    /// Exported functions that are to be left out.
    left_out: Vec<u32>,
    /// The custom sections that only linkers read.
    notes: Vec<Range<usize>>,
}

/// What was taken out.
pub struct Pruned {
    pub panics: usize,
    pub functions: usize,
    pub bytes: usize,
}

/// Prunes a module that was linked with `--emit-relocs`. Exports of the names `without` become traps,
/// too.
pub fn prune(wasm: &mut Vec<u8>, without: &[&str]) -> Result<Pruned> {
    let mut linked = read(wasm, without)?;
    ensure!(
        linked.left_out.len() == without.len(),
        "not all of the exports {without:?} are there"
    );
    let names = linked.symbols.iter().filter_map(|(node, name)| match node {
        Some(Node::Function(index)) => Some((*index, name.as_str())),
        _ => None,
    });
    let begins: Vec<u32> = names
        .filter(|(_, name)| panics::begins(name))
        .map(|(index, _)| index)
        .collect();
    linked.calls.retain(|(_, of)| begins.contains(of));
    for (call, _) in &linked.calls {
        wasm[call.clone()].fill(NOP);
        wasm[call.start] = UNREACHABLE;
        linked.references.retain(|(place, _)| !call.contains(place));
    }
    let needed = linked.alive(&begins, &linked.roots);
    let described = linked.alive(&begins, &linked.descriptions);
    let mut pruned = Pruned {
        panics: begins.len(),
        functions: 0,
        bytes: 0,
    };
    for (place, body) in linked.bodies.iter().enumerate() {
        let index = linked.imported + place as u32;
        let node = Node::Function(index);
        let dead = !needed.contains_key(&node) && !described.contains_key(&node);
        let unwanted = begins.contains(&index) || linked.left_out.contains(&index);
        if (dead || unwanted) && body.len() >= 3 {
            trap(&mut wasm[body.clone()]);
            pruned.functions += 1;
        }
    }
    let places = linked.places(wasm);
    // Symbols may share bytes: the end of one text may be another one.
    let mut used = vec![false; wasm.len()];
    for (symbol, bytes) in &linked.data {
        if needed.contains_key(&Node::Data(*symbol)) && !places.contains(symbol) {
            used[bytes.clone()].fill(true);
        }
    }
    for place in linked.data.values().flat_map(Clone::clone) {
        if !std::mem::replace(&mut used[place], true) {
            wasm[place] = 0;
            pruned.bytes += 1;
        }
    }
    for notes in linked.notes.into_iter().rev() {
        wasm.drain(notes);
    }
    Ok(pruned)
}

impl Linked {
    /// Places in source code, which are handed on for panics alone: a path with three numbers, and the
    /// paths.
    fn places(&self, wasm: &[u8]) -> Vec<usize> {
        let starts = self.references.iter().filter_map(|(place, path)| {
            let text = &wasm[self.data.get(path)?.clone()];
            let is_path = text.ends_with(b".rs") || text.ends_with(b".rs\0");
            let mut data = self.data.iter();
            let (symbol, _) =
                data.find(|(_, bytes)| bytes.start == *place && bytes.len() == PLACE)?;
            is_path.then_some([*symbol, *path])
        });
        starts.flatten().collect()
    }

    /// Everything that can be reached from `roots`, without going through the functions that begin a
    /// panic.
    fn alive(&self, begins: &[u32], roots: &[Node]) -> HashMap<Node, ()> {
        // References, by what they are part of.
        let mut from: HashMap<Node, Vec<Node>> = HashMap::new();
        let mut bodies = self.bodies.iter().enumerate().peekable();
        let mut references = self.references.clone();
        references.sort_unstable();
        let mut data: Vec<_> = self.data.iter().collect();
        data.sort_by_key(|(_, bytes)| bytes.start);
        for (place, symbol) in references {
            let Some(to) = self.symbols[symbol].0 else {
                continue;
            };
            while bodies.next_if(|(_, body)| body.end <= place).is_some() {}
            match bodies.peek() {
                Some((number, body)) if body.contains(&place) => {
                    let index = self.imported + *number as u32;
                    from.entry(Node::Function(index)).or_default().push(to);
                }
                _ => {
                    for (symbol, _) in data.iter().filter(|(_, bytes)| bytes.contains(&place)) {
                        from.entry(Node::Data(**symbol)).or_default().push(to);
                    }
                }
            }
        }
        let mut alive = HashMap::new();
        let mut left = roots.to_owned();
        while let Some(node) = left.pop() {
            let ends = matches!(node, Node::Function(index) if begins.contains(&index));
            if alive.insert(node, ()).is_none() && !ends {
                left.extend(from.get(&node).into_iter().flatten());
            }
        }
        alive
    }
}

fn read(wasm: &[u8], without: &[&str]) -> Result<Linked> {
    let mut linked = Linked::default();
    // Where each section begins: references count from there.
    let mut sections = Vec::new();
    let mut symbols = None;
    let mut relocations = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        if let Some((_, range)) = payload.as_section() {
            sections.push(range.start);
        }
        match payload {
            Payload::ImportSection(reader) => {
                for import in reader.into_imports() {
                    linked.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::ExportSection(reader) => {
                for export in reader {
                    let export = export?;
                    // wasm-bindgen appends a hash, which it takes off again.
                    let name = export.name.rsplit_once('_').map_or("", |(name, _)| name);
                    let function = Node::Function(export.index);
                    if without.contains(&name) || without.contains(&export.name) {
                        linked.left_out.push(export.index);
                    } else if export.name.starts_with("__wbindgen_describe") {
                        linked.descriptions.push(function);
                    } else if export.kind == ExternalKind::Func {
                        linked.roots.push(function);
                    }
                }
            }
            Payload::StartSection { func, .. } => linked.roots.push(Node::Function(func)),
            Payload::CodeSectionEntry(body) => {
                linked.bodies.push(body.range());
                calls(&body, &mut linked.calls)?;
            }
            Payload::DataSection(reader) => {
                for segment in reader {
                    let segment = segment?;
                    if let DataKind::Active { offset_expr, .. } = &segment.kind {
                        let first = offset_expr.get_operators_reader().read()?;
                        ensure!(
                            matches!(first, Operator::I32Const { .. }),
                            "a data segment without a fixed place"
                        );
                    }
                    let end = segment.range.end;
                    linked.segments.push(end - segment.data.len()..end);
                }
            }
            Payload::CustomSection(reader) => {
                let name = reader.name();
                if name == "linking" || name.starts_with("reloc.") {
                    // The section's identifier and its length, in as few bytes as it needs or in five.
                    let length = reader.range().len();
                    let start = (2..=6)
                        .map(|header| reader.range().start - header)
                        .rfind(|&start| wasm[start] == 0 && leb(&wasm[start + 1..]) == length)
                        .context("a section without a header")?;
                    linked.notes.push(start..reader.range().end);
                }
                match reader.as_known() {
                    KnownCustom::Linking(reader) => symbols = Some(reader),
                    KnownCustom::Reloc(reader) => relocations.push(reader),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    let symbols = symbols.context("the module was not linked with --emit-relocs")?;
    for subsection in symbols.subsections() {
        let Linking::SymbolTable(table) = subsection? else {
            continue;
        };
        for (number, symbol) in table.into_iter().enumerate() {
            linked.symbols.push(match symbol? {
                SymbolInfo::Func { index, name, .. } => (
                    Some(Node::Function(index)),
                    name.unwrap_or_default().to_owned(),
                ),
                SymbolInfo::Data { name, symbol, .. } => {
                    if let Some(place) = symbol {
                        let segment = linked.segments[place.index as usize].start;
                        let start = segment + place.offset as usize;
                        linked
                            .data
                            .insert(number, start..start + place.size as usize);
                    }
                    (Some(Node::Data(number)), name.to_owned())
                }
                _ => (None, String::new()),
            });
        }
    }
    for relocations in relocations {
        let section = sections[relocations.section_index() as usize];
        for entry in relocations.entries() {
            let entry = entry?;
            // The index of a type is no symbol.
            if entry.ty != RelocationType::TypeIndexLeb {
                let place = section + entry.offset as usize;
                linked.references.push((place, entry.index as usize));
            }
        }
    }
    Ok(linked)
}

/// Adds the calls of a function, each with what stands right before it and only hands it something.
fn calls(body: &FunctionBody, calls: &mut Vec<(Range<usize>, u32)>) -> Result<()> {
    let mut operators = body.get_operators_reader()?;
    let mut handed = None;
    while !operators.eof() {
        let start = operators.original_position();
        match operators.read()? {
            Operator::I32Const { .. } | Operator::LocalGet { .. } => {
                handed = handed.or(Some(start));
            }
            Operator::Call { function_index } => {
                let from = handed.take().unwrap_or(start);
                calls.push((from..operators.original_position(), function_index));
            }
            _ => handed = None,
        }
    }
    Ok(())
}

/// An unsigned number as WebAssembly writes it.
fn leb(bytes: &[u8]) -> usize {
    let mut number = 0;
    for (place, byte) in bytes.iter().take(5).enumerate() {
        number |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            break;
        }
    }
    number
}

/// No locals, a trap, and nothing up to the end.
fn trap(body: &mut [u8]) {
    body.fill(NOP);
    body[..2].copy_from_slice(&[0, UNREACHABLE]);
    body[body.len() - 1] = END;
}

/// The bytes of a `core::panic::Location`.
const PLACE: usize = 16;

const UNREACHABLE: u8 = 0x00;
const NOP: u8 = 0x01;
const END: u8 = 0x0b;
