//! Memory that a process which waits has no use for.

/// Gives the pages of our own code and constants back to the system, which maps them
/// again, from memory, where we go on to use them.
///
/// A command that waits for a person has read its configuration, sealed its request and
/// shaken hands, and will do none of it again. Does nothing where the system has no such
/// way.
pub fn forget_code() {
    #[cfg(target_os = "linux")]
    linux::forget_code();
}

#[cfg(target_os = "linux")]
mod linux {
    use nix::libc::{self, c_int, c_void, dl_phdr_info};
    use nix::unistd::{SysconfVar, sysconf};
    use std::ptr::null_mut;

    pub(super) fn forget_code() {
        // SAFETY: the function is of the type that is asked for, and needs no data.
        unsafe { libc::dl_iterate_phdr(Some(forget), null_mut()) };
    }

    /// Forgets what the first object, which is the program, maps and never writes.
    unsafe extern "C" fn forget(
        object: *mut dl_phdr_info,
        _size: usize,
        _data: *mut c_void,
    ) -> c_int {
        const DONE: c_int = 1;
        let page = sysconf(SysconfVar::PAGE_SIZE).ok().flatten();
        let Some(page) = page.and_then(|size| usize::try_from(size).ok()) else { return DONE };
        // SAFETY: the library hands out a valid object for the time of this call.
        let object = unsafe { &*object };
        // SAFETY: its headers, so many, lie where it says, as long as it is loaded.
        let headers =
            unsafe { std::slice::from_raw_parts(object.dlpi_phdr, object.dlpi_phnum.into()) };
        for header in headers {
            if header.p_type != libc::PT_LOAD || header.p_flags & libc::PF_W != 0 {
                continue;
            }
            let number = |each: u64| usize::try_from(each).unwrap_or_default();
            let start = number(object.dlpi_addr) + number(header.p_vaddr);
            // Whole pages only: what is written to could begin in the last one.
            let first = start.next_multiple_of(page);
            let length = (start + number(header.p_memsz)).saturating_sub(first) / page * page;
            let first = std::ptr::with_exposed_provenance_mut::<c_void>(first);
            // SAFETY: a segment without the right to be written is as it is in the file,
            // and each of its pages is read from there again.
            unsafe { libc::madvise(first, length, libc::MADV_DONTNEED) };
        }
        DONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_forgotten_is_there_again() {
        static TEXT: &str = "never written";
        let sum = |text: &str| text.bytes().map(u64::from).sum::<u64>();
        let before = sum(TEXT);
        forget_code();
        assert_eq!(sum(TEXT), before);
    }
}
