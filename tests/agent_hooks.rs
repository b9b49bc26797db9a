//! Hooks of agents: what each host hands over, what it is told, and that nothing runs
//! that was not allowed.

mod support;

#[path = "agent_hooks/answers.rs"]
mod answers;
#[path = "agent_hooks/covered.rs"]
mod covered;
#[path = "agent_hooks/golden.rs"]
mod golden;
#[path = "agent_hooks/hostile.rs"]
mod hostile;
#[path = "agent_hooks/installed.rs"]
mod installed;
#[path = "agent_hooks/once.rs"]
mod once;
#[path = "agent_hooks/scene.rs"]
mod scene;
#[path = "agent_hooks/tail.rs"]
mod tail;
#[path = "agent_hooks/uninstalled.rs"]
mod uninstalled;
#[path = "agent_hooks/unstated.rs"]
mod unstated;
