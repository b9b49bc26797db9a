//! Copies and compares bytes where the C library is slow at it.
//!
//! musl copies on x86-64 with `rep movsq`, which takes some thirty nanoseconds before its
//! first byte, and compares one byte after the other. A reviewed command copies three
//! thousand times, forty bytes each in the middle. So a static build has functions of its
//! own for both, which the linker takes before it looks into the library. They are in
//! assembly: a compiler may turn a loop written in Rust into a call of the very function it
//! is in. Every build for Linux on x86-64 has them under names of their own, and is tested
//! with them.
//!
//! All that is read of up to 128 bytes is read before anything is written, so that it does
//! not matter how the two pieces overlap: `memcpy` and `memmove` are one. What is longer
//! goes in steps of 64 bytes, from the end that overlaps nothing which is still to be read;
//! the last step, which may lie across the one before, is read first of all.

use std::arch::global_asm;

global_asm!(
    ".pushsection .text.memmove, \"ax\", @progbits",
    ".p2align 5",
    ".globl airlock_exec_memmove",
    ".type airlock_exec_memmove, @function",
    // The place to write to in rdi, which is returned; to read from in rsi; so many in rdx.
    "airlock_exec_memmove:",
    ".cfi_startproc",
    "mov rax, rdi",
    "cmp rdx, 16",
    "jb 20f",
    "cmp rdx, 32",
    "ja 31f",
    // 16 to 32: both ends, which may lie across each other.
    "movups xmm0, [rsi]",
    "movups xmm1, [rsi + rdx - 16]",
    "movups [rdi], xmm0",
    "movups [rdi + rdx - 16], xmm1",
    "ret",
    "31:",
    "cmp rdx, 64",
    "ja 32f",
    // 33 to 64.
    "movups xmm0, [rsi]",
    "movups xmm1, [rsi + 16]",
    "movups xmm2, [rsi + rdx - 32]",
    "movups xmm3, [rsi + rdx - 16]",
    "movups [rdi], xmm0",
    "movups [rdi + 16], xmm1",
    "movups [rdi + rdx - 32], xmm2",
    "movups [rdi + rdx - 16], xmm3",
    "ret",
    // More than 64: both ends again, of 64 bytes each.
    "32:",
    "movups xmm0, [rsi]",
    "movups xmm1, [rsi + 16]",
    "movups xmm2, [rsi + 32]",
    "movups xmm3, [rsi + 48]",
    "movups xmm4, [rsi + rdx - 64]",
    "movups xmm5, [rsi + rdx - 48]",
    "movups xmm6, [rsi + rdx - 32]",
    "movups xmm7, [rsi + rdx - 16]",
    "cmp rdx, 128",
    "ja 33f",
    "movups [rdi], xmm0",
    "movups [rdi + 16], xmm1",
    "movups [rdi + 32], xmm2",
    "movups [rdi + 48], xmm3",
    "34:",
    "movups [rdi + rdx - 64], xmm4",
    "movups [rdi + rdx - 48], xmm5",
    "movups [rdi + rdx - 32], xmm6",
    "movups [rdi + rdx - 16], xmm7",
    "ret",
    "33:",
    // Does it begin within what is read? Then from the end.
    "mov rcx, rdi",
    "sub rcx, rsi",
    "cmp rcx, rdx",
    "jb 36f",
    // Forwards: rcx says how far it is, and r8 where the last 64 bytes begin.
    "lea r8, [rdx - 64]",
    "xor ecx, ecx",
    "35:",
    "movups xmm0, [rsi + rcx]",
    "movups xmm1, [rsi + rcx + 16]",
    "movups xmm2, [rsi + rcx + 32]",
    "movups xmm3, [rsi + rcx + 48]",
    "movups [rdi + rcx], xmm0",
    "movups [rdi + rcx + 16], xmm1",
    "movups [rdi + rcx + 32], xmm2",
    "movups [rdi + rcx + 48], xmm3",
    "add rcx, 64",
    "cmp rcx, r8",
    "jb 35b",
    "jmp 34b",
    // Backwards: rdx says how much is left; the first 64 bytes come last.
    "36:",
    "movups xmm4, [rsi + rdx - 64]",
    "movups xmm5, [rsi + rdx - 48]",
    "movups xmm6, [rsi + rdx - 32]",
    "movups xmm7, [rsi + rdx - 16]",
    "movups [rdi + rdx - 64], xmm4",
    "movups [rdi + rdx - 48], xmm5",
    "movups [rdi + rdx - 32], xmm6",
    "movups [rdi + rdx - 16], xmm7",
    "sub rdx, 64",
    "cmp rdx, 64",
    "ja 36b",
    "movups [rdi], xmm0",
    "movups [rdi + 16], xmm1",
    "movups [rdi + 32], xmm2",
    "movups [rdi + 48], xmm3",
    "ret",
    // Fewer than 16: two pieces of half of it or more.
    "20:",
    "cmp edx, 8",
    "jb 21f",
    "mov rcx, [rsi]",
    "mov r8, [rsi + rdx - 8]",
    "mov [rdi], rcx",
    "mov [rdi + rdx - 8], r8",
    "ret",
    "21:",
    "cmp edx, 4",
    "jb 22f",
    "mov ecx, [rsi]",
    "mov r8d, [rsi + rdx - 4]",
    "mov [rdi], ecx",
    "mov [rdi + rdx - 4], r8d",
    "ret",
    "22:",
    "cmp edx, 2",
    "jb 23f",
    "movzx ecx, word ptr [rsi]",
    "movzx r8d, word ptr [rsi + rdx - 2]",
    "mov [rdi], cx",
    "mov [rdi + rdx - 2], r8w",
    "ret",
    "23:",
    "test edx, edx",
    "jz 24f",
    "movzx ecx, byte ptr [rsi]",
    "mov [rdi], cl",
    "24:",
    "ret",
    ".cfi_endproc",
    ".size airlock_exec_memmove, . - airlock_exec_memmove",
    ".popsection",
);

global_asm!(
    ".pushsection .text.memcmp, \"ax\", @progbits",
    ".p2align 5",
    ".globl airlock_exec_memcmp",
    ".type airlock_exec_memcmp, @function",
    // One piece in rdi, the other in rsi, so many in rdx; below, at or above zero in eax.
    "airlock_exec_memcmp:",
    ".cfi_startproc",
    "cmp rdx, 8",
    "jb 32f",
    // Eight at a time, and at the end the last eight, of which some were seen before.
    "lea r8, [rdx - 8]",
    "xor ecx, ecx",
    "jmp 31f",
    "30:",
    "mov rax, [rdi + rcx]",
    "mov rdx, [rsi + rcx]",
    "cmp rax, rdx",
    "jne 35f",
    "add rcx, 8",
    "31:",
    "cmp rcx, r8",
    "jb 30b",
    "mov rax, [rdi + r8]",
    "mov rdx, [rsi + r8]",
    // The first byte that differs is the one that counts most.
    "35:",
    "bswap rax",
    "bswap rdx",
    "36:",
    "xor ecx, ecx",
    "cmp rax, rdx",
    "seta cl",
    "sbb ecx, 0",
    "mov eax, ecx",
    "ret",
    "32:",
    "cmp edx, 4",
    "jb 33f",
    // 4 to 7: the first four, then the last four.
    "mov eax, [rdi]",
    "mov ecx, [rdi + rdx - 4]",
    "mov r8d, [rsi]",
    "mov edx, [rsi + rdx - 4]",
    "shl rcx, 32",
    "or rax, rcx",
    "shl rdx, 32",
    "or rdx, r8",
    "jmp 35b",
    "33:",
    "test edx, edx",
    "jz 34f",
    // 1 to 3: the first, the one in the middle and the last.
    "mov r8d, edx",
    "shr r8d, 1",
    "movzx eax, byte ptr [rdi]",
    "movzx ecx, byte ptr [rdi + r8]",
    "movzx r9d, byte ptr [rdi + rdx - 1]",
    "shl eax, 16",
    "shl ecx, 8",
    "or eax, ecx",
    "or eax, r9d",
    "movzx r9d, byte ptr [rsi + rdx - 1]",
    "movzx edx, byte ptr [rsi]",
    "movzx ecx, byte ptr [rsi + r8]",
    "shl edx, 16",
    "shl ecx, 8",
    "or edx, ecx",
    "or edx, r9d",
    "jmp 36b",
    "34:",
    "xor eax, eax",
    "ret",
    ".cfi_endproc",
    ".size airlock_exec_memcmp, . - airlock_exec_memcmp",
    ".popsection",
);

// The linker looks into the library only for what nobody has yet.
#[cfg(target_env = "musl")]
global_asm!(
    ".globl memmove",
    ".type memmove, @function",
    ".set memmove, airlock_exec_memmove",
    ".globl memcpy",
    ".type memcpy, @function",
    ".set memcpy, airlock_exec_memmove",
    ".globl memcmp",
    ".type memcmp, @function",
    ".set memcmp, airlock_exec_memcmp",
    ".globl bcmp",
    ".type bcmp, @function",
    ".set bcmp, airlock_exec_memcmp",
);

#[cfg(test)]
mod tests {
    use nix::libc::{self, c_int, c_void};
    use nix::unistd::{SysconfVar, sysconf};
    use proptest::prelude::*;
    use std::cmp::Ordering;
    use std::ptr::null_mut;

    unsafe extern "C" {
        fn airlock_exec_memmove(to: *mut u8, from: *const u8, count: usize) -> *mut u8;
        fn airlock_exec_memcmp(one: *const u8, other: *const u8, count: usize) -> c_int;
    }

    /// The pieces lie within this many bytes.
    const ROOM: usize = 1000;

    /// Moves within a buffer as the standard library does, and as we do.
    fn moves_alike(from: usize, to: usize, count: usize) -> bool {
        let mut expected: Vec<u8> = (0..ROOM).map(|at| (at * 31 % 251).to_le_bytes()[0]).collect();
        let mut moved = expected.clone();
        let start = moved.as_mut_ptr();
        let (source, target) = (start.wrapping_add(from), start.wrapping_add(to));
        // SAFETY: both pieces lie within the buffer, which nobody else uses.
        let returned = unsafe { airlock_exec_memmove(target, source, count) };
        expected.copy_within(from..from + count, to);
        returned == target && moved == expected
    }

    #[test]
    fn every_length_is_moved_apart_and_across_itself() {
        for count in 0..=400 {
            for (from, to) in [(0, 500), (500, 0), (3, 501), (501, 3)] {
                assert!(moves_alike(from, to, count), "{count} bytes from {from} to {to}");
            }
            for step in (0..=130).chain([count / 2, count.saturating_sub(1)]) {
                assert!(moves_alike(200, 200 + step, count), "{count} bytes {step} further");
                assert!(moves_alike(200 + step, 200, count), "{count} bytes {step} back");
            }
        }
    }

    fn compare(one: &[u8], other: &[u8]) -> Ordering {
        assert_eq!(one.len(), other.len());
        // SAFETY: two slices of that length.
        unsafe { airlock_exec_memcmp(one.as_ptr(), other.as_ptr(), one.len()) }.cmp(&0)
    }

    #[test]
    fn the_first_byte_that_differs_decides() {
        for count in 0..=70 {
            let one = vec![0x80; count];
            assert_eq!(compare(&one, &one.clone()), Ordering::Equal, "{count} bytes");
            for at in 0..count {
                let mut other = one.clone();
                // Whatever comes behind it says the contrary.
                other[at..].fill(0x7f);
                other[at] = 0x81;
                assert_eq!(compare(&one, &other), Ordering::Less, "{at} of {count}");
                assert_eq!(compare(&other, &one), Ordering::Greater, "{at} of {count}");
            }
        }
    }

    #[test]
    fn nothing_is_read_or_written_outside_of_the_pieces() {
        let page = sysconf(SysconfVar::PAGE_SIZE).ok().flatten().expect("a size");
        let page = usize::try_from(page).expect("a size");
        let (source, target) = (Walled::new(page), Walled::new(page));
        for count in 0..=400 {
            for at_end in [false, true] {
                let at = if at_end { page - count } else { 0 };
                let (from, to) = (source.place(at), target.place(at));
                // SAFETY: both pieces lie on a page that may be written.
                unsafe { airlock_exec_memmove(to, from, count) };
                // SAFETY: both pieces lie on a page that may be read.
                assert_eq!(unsafe { airlock_exec_memcmp(to, from, count) }, 0);
            }
        }
    }

    /// One page that may be used, between two that may not.
    struct Walled {
        start: *mut c_void,
        page: usize,
    }

    impl Walled {
        fn new(page: usize) -> Self {
            let (private, none) = (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, libc::PROT_NONE);
            // SAFETY: new memory, wherever the system has room for it.
            let start = unsafe { libc::mmap(null_mut(), 3 * page, none, private, -1, 0) };
            assert_ne!(start, libc::MAP_FAILED);
            let walled = Self { start, page };
            let (middle, both) = (walled.place(0).cast(), libc::PROT_READ | libc::PROT_WRITE);
            // SAFETY: a page of what was just made, which nobody has.
            assert_eq!(unsafe { libc::mprotect(middle, page, both) }, 0);
            walled
        }

        fn place(&self, at: usize) -> *mut u8 {
            self.start.cast::<u8>().wrapping_add(self.page + at)
        }
    }

    impl Drop for Walled {
        fn drop(&mut self) {
            // SAFETY: what was made above, to which nobody has a reference.
            unsafe { libc::munmap(self.start, 3 * self.page) };
        }
    }

    proptest! {
        #[test]
        fn moves_as_the_library_does(
            (count, from, to) in (0..ROOM / 2)
                .prop_flat_map(|count| (Just(count), 0..ROOM - count, 0..ROOM - count))
        ) {
            prop_assert!(moves_alike(from, to, count));
        }

        #[test]
        fn compares_as_the_library_does(
            (one, mut other) in (0..100_usize).prop_flat_map(|count| {
                let bytes = || prop::collection::vec(any::<u8>().prop_map(|byte| byte & 0x83), count);
                (bytes(), bytes())
            }),
            alike in any::<prop::sample::Index>(),
        ) {
            let alike = alike.index(one.len() + 1);
            other[..alike].copy_from_slice(&one[..alike]);
            prop_assert_eq!(compare(&one, &other), one.cmp(&other));
        }
    }
}
