//! Installs, lists and removes the hooks of git that ask.
//!
//! Nothing that was there is lost: a hook that exists is chained and runs first, and
//! removing ours puts it back as it was. Where another tool keeps the hooks (husky,
//! lefthook) its own files say so, and we add to them or say what to add.

mod chained;
mod error;
mod hook;
mod husky;
mod lefthook;
mod place;
mod plan;
mod script;
mod settings;
mod state;

pub use error::HookError;
pub use hook::{Hook, UnknownHook};
pub use lefthook::jobs;
pub use place::{Keeper, Place};
pub use plan::{Plan, Step};
pub use script::own_program;
pub use state::{State, state};
