//! `decode/` as WebAssembly exports that need no glue: a body is allocated, filled, read, and its result
//! looked at through pointers. One body at a time.

use std::cell::RefCell;

use comfycontrol_decode::{Body, Found, OnInvalid, Options, Page, Problem, read_error, read_page, read_runner};

#[derive(Default)]
struct State {
    body: Option<Body>,
    page: Page,
    problem: Option<Problem>,
    text: String,
}

thread_local!(static STATE: RefCell<State> = RefCell::default());

fn with<T>(f: impl FnOnce(&mut State) -> T) -> T {
    STATE.with(|state| f(&mut state.borrow_mut()))
}

#[link(wasm_import_module = "host")]
unsafe extern "C" {
    #[link_name = "number"]
    safe fn host_number(text: *const u8, len: usize) -> f64;
}

/// As the package asks JavaScript for it.
fn number(text: &str) -> f64 {
    host_number(text.as_ptr(), text.len())
}

/// A body of `len` bytes; where to write them.
#[unsafe(no_mangle)]
pub extern "C" fn body(len: usize) -> *mut u8 {
    with(|state| state.body.insert(Body::with_len(len)).bytes_mut().as_mut_ptr())
}

/// Reads it: bit 0 collects problems, bit 1 reads a single runner, bit 2 wants keys. 1 if it is right.
#[unsafe(no_mangle)]
pub extern "C" fn read(flags: u32) -> u32 {
    with(|state| {
        let Some(body) = &state.body else { return 0 };
        let on_invalid = if flags & 1 != 0 { OnInvalid::CollectRunners } else { OnInvalid::Fail };
        let options = Options { on_invalid, keys: flags & 4 != 0, number: Some(number) };
        let read = if flags & 2 != 0 { read_runner } else { read_page };
        match read(body, options) {
            Ok(page) => {
                state.page = page;
                1
            }
            Err(problem) => {
                state.problem = Some(problem);
                0
            }
        }
    })
}

/// The columns.
#[unsafe(no_mangle)]
pub extern "C" fn columns() -> *const i32 {
    with(|state| state.page.columns.as_ptr())
}

/// Their number.
#[unsafe(no_mangle)]
pub extern "C" fn columns_len() -> usize {
    with(|state| state.page.columns.len())
}

/// The text that is all ASCII.
#[unsafe(no_mangle)]
pub extern "C" fn ascii() -> *const u8 {
    with(|state| state.page.ascii.as_ptr())
}

/// Its length in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn ascii_len() -> usize {
    with(|state| state.page.ascii.len())
}

/// The other text.
#[unsafe(no_mangle)]
pub extern "C" fn wide() -> *const u8 {
    with(|state| state.page.wide.as_ptr())
}

/// Its length in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn wide_len() -> usize {
    with(|state| state.page.wide.len())
}

/// `total`.
#[unsafe(no_mangle)]
pub extern "C" fn total() -> f64 {
    with(|state| state.page.total as f64)
}

/// How many problems there are, and looks at one of them: see `text` and `problem_*`.
#[unsafe(no_mangle)]
pub extern "C" fn invalid(index: usize) -> u32 {
    with(|state| {
        state.problem = state.page.invalid.get(index).copied();
        state.page.invalid_count
    })
}

/// The kind of the problem looked at.
#[unsafe(no_mangle)]
pub extern "C" fn problem_kind() -> u32 {
    with(|state| state.problem.map_or(99, |problem| problem.kind as u32))
}

/// Its byte offset.
#[unsafe(no_mangle)]
pub extern "C" fn problem_offset() -> u32 {
    with(|state| state.problem.map_or(0, |problem| problem.offset))
}

/// Puts its path, and what was found, apart by a zero, where `text` shows it; the length in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn problem_text() -> usize {
    with(|state| {
        let (Some(problem), Some(body)) = (state.problem, &state.body) else { return 0 };
        let mut text = problem.path();
        text.push('\0');
        text.push_str(&match problem.found(body) {
            Found::Missing => "missing".into(),
            Found::Null => "null".into(),
            Found::Bool(value) => if value { "true" } else { "false" }.into(),
            Found::Number(text) => text,
            Found::String(text) => ["\"", &text, "\""].concat(),
            Found::Array => "array".into(),
            Found::Object => "object".into(),
            Found::End => "end".into(),
            Found::Other(text) => text,
        });
        state.text = text;
        state.text.len()
    })
}

/// Puts an API error's message where `text` shows it; its length in bytes, or -1.
#[unsafe(no_mangle)]
pub extern "C" fn message() -> isize {
    with(|state| {
        let Some(error) = state.body.as_ref().and_then(read_error) else { return -1 };
        state.text = error;
        state.text.len() as isize
    })
}

/// Where the text is.
#[unsafe(no_mangle)]
pub extern "C" fn text() -> *const u8 {
    with(|state| state.text.as_ptr())
}
