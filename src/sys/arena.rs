//! Memory for the first few things a process asks for.
//!
//! A command that is allowed lives in this process for a fraction of a millisecond and
//! asks for some hundred pieces of memory. The C library's allocator costs more than
//! all the rest of that path, so the first pieces come from one block: a longer-lived
//! process leaves it behind and goes on with the system's. What is given back is used again
//! for what is as long: a page that is touched for the first time costs more than all that
//! is done with it. A command that a person is asked about gains most.
//!
//! It is the block of the thread that the process began with, so that nobody waits for a
//! lock. What another thread got from that one and gives back stays taken.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, UnsafeCell};

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

thread_local! {
    /// Whether this is the thread that the process began with.
    static IS_FIRST: Cell<bool> = const { Cell::new(false) };
}

/// The block; untouched pages of it cost nothing.
#[repr(C, align(16))]
struct Block {
    bytes: UnsafeCell<[u8; SIZE]>,
    /// Where the part begins that nobody has.
    free: Cell<usize>,
    /// Behind this nothing came back, so that what nobody has there is zero.
    used: Cell<usize>,
    /// What came back of each length: one more than the place of the last, behind which
    /// stands the same of the one before it; zero is none.
    returned: [Cell<usize>; LENGTHS],
}

type Number = [u8; size_of::<usize>()];

// SAFETY: the first thread alone takes from it and gives back to it; others read only where
// it lies.
unsafe impl Sync for Block {}

static BLOCK: Block = Block::new();

/// Gives out the block first, then the system's memory.
#[derive(Debug)]
struct BlockThenSystem;

#[global_allocator]
static ALLOCATOR: BlockThenSystem = BlockThenSystem;

/// Opens the block for this thread, with which the process begins, and for no other.
pub(super) fn open_for_this_thread() {
    IS_FIRST.set(true);
}

// SAFETY: what comes from the block is aligned, as long as was asked, and not given out
// again before it came back; everything else is the system's, and goes back to it.
unsafe impl GlobalAlloc for BlockThenSystem {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if let Some((start, _)) = ours().and_then(|block| block.take(layout)) {
            return BLOCK.place(start);
        }
        // SAFETY: the caller's promise about the layout is ours.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if let Some((start, dirty)) = ours().and_then(|block| block.take(layout)) {
            let place = BLOCK.place(start);
            // SAFETY: no more than the piece is long.
            unsafe { place.write_bytes(0, dirty.min(layout.size())) }
            return place;
        }
        // SAFETY: the caller's promise about the layout is ours.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        match (BLOCK.offset_of(pointer), ours()) {
            (Some(offset), Some(block)) => block.give_back(offset, layout.size()),
            // What another thread got from the first stays taken.
            (Some(_), None) => {}
            // SAFETY: not from the block, so the system gave it for this layout.
            (None, _) => unsafe { System.dealloc(pointer, layout) },
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let Some(offset) = BLOCK.offset_of(pointer) else {
            // SAFETY: not from the block, so the system gave it for this layout.
            return unsafe { System.realloc(pointer, layout, size) };
        };
        if ours().is_some_and(|block| block.resize(offset, layout.size(), size)) {
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
            // SAFETY: nobody uses it any more, as the caller promises.
            unsafe { self.dealloc(pointer, layout) }
        }
        place
    }
}

/// Returns the block, if it is this thread's.
fn ours() -> Option<&'static Block> {
    IS_FIRST.get().then_some(&BLOCK)
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

impl Block {
    #[expect(clippy::large_stack_arrays, reason = "it is made where it stays")]
    const fn new() -> Self {
        let (free, used) = (Cell::new(0), Cell::new(0));
        let returned = [const { Cell::new(0) }; LENGTHS];
        Self { bytes: UnsafeCell::new([0; SIZE]), free, used, returned }
    }

    /// Takes a piece, one that came back if there is one; returns where it begins, and how
    /// many bytes of it may not be zero.
    fn take(&self, layout: Layout) -> Option<(usize, usize)> {
        if layout.align() > ALIGNMENT || layout.size() > LONGEST {
            return None;
        }
        let (index, length) = length(layout.size());
        if let Some(start) = self.take_returned(index) {
            return Some((start, length));
        }
        let start = self.free.get();
        let end = start.checked_add(length).filter(|end| *end <= SIZE)?;
        self.free.set(end);
        Some((start, self.used.get().saturating_sub(start)))
    }

    /// Gives a piece back.
    fn give_back(&self, offset: usize, size: usize) {
        let (index, length) = length(size);
        if !self.shorten(offset + length, offset) {
            self.keep_returned(index, offset);
        }
    }

    /// Makes the piece at an offset as long as it must be, if it is or there is nothing
    /// behind it.
    fn resize(&self, offset: usize, old: usize, new: usize) -> bool {
        if new > LONGEST {
            return false;
        }
        let ((_, old), (_, new)) = (length(old), length(new));
        let (last, end) = (offset + old, offset + new);
        if new < old {
            self.shorten(last, end);
        }
        if new <= old {
            return true;
        }
        let fits = end <= SIZE && self.free.get() == last;
        if fits {
            self.free.set(end);
        }
        fits
    }

    /// Ends what is taken of the block sooner, if it ends there.
    fn shorten(&self, last: usize, end: usize) -> bool {
        let is_last = self.free.get() == last;
        if is_last {
            self.used.update(|used| used.max(last));
            self.free.set(end);
        }
        is_last
    }

    /// Takes a piece of that length that came back.
    fn take_returned(&self, index: usize) -> Option<usize> {
        let last = self.returned.get(index)?;
        let start = last.get().checked_sub(1)?;
        // SAFETY: a piece that nobody has, and that begins with a number.
        last.set(usize::from_ne_bytes(unsafe { self.place(start).cast::<Number>().read() }));
        Some(start)
    }

    /// Keeps a piece for whoever needs one of that length.
    fn keep_returned(&self, index: usize, offset: usize) {
        let Some(last) = self.returned.get(index) else { return };
        let before = last.replace(offset + 1).to_ne_bytes();
        // SAFETY: a piece that nobody has any more, long enough for a number.
        unsafe { self.place(offset).cast::<Number>().write(before) }
    }

    /// Returns a pointer to a place in the block.
    fn place(&self, offset: usize) -> *mut u8 {
        self.bytes.get().cast::<u8>().wrapping_add(offset)
    }

    /// Returns where in the block a pointer leads, `None` when it leads elsewhere.
    fn offset_of(&self, pointer: *mut u8) -> Option<usize> {
        pointer.addr().checked_sub(self.bytes.get().addr()).filter(|offset| *offset < SIZE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is done with a block: sizes in bytes, and numbers that choose among the pieces.
    #[derive(Debug, Clone)]
    enum Step {
        Take(usize),
        GiveBack(prop::sample::Index),
        Resize(prop::sample::Index, usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        let size = || prop_oneof![4 => 1..200_usize, 2 => 1..5000_usize, 1 => 1..LONGEST + 9];
        prop_oneof![
            3 => size().prop_map(Step::Take),
            2 => any::<prop::sample::Index>().prop_map(Step::GiveBack),
            2 => (any::<prop::sample::Index>(), size()).prop_map(|(at, size)| Step::Resize(at, size)),
        ]
    }

    /// A piece and what fills it.
    struct Held {
        offset: usize,
        size: usize,
        filling: u8,
    }

    impl Held {
        fn bytes<'a>(&self, block: &'a mut Block) -> &'a mut [u8] {
            &mut block.bytes.get_mut()[self.offset..self.offset + self.size]
        }

        fn fill(&self, block: &mut Block) {
            self.bytes(block).fill(self.filling);
        }

        fn is_whole(&self, block: &mut Block, size: usize) -> bool {
            self.bytes(block)[..size].iter().all(|byte| *byte == self.filling)
        }
    }

    proptest! {
        #[test]
        fn every_piece_is_aligned_and_nobody_elses(
            steps in prop::collection::vec(step(), 1..200),
        ) {
            let mut block = Box::new(Block::new());
            let mut pieces: Vec<Held> = Vec::new();
            for (step, filling) in steps.into_iter().zip((1..=250).cycle()) {
                match step {
                    Step::Take(size) => {
                        let layout = Layout::from_size_align(size, 8).expect("a layout");
                        let Some((offset, dirty)) = block.take(layout) else { continue };
                        prop_assert_eq!(offset % ALIGNMENT, 0);
                        let piece = Held { offset, size, filling };
                        let clean = &piece.bytes(&mut block)[dirty.min(size)..];
                        prop_assert!(clean.iter().all(|byte| *byte == 0), "said to be zero");
                        piece.fill(&mut block);
                        pieces.push(piece);
                    }
                    Step::GiveBack(_) | Step::Resize(..) if pieces.is_empty() => {}
                    Step::GiveBack(at) => {
                        let piece = pieces.swap_remove(at.index(pieces.len()));
                        prop_assert!(piece.is_whole(&mut block, piece.size));
                        block.give_back(piece.offset, piece.size);
                    }
                    Step::Resize(at, size) => {
                        let at = at.index(pieces.len());
                        let piece = &mut pieces[at];
                        if block.resize(piece.offset, piece.size, size) {
                            let kept = std::mem::replace(&mut piece.size, size).min(size);
                            prop_assert!(piece.is_whole(&mut block, kept));
                            piece.fill(&mut block);
                        }
                    }
                }
            }
            for piece in &pieces {
                prop_assert!(piece.is_whole(&mut block, piece.size));
            }
        }
    }

    #[test]
    fn what_comes_back_is_given_out_for_what_is_as_long() {
        let block = Box::new(Block::new());
        for size in [1, 64, 1000, 1025, 9000, LONGEST] {
            let layout = Layout::from_size_align(size, 16).expect("a layout");
            let first = block.take(layout).expect("room").0;
            let behind = block.take(layout).expect("room").0;
            block.give_back(first, size);
            assert_eq!(block.take(layout), Some((first, length(size).1)));
            // What nothing lies behind is room for any length.
            block.give_back(behind, size);
            assert_eq!(block.free.get(), behind);
        }
    }

    #[test]
    fn what_does_not_fit_is_not_given_out() {
        let block = Box::new(Block::new());
        let take = |size, alignment| {
            block.take(Layout::from_size_align(size, alignment).expect("a layout"))
        };
        assert_eq!(take(LONGEST + 1, 8), None);
        assert_eq!(take(8, 2 * ALIGNMENT), None);
        while take(LONGEST, 8).is_some() {}
        assert_eq!(block.free.get(), SIZE);
        assert_eq!(take(1, 1), None);
        assert!(!block.resize(SIZE - LONGEST, 8, 100));
    }

    #[test]
    fn every_length_has_a_list_of_its_own() {
        let mut lists: Vec<usize> = (1..=LONGEST).map(|size| length(size).0).collect();
        assert!(lists.is_sorted());
        lists.dedup();
        assert_eq!(lists.len(), LENGTHS);
        assert!((1..=LONGEST).all(|size| length(size).1 >= size && length(size).1 <= LONGEST));
    }
}
