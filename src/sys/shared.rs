//! One number that a process and those forked from it see alike.

use nix::errno::Errno;
use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, munmap};
use std::num::NonZeroUsize;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};

const LENGTH: NonZeroUsize = NonZeroUsize::new(size_of::<AtomicU32>()).expect("four bytes");

/// A number in memory that stays shared over `fork`.
#[derive(Debug)]
pub struct SharedWord {
    memory: NonNull<AtomicU32>,
}

impl SharedWord {
    /// Makes one that is 0.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub fn new() -> Result<Self, Errno> {
        let protection = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: fresh memory at a place of the kernel's choice, in nobody's way.
        let memory = unsafe { mmap_anonymous(None, LENGTH, protection, MapFlags::MAP_SHARED) }?;
        Ok(Self { memory: memory.cast() })
    }

    /// Returns the number.
    #[must_use]
    pub fn load(&self) -> u32 {
        self.word().load(Ordering::SeqCst)
    }

    /// Sets the number.
    pub fn store(&self, value: u32) {
        self.word().store(value, Ordering::SeqCst);
    }

    fn word(&self) -> &AtomicU32 {
        // SAFETY: the mapping is aligned to a page, zeroed, and lives as long as we.
        unsafe { self.memory.as_ref() }
    }
}

impl Drop for SharedWord {
    fn drop(&mut self) {
        // SAFETY: mapped with this length, and nobody borrows from it any more.
        let _ = unsafe { munmap(self.memory.cast(), LENGTH.get()) };
    }
}
