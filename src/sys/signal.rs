//! Signals: blocked, received as values, sent, and died of.

#[cfg(target_os = "linux")]
use super::inherited::blocked_at_start;
use super::inherited::{STANDARD_SIGNALS, ignored_at_start};
use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::SigSet;
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::unistd::Pid;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Mutex, PoisonError};

/// What a process does with a signal it did not block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// What the system does by default.
    Default,
    /// Nothing.
    Ignore,
}

/// Returns what the caller had us do with this signal.
pub(super) fn inherited(signal: i32) -> Disposition {
    if ignored_at_start(signal) { Disposition::Ignore } else { Disposition::Default }
}

/// Sets one disposition and returns the one before; a handler counts as default.
pub(super) fn set_disposition(signal: i32, disposition: Disposition) -> Result<Disposition, Errno> {
    let handler = match disposition {
        Disposition::Default => libc::SIG_DFL,
        Disposition::Ignore => libc::SIG_IGN,
    };
    // SAFETY: the handler is one of the two constants, never code of ours.
    let before = unsafe { libc::signal(signal, handler) };
    match before {
        libc::SIG_ERR => Err(Errno::last()),
        libc::SIG_IGN => Ok(Disposition::Ignore),
        _ => Ok(Disposition::Default),
    }
}

/// Gives each standard signal the disposition it had at our start.
///
/// For a forked child right before it executes; async-signal-safe.
pub(super) fn restore_dispositions() {
    for signal in STANDARD_SIGNALS {
        if signal != libc::SIGKILL && signal != libc::SIGSTOP {
            let _ = set_disposition(signal, inherited(signal));
        }
    }
}

/// Makes ended children wait for us to ask, even where the caller ignores SIGCHLD.
///
/// The command still starts with what the caller had.
pub fn wait_for_children() {
    let _ = set_disposition(libc::SIGCHLD, Disposition::Default);
}

/// Has writes beyond a limit on the size of files fail, instead of ending this process.
///
/// The command still starts with what the caller had.
pub fn ignore_file_size_signal() {
    let _ = set_disposition(libc::SIGXFSZ, Disposition::Ignore);
}

/// The mask that held before signals were put off.
static PUT_OFF: Mutex<Option<SigSet>> = Mutex::new(None);

/// Has signals wait for a command that will be started: it gets them then, by
/// [`BlockedSignals`], and is started with the mask that holds now.
pub fn put_signals_off() {
    let mut before = PUT_OFF.lock().unwrap_or_else(PoisonError::into_inner);
    if before.is_none() {
        *before = change_mask(libc::SIG_SETMASK, &every_signal()).ok();
    }
}

/// Has them come again: no command is started after all.
pub fn let_signals_come() {
    let before = PUT_OFF.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(mask) = before {
        let _ = set_mask(&mask);
    }
}

/// All signals blocked, and the mask that held before.
///
/// The old mask comes back when this is dropped.
#[derive(Debug)]
pub struct BlockedSignals {
    before: SigSet,
}

impl BlockedSignals {
    /// Blocks every signal that can be blocked.
    ///
    /// # Errors
    ///
    /// None that a correct system gives.
    pub fn all() -> Result<Self, Errno> {
        let before = change_mask(libc::SIG_SETMASK, &every_signal())?;
        let earlier = PUT_OFF.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(Self { before: earlier.unwrap_or(before) })
    }

    /// Returns the mask that held before: what a command must be started with.
    #[must_use]
    pub fn before(&self) -> &SigSet {
        &self.before
    }
}

impl Drop for BlockedSignals {
    fn drop(&mut self) {
        let _ = set_mask(&self.before);
    }
}

/// A signal that was received, and where it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    /// Its number.
    pub signal: i32,
    /// Whether the kernel itself sent it, as it does for keys of a terminal.
    pub by_kernel: bool,
    /// The process that sent it, when one did.
    pub sender: Option<Pid>,
}

/// Blocked signals as a descriptor that becomes readable.
#[derive(Debug)]
pub struct SignalDescriptor(SignalFd);

impl SignalDescriptor {
    /// Listens for every signal; they must be blocked.
    ///
    /// # Errors
    ///
    /// `EMFILE` and `ENFILE` when a limit on descriptors was reached.
    pub fn new() -> Result<Self, Errno> {
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        SignalFd::with_flags(&every_signal(), flags).map(Self)
    }

    /// Takes the next signal, `None` when there is none.
    #[must_use]
    pub fn next(&self) -> Option<Received> {
        let info = self.0.read_signal().ok().flatten()?;
        Some(Received {
            signal: i32::try_from(info.ssi_signo).ok()?,
            by_kernel: info.ssi_code == libc::SI_KERNEL,
            sender: i32::try_from(info.ssi_pid).ok().filter(|pid| *pid > 0).map(Pid::from_raw),
        })
    }
}

impl AsFd for SignalDescriptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Whom a signal is sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// One process.
    Process(Pid),
    /// Every process of the group with this leader.
    Group(Pid),
}

/// Sends a signal, real-time ones too; async-signal-safe.
///
/// # Errors
///
/// `ESRCH` when nobody is there, `EPERM` when it is somebody else's process.
pub fn send(target: Target, signal: i32) -> Result<(), Errno> {
    let number = match target {
        Target::Process(pid) => pid.as_raw(),
        Target::Group(leader) => -leader.as_raw(),
    };
    // SAFETY: `kill` takes two numbers.
    Errno::result(unsafe { libc::kill(number, signal) }).map(drop)
}

/// Sends a signal to everybody else in our process group; we ignore it from now on.
pub fn send_to_others(signal: i32) {
    let _ = set_disposition(signal, Disposition::Ignore);
    let _ = send(Target::Group(nix::unistd::getpgrp()), signal);
}

/// Stops this process, or its whole group, as that signal does by default, and
/// returns when it goes on.
///
/// Returns at once when the system does not stop it: the group is orphaned.
pub fn stop_by(signal: i32, target: Target) {
    let before = set_disposition(signal, Disposition::Default);
    let Some(only) = set_of(signal) else { return };
    let _ = send(target, signal);
    let _ = change_mask(libc::SIG_UNBLOCK, &only);
    let _ = change_mask(libc::SIG_BLOCK, &only);
    if let Ok(Disposition::Ignore) = before {
        let _ = set_disposition(signal, Disposition::Ignore);
    }
}

/// Stops our whole process group as that signal does by default, and returns when it
/// goes on; what was done with the signal before is done again.
///
/// Returns at once when the system does not stop it: the group is orphaned. The signal
/// must not be blocked.
pub fn suspend_group_by(signal: i32) {
    let mut before = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: the pointer leads to room for one action, and a null sets nothing.
    let asked = unsafe { libc::sigaction(signal, std::ptr::null(), before.as_mut_ptr()) };
    // SAFETY: all zeroes is a valid action, also if the call wrote nothing.
    let before = unsafe { before.assume_init() };
    let _ = set_disposition(signal, Disposition::Default);
    let _ = send(Target::Group(nix::unistd::getpgrp()), signal);
    if asked == 0 {
        // SAFETY: the action is the one that was in force, with its own handler.
        let _ = unsafe { libc::sigaction(signal, &raw const before, std::ptr::null_mut()) };
    }
}

/// Takes one pending, blocked signal of this number away, and tells whether there was one.
#[must_use]
pub fn take_pending(signal: i32) -> bool {
    let Some(only) = set_of(signal) else { return false };
    let now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: set and time are valid, and a null means no details are wanted.
    let taken = unsafe { libc::sigtimedwait(only.as_ref(), std::ptr::null_mut(), &raw const now) };
    taken == signal
}

/// Ends this process by that signal, quietly and without a core.
///
/// Returns only when the signal does not end a process.
pub fn end_by(signal: i32) {
    use nix::sys::resource::{Resource, setrlimit};
    let _ = setrlimit(Resource::RLIMIT_CORE, 0, 0);
    #[cfg(target_os = "linux")]
    // A core that goes to a program by a pipe is not held back by the limit.
    let _ = nix::sys::prctl::set_dumpable(false);
    let _ = set_disposition(signal, Disposition::Default);
    let _ = send(Target::Process(nix::unistd::getpid()), signal);
    if let Some(only) = set_of(signal) {
        let _ = change_mask(libc::SIG_UNBLOCK, &only);
    }
}

/// Returns the set of every signal there is.
///
/// The C library keeps some out of its sets, for itself: musl the first real-time one
/// (34) as well, which other programs use. So sets and masks are the kernel's here: its
/// 64 bits are the first of any library's.
fn every_signal() -> SigSet {
    let mut set = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: the pointer leads to room for one set.
    unsafe { set.as_mut_ptr().write_bytes(0xff, 1) };
    // SAFETY: a set is nothing but bits, and all of them were written.
    let set = unsafe { set.assume_init() };
    // SAFETY: as above.
    unsafe { SigSet::from_sigset_t_unchecked(set) }
}

#[cfg(target_os = "linux")]
fn set_of(signal: i32) -> Option<SigSet> {
    let shift = u32::try_from(signal).ok()?.checked_sub(1)?;
    Some(set_of_bits(1_u64.checked_shl(shift)?))
}

#[cfg(target_os = "linux")]
fn set_of_bits(bits: u64) -> SigSet {
    let mut set = MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: a set has at least the kernel's 64 bits, and these come first.
    unsafe { set.as_mut_ptr().cast::<u64>().write_unaligned(bits) };
    // SAFETY: all zeroes but for those bits is a valid set.
    let set = unsafe { set.assume_init() };
    // SAFETY: as above.
    unsafe { SigSet::from_sigset_t_unchecked(set) }
}

/// Returns the mask as the kernel's bits.
#[cfg(target_os = "linux")]
pub(super) fn blocked_now() -> u64 {
    let Ok(mask) = mask() else { return 0 };
    let set = std::ptr::from_ref::<libc::sigset_t>(mask.as_ref());
    // SAFETY: a set has at least the kernel's 64 bits, and these come first.
    unsafe { set.cast::<u64>().read_unaligned() }
}

/// Elsewhere the C library keeps no signal for itself.
#[cfg(not(target_os = "linux"))]
pub(super) fn blocked_now() -> u64 {
    0
}

/// Sets the mask that a command starts with: that one, and what the C library let through
/// although the caller had blocked it; async-signal-safe.
pub(super) fn set_mask_of_command(mask: &SigSet) -> Result<(), Errno> {
    set_mask(mask)?;
    #[cfg(target_os = "linux")]
    if blocked_at_start() != 0 {
        change_mask(libc::SIG_BLOCK, &set_of_bits(blocked_at_start()))?;
    }
    Ok(())
}

/// Elsewhere the C library keeps no signal for itself, and a set may be shorter.
#[cfg(not(target_os = "linux"))]
fn set_of(signal: i32) -> Option<SigSet> {
    let signal = nix::sys::signal::Signal::try_from(signal).ok()?;
    Some(SigSet::empty() + signal)
}

/// Returns the mask, as the kernel has it.
pub(super) fn mask() -> Result<SigSet, Errno> {
    change_mask(libc::SIG_BLOCK, &SigSet::empty())
}

/// Sets the mask, as the kernel takes it; async-signal-safe.
pub(super) fn set_mask(mask: &SigSet) -> Result<(), Errno> {
    change_mask(libc::SIG_SETMASK, mask).map(drop)
}

#[cfg(target_os = "linux")]
fn change_mask(how: i32, set: &SigSet) -> Result<SigSet, Errno> {
    const KERNELS: usize = size_of::<u64>();
    let set = std::ptr::from_ref::<libc::sigset_t>(set.as_ref());
    let mut before = MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: one set is read and another written, both as long as is said.
    let changed =
        unsafe { libc::syscall(libc::SYS_rt_sigprocmask, how, set, before.as_mut_ptr(), KERNELS) };
    Errno::result(changed)?;
    // SAFETY: all zeroes is a valid set, and so is what the kernel wrote.
    let before = unsafe { before.assume_init() };
    // SAFETY: as above.
    Ok(unsafe { SigSet::from_sigset_t_unchecked(before) })
}

#[cfg(not(target_os = "linux"))]
fn change_mask(how: i32, set: &SigSet) -> Result<SigSet, Errno> {
    let mut before = MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: one set is read and there is room for another.
    let changed = unsafe { libc::sigprocmask(how, set.as_ref(), before.as_mut_ptr()) };
    Errno::result(changed)?;
    // SAFETY: all zeroes is a valid set, and so is what the system wrote.
    let before = unsafe { before.assume_init() };
    // SAFETY: as above.
    Ok(unsafe { SigSet::from_sigset_t_unchecked(before) })
}
