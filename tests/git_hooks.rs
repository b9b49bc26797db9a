//! Hooks of git, installed into real repositories and called by real git.

mod support;

#[path = "git_hooks/bad_input.rs"]
mod bad_input;
#[path = "git_hooks/commits.rs"]
mod commits;
#[path = "git_hooks/frameworks.rs"]
mod frameworks;
#[path = "git_hooks/installing.rs"]
mod installing;
#[path = "git_hooks/pushes.rs"]
mod pushes;
#[path = "git_hooks/references.rs"]
mod references;
#[path = "git_hooks/repository.rs"]
mod repository;
#[path = "git_hooks/unseen.rs"]
mod unseen;
