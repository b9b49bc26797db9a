//! The environment as the system laid it out in our memory.

use nix::libc::c_char;
use std::ffi::CStr;

#[cfg(not(target_vendor = "apple"))]
unsafe extern "C" {
    /// POSIX: the entries this process was started with, ended by a null.
    static environ: *const *const c_char;
}

/// Returns the entries this process was started with, each byte and each oddity.
///
/// Unlike `std::env::vars_os` this keeps entries without `=`, with an empty name
/// and of the same name, and it allocates nothing.
pub fn environment() -> impl Iterator<Item = &'static CStr> {
    let mut next = entries();
    std::iter::from_fn(move || {
        if next.is_null() {
            return None;
        }
        // SAFETY: not null, and not past the null that ends the array.
        let entry = unsafe { *next };
        if entry.is_null() {
            return None;
        }
        // SAFETY: this entry was not the last, so there is one behind it.
        next = unsafe { next.add(1) };
        // SAFETY: a C string that the system laid out. It stays: only unsafe code
        // could change the environment, and this room does not.
        Some(unsafe { CStr::from_ptr(entry) })
    })
}

#[cfg(not(target_vendor = "apple"))]
fn entries() -> *const *const c_char {
    // SAFETY: set before `main` and changed by nobody in this process.
    unsafe { environ }
}

#[cfg(target_vendor = "apple")]
fn entries() -> *const *const c_char {
    // SAFETY: returns the place of the same array, never null.
    let place = unsafe { nix::libc::_NSGetEnviron() };
    // SAFETY: set before `main` and changed by nobody in this process.
    unsafe { (*place).cast_const().cast() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "std is the judge")]
    fn holds_every_variable_in_the_order_std_sees() {
        let seen: Vec<Vec<u8>> = std::env::vars_os()
            .map(|(name, value)| [name.as_bytes(), b"=", value.as_bytes()].concat())
            .collect();
        let found: Vec<Vec<u8>> = environment().map(|entry| entry.to_bytes().to_vec()).collect();
        assert!(!seen.is_empty());
        assert_eq!(found, seen);
    }
}
