//! Memory for the first few things a process asks for.
//!
//! A command that is allowed lives in this process for a fraction of a millisecond and
//! asks for some hundred pieces of memory. The C library's allocator costs more than
//! all the rest of that path, so the first pieces come from one block: a longer-lived
//! process leaves it behind and goes on with the system's. What is given back is used again
//! for what is as long: a page that is touched for the first time costs more than all that
//! is done with it. A command that a person is asked about gains most.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What a reviewed command asks for on its way to a person fits nearly whole.
const SIZE: usize = 512 * 1024;

/// The most a piece of the block is aligned to, and what the length of a short one is a
/// multiple of: the rest is the system's business.
const ALIGNMENT: usize = 16;

/// The longest piece of the block: one file that is read whole does not use it up.
const LONGEST: usize = 64 * 1024;

/// Up to here there are pieces of every length, beyond it of each power of two.
const SHORT: usize = 1024;

/// How many lengths a piece can have.
const LENGTHS: usize = SHORT / ALIGNMENT + 6;

/// The block; untouched pages of it cost nothing.
#[repr(align(16))]
struct Block(UnsafeCell<[u8; SIZE]>);

// SAFETY: pieces are handed out by an atomic number or under a lock, each to one at a time,
// and never overlap.
unsafe impl Sync for Block {}

static BLOCK: Block = Block(UnsafeCell::new([0; SIZE]));

/// Where the part of the block begins that nobody has.
static FREE: AtomicUsize = AtomicUsize::new(0);

/// Behind this nothing came back, so that what nobody has there is zero.
static USED: AtomicUsize = AtomicUsize::new(0);

/// What came back of each length: the place of the last, behind which stands that of the one
/// before it. None is 1, which is no place of a piece.
struct Returned(UnsafeCell<[usize; LENGTHS]>);

// SAFETY: only who holds `LOCK` touches it.
unsafe impl Sync for Returned {}

static RETURNED: Returned = Returned(UnsafeCell::new([NONE; LENGTHS]));
const NONE: usize = 1;
type Number = [u8; size_of::<usize>()];
static LOCK: AtomicBool = AtomicBool::new(false);

/// Gives out the block first, then the system's memory.
#[derive(Debug)]
struct BlockThenSystem;

#[global_allocator]
static ALLOCATOR: BlockThenSystem = BlockThenSystem;

// SAFETY: what comes from the block is aligned, as long as was asked, and not given out
// again before it came back; everything else is the system's, and goes back to it.
unsafe impl GlobalAlloc for BlockThenSystem {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if let Some((start, _)) = take(layout) {
            return place(start);
        }
        // SAFETY: the caller's promise about the layout is ours.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if let Some((start, dirty)) = take(layout) {
            // SAFETY: no more than the piece is long.
            unsafe { place(start).write_bytes(0, dirty.min(layout.size())) }
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

/// Returns which length a piece has that holds so many bytes, and that length.
fn length(size: usize) -> (usize, usize) {
    if size <= SHORT {
        let parts = size.max(1).div_ceil(ALIGNMENT);
        return (parts - 1, parts * ALIGNMENT);
    }
    let (mut index, mut whole) = (SHORT / ALIGNMENT, 2 * SHORT);
    while whole < size {
        (index, whole) = (index + 1, 2 * whole);
    }
    (index, whole)
}

/// Takes a piece, one that came back if there is one; returns where it begins, and how many
/// bytes of it may not be zero.
fn take(layout: Layout) -> Option<(usize, usize)> {
    if layout.align() > ALIGNMENT || layout.size() > LONGEST {
        return None;
    }
    let (index, length) = length(layout.size());
    if let Some(start) = take_returned(index) {
        return Some((start, length));
    }
    let mut start = FREE.load(Ordering::Relaxed);
    loop {
        let end = start.checked_add(length).filter(|end| *end <= SIZE)?;
        match FREE.compare_exchange_weak(start, end, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return Some((start, USED.load(Ordering::Relaxed).saturating_sub(start))),
            Err(now) => start = now,
        }
    }
}

/// Gives a piece back.
fn give_back(offset: usize, size: usize) {
    let (index, length) = length(size);
    if !shorten(offset + length, offset) {
        keep_returned(index, offset);
    }
}

/// Makes the piece at an offset as long as it must be, if it is or there is nothing behind it.
fn resize(offset: usize, old: usize, new: usize) -> bool {
    if new > LONGEST {
        return false;
    }
    let ((_, old), (_, new)) = (length(old), length(new));
    let (last, end) = (offset + old, offset + new);
    if new < old {
        shorten(last, end);
    }
    if new <= old {
        return true;
    }
    let exchange = || FREE.compare_exchange(last, end, Ordering::AcqRel, Ordering::Relaxed);
    end <= SIZE && exchange().is_ok()
}

/// Ends what is taken of the block sooner, if it ends there.
fn shorten(last: usize, end: usize) -> bool {
    if FREE.load(Ordering::Relaxed) != last {
        return false;
    }
    if USED.load(Ordering::Relaxed) < last {
        // Noted before it can be taken: `FREE` is what orders the two.
        USED.fetch_max(last, Ordering::Relaxed);
    }
    FREE.compare_exchange(last, end, Ordering::AcqRel, Ordering::Relaxed).is_ok()
}

/// Takes a piece of that length that came back.
fn take_returned(index: usize) -> Option<usize> {
    with_returned(|returned| {
        let last = returned.get_mut(index).filter(|last| **last != NONE)?;
        let start = *last;
        // SAFETY: a piece that nobody has, and that begins with a number.
        *last = usize::from_ne_bytes(unsafe { place(start).cast::<Number>().read() });
        Some(start)
    })
}

/// Keeps a piece for whoever needs one of that length.
fn keep_returned(index: usize, offset: usize) {
    with_returned(|returned| {
        let last = returned.get_mut(index)?;
        // SAFETY: a piece that nobody has any more, long enough for a number.
        unsafe { place(offset).cast::<Number>().write(last.to_ne_bytes()) }
        *last = offset;
        Some(())
    });
}

/// Does something with what came back; nothing while another thread does.
fn with_returned<T>(use_it: impl FnOnce(&mut [usize; LENGTHS]) -> Option<T>) -> Option<T> {
    if LOCK.swap(true, Ordering::Acquire) {
        return None;
    }
    // SAFETY: whoever holds the lock is alone, and `use_it` does not allocate.
    let done = use_it(unsafe { &mut *RETURNED.0.get() });
    LOCK.store(false, Ordering::Release);
    done
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
    fn what_comes_back_is_given_out_for_what_is_as_long() {
        for size in [1, 64, 1000, 1025, 9000, LONGEST] {
            let layout = Layout::from_size_align(size, 16).expect("a layout");
            // Another test's thread may take a piece between the two.
            let is_same = (0..1000).any(|_| {
                let (Some((first, _)), Some((other, _))) = (take(layout), take(layout)) else {
                    return false;
                };
                give_back(first, size);
                let Some((second, dirty)) = take(layout) else { return false };
                give_back(second, size);
                give_back(other, size);
                first == second && dirty >= size
            });
            assert!(is_same, "{size}");
        }
    }

    #[test]
    fn every_length_has_a_list_of_its_own() {
        let mut lists: Vec<usize> = (1..=LONGEST).map(|size| length(size).0).collect();
        assert!(lists.is_sorted());
        lists.dedup();
        assert_eq!(lists.len(), LENGTHS);
        assert!((1..=LONGEST).all(|size| length(size).1 >= size && length(size).1 <= LONGEST));
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
