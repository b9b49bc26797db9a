//! Memory for the first few things a process asks for.
//!
//! A command that is allowed lives in this process for a fraction of a millisecond and
//! asks for some hundred pieces of memory. The C library's allocator costs more than
//! all the rest of that path, so the first pieces come from one block: a longer-lived
//! process leaves it behind and goes on with the system's. What was taken last and is
//! given back is used again, as most of what lives shortly is: a page that is touched for
//! the first time costs more than all that is done with it. A command that a person is
//! asked about gains most: musl's allocator takes a third of its time.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a reviewed command asks for on its way to a person fits nearly whole.
const SIZE: usize = 512 * 1024;

/// What a page is, in bytes, where they are given ahead.
const PAGE: usize = 4096;

/// The most a piece of the block is aligned to: the rest is the system's business.
const ALIGNMENT: usize = 16;

/// The longest piece of the block: one file that is read whole does not use it up.
const LONGEST: usize = 64 * 1024;

/// The block; untouched pages of it cost nothing.
#[repr(align(4096))]
struct Block(UnsafeCell<[u8; SIZE]>);

// SAFETY: pieces are handed out by an atomic number, each to one at a time, and never
// overlap.
unsafe impl Sync for Block {}

static BLOCK: Block = Block(UnsafeCell::new([0; SIZE]));

/// Where the part of the block begins that nobody has.
static FREE: AtomicUsize = AtomicUsize::new(0);

/// Behind this nothing came back, so that what nobody has there is zero.
static USED: AtomicUsize = AtomicUsize::new(0);

/// Gives out the block first, then the system's memory.
#[derive(Debug)]
struct BlockThenSystem;

#[global_allocator]
static ALLOCATOR: BlockThenSystem = BlockThenSystem;

// SAFETY: what comes from the block is aligned, as long as was asked, and not given out
// again before it came back; everything else is the system's, and goes back to it.
unsafe impl GlobalAlloc for BlockThenSystem {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if let Some(start) = take(layout) {
            return place(start);
        }
        // SAFETY: the caller's promise about the layout is ours.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if let Some(start) = take(layout) {
            let used = USED.load(Ordering::Relaxed).saturating_sub(start).min(layout.size());
            // SAFETY: no more than the piece is long.
            unsafe { place(start).write_bytes(0, used) }
            return place(start);
        }
        // SAFETY: the caller's promise about the layout is ours.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        match offset_of(pointer) {
            Some(offset) => give_back(offset, layout.size()),
            // SAFETY: not from the block, so the system gave it for this layout.
            None => unsafe { System.dealloc(pointer, layout) },
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let Some(offset) = offset_of(pointer) else {
            // SAFETY: not from the block, so the system gave it for this layout.
            return unsafe { System.realloc(pointer, layout, size) };
        };
        if resize(offset, layout.size(), size) {
            return pointer;
        }
        let Ok(wanted) = Layout::from_size_align(size, layout.align()) else {
            return std::ptr::null_mut();
        };
        // SAFETY: a size that is not zero, as the caller promises.
        let place = unsafe { self.alloc(wanted) };
        if !place.is_null() {
            // SAFETY: two pieces that do not overlap, each at least as long as the shorter.
            unsafe { pointer.copy_to_nonoverlapping(place, layout.size().min(size)) }
            give_back(offset, layout.size());
        }
        place
    }
}

/// Has the system give the rest of the block its pages now, for a process that will use
/// nearly all of it: each by itself, when it is touched, takes several times as long.
///
/// Does nothing where the system has no such way, or larger pages.
pub fn touch_ahead() {
    #[cfg(target_os = "linux")]
    {
        let first = FREE.load(Ordering::Relaxed).next_multiple_of(PAGE).min(SIZE);
        // SAFETY: the advice changes no byte of the block, whose pages these are.
        unsafe {
            let from = place(first).cast::<nix::libc::c_void>();
            nix::libc::madvise(from, SIZE - first, nix::libc::MADV_POPULATE_WRITE);
        }
    }
}

/// Takes a piece, while there is enough of the block, and returns where it begins.
fn take(layout: Layout) -> Option<usize> {
    let mut free = FREE.load(Ordering::Relaxed);
    loop {
        if layout.align() > ALIGNMENT || layout.size() > LONGEST {
            return None;
        }
        // As the C library's: some write numbers into what they asked for as bytes.
        let start = free.next_multiple_of(layout.align().max(align_of::<u64>()));
        let end = start.checked_add(layout.size()).filter(|end| *end <= SIZE)?;
        match FREE.compare_exchange_weak(free, end, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return Some(start),
            Err(now) => free = now,
        }
    }
}

/// Gives a piece back, if it was the last that was taken; any other is left behind.
fn give_back(offset: usize, size: usize) {
    resize(offset, size, 0);
}

/// Makes the piece at an offset longer, if it was the last that was taken, or shorter.
fn resize(offset: usize, old: usize, new: usize) -> bool {
    let end = offset.checked_add(new).filter(|end| *end <= SIZE && new <= LONGEST);
    let Some(end) = end else { return false };
    let last = offset + old;
    if FREE.load(Ordering::Relaxed) != last {
        return new <= old;
    }
    if new < old && USED.load(Ordering::Relaxed) < last {
        // Noted before it can be taken: `FREE` is what orders the two.
        USED.fetch_max(last, Ordering::Relaxed);
    }
    FREE.compare_exchange(last, end, Ordering::AcqRel, Ordering::Relaxed).is_ok() || new <= old
}

/// Returns a pointer to a place in the block.
fn place(offset: usize) -> *mut u8 {
    BLOCK.0.get().cast::<u8>().wrapping_add(offset)
}

/// Returns where in the block a pointer leads, `None` when it leads elsewhere.
fn offset_of(pointer: *mut u8) -> Option<usize> {
    pointer.addr().checked_sub(BLOCK.0.get().addr()).filter(|offset| *offset < SIZE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_aligned_and_nobody_elses() {
        let threads: Vec<_> = (0..4_u8)
            .map(|number| {
                std::thread::spawn(move || {
                    let mut held: Vec<Vec<u64>> = Vec::new();
                    for length in 0..200 {
                        let mut piece = vec![u64::from(number); length];
                        piece.push(u64::from(number));
                        assert_eq!(piece.as_ptr().addr() % align_of::<u64>(), 0);
                        held.push(piece);
                    }
                    held.iter().flatten().all(|each| *each == u64::from(number))
                })
            })
            .collect();
        assert!(threads.into_iter().all(|thread| thread.join().expect("no panic")));
    }

    #[test]
    fn what_is_asked_for_as_zero_is_zero_whoever_had_it_before() {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                std::thread::spawn(|| {
                    (0..2000).all(|round| {
                        let length = 1 + round % 300;
                        let mut dirty = vec![0xff_u8; length];
                        dirty.shrink_to(length / 2);
                        drop(dirty);
                        vec![0_u8; length + 40].iter().all(|byte| *byte == 0)
                    })
                })
            })
            .collect();
        assert!(threads.into_iter().all(|thread| thread.join().expect("no panic")));
    }

    #[test]
    fn what_comes_back_last_is_given_out_first() {
        let layout = Layout::from_size_align(64, 16).expect("a layout");
        // Another test's thread may take a piece between the two.
        let is_same = (0..1000).any(|_| {
            let Some(first) = take(layout) else { return false };
            give_back(first, layout.size());
            let Some(second) = take(layout) else { return false };
            give_back(second, layout.size());
            first == second && USED.load(Ordering::Relaxed) >= first + layout.size()
        });
        assert!(is_same);
    }

    #[test]
    fn a_piece_keeps_its_bytes_when_it_grows_out_of_the_block() {
        let mut bytes = Vec::new();
        for number in 0..2 * SIZE {
            bytes.push(u8::try_from(number % 251).expect("small"));
        }
        let kept = bytes.iter().enumerate().all(|(at, byte)| usize::from(*byte) == at % 251);
        assert!(kept);
    }
}
