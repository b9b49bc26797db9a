//! Setting a hook up and taking it out again, in files that people wrote.

use crate::support::{Refused, Running, Sandbox};
use airlock_exec::intercept::agent::{HOSTS, Kind, SITES};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Output;

pub(super) fn hook(sandbox: &Sandbox, words: &[&str]) -> Output {
    Running::start(sandbox.airlock(["hook"]).args(words)).finish()
}

#[track_caller]
pub(super) fn hooked(sandbox: &Sandbox, words: &[&str]) -> String {
    let output = hook(sandbox, words);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{words:?} {said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

pub(super) fn put(sandbox: &Sandbox, file: &str, text: &str) -> PathBuf {
    let path = sandbox.path("home").join(file);
    fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
    fs::write(&path, text).expect("a file");
    path
}

pub(super) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What a person who uses Claude Code for a while has.
pub(super) const CLAUDE_SETTINGS: &str = r#"{
  "$schema": "https://json.schemastore.org/claude-code-settings.json",
  "env": { "BASH_DEFAULT_TIMEOUT_MS": "600000", "DISABLE_TELEMETRY": "1" },
  "permissions": {
    "allow": ["Bash(npm run test:*)", "Bash(git diff:*)", "Read(~/.zshrc)"],
    "deny": ["Read(./.env)", "Read(./secrets/**)"],
    "defaultMode": "acceptEdits"
  },
  "model": "opus",
  "statusLine": { "type": "command", "command": "~/.claude/statusline.sh" },
  "hooks": {
    "PostToolUse": [
      { "matcher": "Edit|Write", "hooks": [{ "type": "command", "command": "jq -r '.tool_input.file_path' | xargs -r npx prettier --write" }] }
    ],
    "PreToolUse": [
      {
        "matcher": "Bash",
        "hooks": [
          { "type": "command", "command": "mine.sh", "timeout": 10 }
        ]
      }
    ],
    "BeforeTool": [], "beforeShellExecution": [], "pre_run_command": [], "preToolUse": []
  },
  "enabledPlugins": { "formatter@company": true },
  "alwaysThinkingEnabled": false
}
"#;

/// Settings as people have them: comments, others' hooks, odd spaces, no last newline.
const SAMPLES: [&str; 9] = [
    CLAUDE_SETTINGS,
    "{}",
    "{}\n",
    "",
    "{\n  \"model\": \"opus\",\n  \"permissions\": { \"allow\": [\"Bash(npm run *)\"] }\n}\n",
    "{\n\t// mine\n\t\"hooks\": {\n\t\t\"PreToolUse\": [\n\t\t\t{\"matcher\": \"Bash\", \"hooks\": [{\"type\": \"command\", \"command\": \"mine.sh\"}]}, // last\n\t\t],\n\t\t\"Stop\": []\n\t},\n}",
    "{\"hooks\":{\"PreToolUse\":[]},\"z\":1,\"a\":2}",
    "{\r\n  \"env\": {\"A\": \"\\u00e9\"},\r\n  \"hooks\": {}\r\n}\r\n",
    "/* head */\n{ \"big\": 12345678901234567890.10, \"hooks\" : { \"BeforeTool\" : [ ] , \"beforeShellExecution\" : [ ] } }\n// foot\n",
];

#[test]
fn what_was_there_stays_and_comes_back_byte_for_byte() {
    for host in HOSTS {
        let site = SITES.iter().find(|site| site.host == host.name).expect("a site");
        let Kind::Entry { file, .. } = &site.kind else { continue };
        for sample in SAMPLES {
            let sandbox = Sandbox::new();
            let path = put(&sandbox, &format!("{}/{file}", site.base), sample);
            let about = format!("{}: {sample:?}", host.name);
            hooked(&sandbox, &["install", "--agent", host.name]);
            let installed = read(&path);
            assert!(installed.contains(&format!("agent-hook {}", host.name)), "{about}");
            for kept in ["mine.sh", "// mine", "// last", "/* head */", "// foot", ".10", "\\u00e9"]
            {
                assert_eq!(sample.contains(kept), installed.contains(kept), "{about}: {installed}");
            }
            let again = hooked(&sandbox, &["install", "--agent", host.name]);
            assert!(again.contains("nothing to change"), "{about}: {again}");
            assert_eq!(read(&path), installed, "{about}");
            hooked(&sandbox, &["uninstall", "--agent", host.name]);
            assert_eq!(read(&path), sample, "{about}");
        }
    }
}

#[test]
fn a_home_without_any_agent_is_as_it_was_after_both() {
    for host in HOSTS.iter().filter(|host| host.name != "kiro") {
        let sandbox = Sandbox::new();
        let list = hooked(&sandbox, &["list"]);
        assert!(list.lines().all(|line| line.ends_with("not seen here")), "{list}");
        hooked(&sandbox, &["install", "--agent", host.name]);
        let list = hooked(&sandbox, &["list"]);
        let line = list.lines().find(|line| line.starts_with(host.name)).expect("a line");
        assert!(line.ends_with("asks"), "{line}");
        hooked(&sandbox, &["uninstall", "--agent", host.name]);
        let mut left = Vec::new();
        files_below(&sandbox.path("home"), &mut left);
        assert!(left.is_empty(), "{}: {left:?}", host.name);
    }
}

pub(super) fn files_below(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files_below(&path, found) } else { found.push(path) }
    }
}

#[test]
fn a_file_that_was_changed_since_loses_only_our_entry() {
    let sandbox = Sandbox::new();
    let path = put(&sandbox, ".claude/settings.json", "{\n  \"model\": \"opus\"\n}\n");
    hooked(&sandbox, &["install", "--agent", "claude-code"]);
    fs::write(&path, read(&path).replace("opus", "sonnet")).expect("written");
    hooked(&sandbox, &["uninstall", "--agent", "claude-code"]);
    let left = read(&path);
    assert!(left.contains("sonnet") && !left.contains("agent-hook"), "{left}");
}

#[test]
fn a_link_into_a_repository_of_dotfiles_stays_one() {
    let sandbox = Sandbox::new();
    let real = put(&sandbox, "dotfiles/claude.json", "{}\n");
    fs::set_permissions(&real, Permissions::from_mode(0o644)).expect("a mode");
    let link = sandbox.path("home/.claude/settings.json");
    fs::create_dir_all(link.parent().expect("a directory")).expect("a directory");
    symlink("../dotfiles/claude.json", &link).expect("a link");
    hooked(&sandbox, &["install", "--agent", "claude-code"]);
    assert!(link.is_symlink() && read(&real).contains("agent-hook"));
    assert_eq!(real.metadata().expect("a file").permissions().mode() & 0o777, 0o644);
    hooked(&sandbox, &["uninstall", "--agent", "claude-code"]);
    assert!(link.is_symlink());
    assert_eq!(read(&real), "{}\n");
}

#[test]
fn a_file_that_cannot_be_used_is_left_alone() {
    for (text, says) in [
        ("not json", "not JSON"),
        ("{\"hooks\": [}", "not JSON"),
        ("{'hooks': {}}", "not JSON"),
        ("[]", "not what it should be"),
        ("{\"hooks\": []}", "\"hooks\""),
        ("{\"version\": 2, \"hooks\": {}}", "version 2"),
    ] {
        let sandbox = Sandbox::new();
        let path = put(&sandbox, ".cursor/hooks.json", text);
        let output = hook(&sandbox, &["install", "--agent", "cursor"]);
        Refused::of_subcommand(&output).assert_says(&[says, "hooks.json", "mend"]);
        assert_eq!(read(&path), text);
    }
}

#[test]
fn a_read_only_file_is_not_written() {
    let sandbox = Sandbox::new();
    let path = put(&sandbox, ".codex/hooks.json", "{}\n");
    fs::set_permissions(&path, Permissions::from_mode(0o444)).expect("a mode");
    let output = hook(&sandbox, &["install", "--agent", "codex"]);
    Refused::of_subcommand(&output).assert_says(&["read-only", "chmod u+w"]);
    assert_eq!(read(&path), "{}\n");
}

#[test]
fn a_file_of_another_user_is_not_written() {
    let sandbox = Sandbox::new();
    let path = put(&sandbox, ".claude/settings.json", "{}\n");
    if nix::unistd::Uid::effective().is_root() {
        std::os::unix::fs::chown(&path, Some(65534), None).expect("root may");
    } else {
        // A link to a file of root's, which is JSON.
        fs::remove_file(&path).expect("removed");
        let places = ["/usr/share/nodejs/npm", "/usr/lib/node_modules/npm"].map(Path::new);
        let place = places.into_iter().find(|place| place.exists()).expect("npm is installed");
        symlink(place.join("package.json"), &path).expect("a link");
    }
    let before = fs::read(&path).expect("readable");
    let output = hook(&sandbox, &["install", "--agent", "claude-code"]);
    Refused::of_subcommand(&output).assert_says(&["belongs to another user", "as its owner"]);
    assert_eq!(fs::read(&path).expect("readable"), before);
}

#[test]
fn a_hook_of_somebody_else_is_not_overwritten() {
    let sandbox = Sandbox::new();
    let path = put(&sandbox, "Documents/Cline/Hooks/PreToolUse", "#!/bin/sh\nexit 0\n");
    let output = hook(&sandbox, &["install", "--agent", "cline"]);
    Refused::of_subcommand(&output).assert_says(&["not ours", "move it away"]);
    assert_eq!(read(&path), "#!/bin/sh\nexit 0\n");
}

#[test]
fn a_dry_run_shows_what_would_change_and_changes_nothing() {
    let sandbox = Sandbox::new();
    let path = put(&sandbox, ".gemini/settings.json", "{\n  \"theme\": \"dark\"\n}\n");
    let said = hooked(&sandbox, &["install", "--agent", "gemini", "--dry-run"]);
    assert!(said.contains("+ ") && said.contains("agent-hook gemini"), "{said}");
    assert!(!said.lines().any(|line| line.starts_with('+') && line.contains("theme\": \"light")));
    assert_eq!(read(&path), "{\n  \"theme\": \"dark\"\n}\n");
}

#[test]
fn a_project_has_its_own_hook() {
    let sandbox = Sandbox::new();
    let project = sandbox.work();
    let project = project.to_str().expect("text");
    hooked(&sandbox, &["install", "--agent", "claude-code", "--project", project]);
    assert!(read(&sandbox.work().join(".claude/settings.json")).contains("agent-hook"));
    assert!(!sandbox.path("home/.claude").exists());
    let output = hook(&sandbox, &["install", "--agent", "amp", "--project", project]);
    Refused::of_subcommand(&output).assert_says(&["no hooks from a project"]);
    let output = hook(&sandbox, &["install", "--agent", "claude-code", "--project", "/nowhere"]);
    Refused::of_subcommand(&output).assert_says(&["the project /nowhere", "--project"]);
}

#[test]
fn claude_code_is_told_to_block_on_failure_only_where_it_knows_how() {
    for (version, knows) in [("2.1.294", false), ("2.1.295", true), ("3.0.0", true)] {
        let sandbox = Sandbox::new();
        sandbox.script("claude", &format!("echo '{version} (Claude Code)'"));
        hooked(&sandbox, &["install", "--agent", "claude-code"]);
        let text = read(&sandbox.path("home/.claude/settings.json"));
        assert_eq!(text.contains("\"onFailure\": \"block\""), knows, "{version}: {text}");
    }
}

#[test]
fn the_path_in_a_hook_is_the_one_that_upgrades_keep() {
    let sandbox = Sandbox::new();
    let link = sandbox.path("bin/airlock-exec");
    symlink(crate::support::BINARY, &link).expect("a link");
    hooked(&sandbox, &["install", "--agent", "codex"]);
    let text = read(&sandbox.path("home/.codex/hooks.json"));
    assert!(text.contains(link.to_str().expect("text")), "{text}");
}

#[test]
fn doctor_says_which_hooks_ask_and_what_needs_mending() {
    let sandbox = Sandbox::new();
    let doctor = || {
        let output = Running::start(&mut sandbox.airlock(["doctor"])).finish();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    hooked(&sandbox, &["install", "--agent", "cursor"]);
    hooked(&sandbox, &["install", "--agent", "codex"]);
    let said = doctor();
    assert!(said.contains("ok      agents: Cursor asks"), "{said}");
    assert!(said.contains("mend    agents: Codex CLI: its hook is not trusted yet"), "{said}");
    put(&sandbox, ".codex/config.toml", "[features]\nhooks = false\n");
    assert!(doctor().contains("Codex CLI: hooks are switched off"), "{}", doctor());
    put(&sandbox, ".codex/config.toml", "= no toml\n");
    assert!(doctor().contains("Codex CLI: its config.toml cannot be read"), "{}", doctor());
    let path = sandbox.path("home/.cursor/hooks.json");
    fs::write(&path, read(&path).replace("600", "5")).expect("written");
    let said = doctor();
    assert!(said.contains("mend    agents: Cursor: its hook is not what"), "{said}");
    hooked(&sandbox, &["install", "--agent", "cursor"]);
    assert!(doctor().contains("ok      agents: Cursor asks"));
    put(&sandbox, ".claude/settings.json", "{\"disableAllHooks\": true}");
    hooked(&sandbox, &["install", "--agent", "claude-code"]);
    assert!(doctor().contains("disableAllHooks"), "{}", doctor());
}
