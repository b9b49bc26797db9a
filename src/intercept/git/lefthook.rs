//! lefthook, which writes the hooks of a repository from a file of the project.

use super::Hook;
use std::path::{Path, PathBuf};

/// The names its file may have. Spec: lefthook.dev/configuration.
const NAMES: &[&str] = &["lefthook", ".lefthook", ".config/lefthook"];
const ENDS: &[&str] = &["yml", "yaml", "toml", "json", "jsonc"];

/// Returns its file, when there is one.
pub(super) fn configuration(root: &Path) -> Option<PathBuf> {
    let names = NAMES.iter().flat_map(|name| ENDS.iter().map(move |end| format!("{name}.{end}")));
    names.map(|name| root.join(name)).find(|path| path.is_file())
}

/// Writes the jobs to add to it, in YAML.
///
/// Without `use_stdin` a hook that reads gets a terminal, and waits for it.
#[must_use]
pub fn jobs(hooks: &[Hook]) -> String {
    let job = |hook: &Hook| {
        let (words, input) = match hook {
            Hook::PreCommit => ("", ""),
            Hook::CommitMsg => (" {1}", ""),
            Hook::PrePush => (" {1} {2}", "\n      use_stdin: true"),
            Hook::ReferenceTransaction => (" {1}", "\n      use_stdin: true"),
        };
        format!(
            "{hook}:\n  jobs:\n    - name: airlock\n      run: airlock-exec git-hook {hook}{words}{input}\n"
        )
    };
    hooks.iter().map(job).collect()
}
