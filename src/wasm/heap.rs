//! The allocator: a list of free blocks for every power of two.
//!
//! The standard library's takes 8 kB of the module. This one takes a few instructions a call,
//! whatever is free, and never splits or joins blocks: what a size needs at its peak is kept for
//! blocks of that size, so that memory stays flat however long a process runs. A block is at most
//! twice as large as what was asked for.

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::{memory_grow, memory_size};
use std::cell::UnsafeCell;
use std::ptr::null_mut;

use super::single::Single;

const PAGE: usize = 65_536;
/// The smallest block in bytes. All blocks lie on multiples of it; nothing here asks for more.
const SMALLEST: usize = 16;

struct Heap(Single<UnsafeCell<State>>);

struct State {
    /// For each size the first free block, which begins with a pointer to the next one.
    free: [*mut u8; 28],
    /// Where memory that was never a block begins; 0 before the first block.
    end: usize,
}

#[global_allocator]
static HEAP: Heap = Heap(Single(UnsafeCell::new(State {
    free: [null_mut(); 28],
    end: 0,
})));

/// The number of the list that blocks for `size` bytes are in: they have `SMALLEST << number`.
fn class(size: usize) -> usize {
    let sixteenths = size.saturating_sub(1) / SMALLEST;
    (usize::BITS - sixteenths.leading_zeros()) as usize
}

// SAFETY: a block is in no list while it is in use, and all of its bytes are its own.
unsafe impl GlobalAlloc for Heap {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > SMALLEST {
            return null_mut();
        }
        // SAFETY: there is one thread, and nothing here calls back.
        let state = unsafe { &mut *self.0.get() };
        let class = class(layout.size());
        let first = state.free[class];
        if first.is_null() {
            return fresh(&mut state.end, SMALLEST << class);
        }
        // SAFETY: a free block begins with the pointer to the next one.
        state.free[class] = unsafe { first.cast::<*mut u8>().read() };
        first
    }

    #[inline(never)]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: there is one thread, and nothing here calls back.
        let state = unsafe { &mut *self.0.get() };
        let first = &mut state.free[class(layout.size())];
        // SAFETY: the block is free, and large enough for a pointer.
        unsafe { block.cast::<*mut u8>().write(*first) };
        *first = block;
    }

    #[inline(never)]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if class(layout.size()) == class(size) {
            return block;
        }
        // SAFETY: passed on to the caller; the old block holds the smaller of both sizes.
        unsafe {
            let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !new.is_null() {
                block.copy_to_nonoverlapping(new, size.min(layout.size()));
                self.dealloc(block, layout);
            }
            new
        }
    }
}

/// A block that was none before, of memory that the module has or else asks for.
#[inline(never)]
fn fresh(end: &mut usize, size: usize) -> *mut u8 {
    unsafe extern "C" {
        /// Where the linker leaves off.
        static __heap_base: u8;
    }
    let start = if *end == 0 {
        (&raw const __heap_base).addr().next_multiple_of(SMALLEST)
    } else {
        *end
    };
    let Some(next) = start.checked_add(size) else {
        return null_mut();
    };
    let pages = next.div_ceil(PAGE).saturating_sub(memory_size::<0>());
    if pages > 0 && memory_grow::<0>(pages) == usize::MAX {
        return null_mut();
    }
    *end = next;
    std::ptr::with_exposed_provenance_mut(start)
}
