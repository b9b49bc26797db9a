//! Agents as they are published, which fire the hook that we install.
//!
//! A model on loopback, played by `tests/agent_hosts/model.mjs`, asks each of them for
//! commands. What stands in their files, which payloads they write, how they read our
//! answers and what they tell the model is theirs alone.

mod support;

#[path = "agent_hosts/host.rs"]
mod host;

use airlock_exec::intercept::agent::{Evidence, HOSTS};
use host::{Agent, Model};
use std::fs;
use std::os::unix::fs::symlink;
use support::{BINARY, Running, Sandbox};

/// A sandbox in which the agent asks us, by a link that can be taken away.
fn asking(agent: &Agent) -> Sandbox {
    let sandbox = Sandbox::new();
    symlink(BINARY, sandbox.path("bin/airlock-exec")).expect("linked");
    let output = sandbox.output(&["hook", "install", "--agent", agent.host]);
    assert!(output.status.success(), "{output:?}");
    sandbox
}

#[track_caller]
fn assert_is_the_version_that_we_name(agent: &Agent) {
    let known = HOSTS.iter().find(|host| host.name == agent.host).expect("a host of ours");
    assert_eq!(known.evidence, Evidence::Tried(agent.package.1), "{}", agent.host);
}

/// What is rejected does not run and the model reads why; what is approved runs.
fn asks_and_obeys(agent: &Agent) {
    assert_is_the_version_that_we_name(agent);
    let sandbox = asking(agent);
    let file = |name: &str| sandbox.work().join(name);
    let touch = |name: &str| format!("touch {}", file(name).display());
    let model = Model::start(&sandbox, &[touch("rejected"), touch("approved")]);
    let running = Running::start(&mut agent.command(&sandbox, &model));
    let first = sandbox.pending_with("rejected");
    sandbox.reject(&first, "not on a Friday");
    let second = sandbox.pending_with("approved");
    assert!(!file("rejected").exists() && !file("approved").exists());
    sandbox.approve(&second);
    let output = running.finish();
    assert!(file("approved").exists(), "{output:?}");
    assert!(!file("rejected").exists(), "{output:?}");
    let results = model.results();
    for word in ["not on a Friday", &first.id, "do not retry"] {
        assert!(results[0].contains(word), "{word:?} is not in: {results:?}");
    }
    assert!(!results[1].contains("airlock-exec"), "{results:?}");
}

/// A binary that is gone lets nothing run.
fn stops_when_we_are_gone(agent: &Agent) {
    let sandbox = asking(agent);
    let canary = sandbox.canary();
    let model = Model::start(&sandbox, &[format!("touch {}", canary.path().display())]);
    fs::remove_file(sandbox.path("bin/airlock-exec")).expect("removed");
    let output = Running::start(&mut agent.command(&sandbox, &model)).finish();
    canary.assert_absent();
    let results = model.results();
    assert_eq!(results.len(), 1, "{results:?} {output:?}");
}

macro_rules! agents {
    ($($(#[$attribute:meta])* $name:ident),+) => {$(
        mod $name {
            use super::host::$name as agent;

            #[test]
            $(#[$attribute])*
            fn asks_and_obeys() {
                super::asks_and_obeys(&agent());
            }

            #[test]
            $(#[$attribute])*
            fn stops_when_we_are_gone() {
                super::stops_when_we_are_gone(&agent());
            }
        }
    )+};
}

agents! {
    claude_code,
    codex,
    copilot,
    gemini,
    pi,
    #[ignore = "downloads 300 MB, and takes ten seconds to start"]
    droid,
    #[ignore = "downloads 350 MB, and takes ten seconds to start"]
    opencode,
    #[ignore = "takes half a minute to end"]
    qwen
}

#[test]
fn continue_starts_the_shell_that_is_ours() {
    let agent = host::continue_cli();
    let sandbox = Sandbox::new();
    let shell = sandbox.path("bin/airlock-bash");
    symlink(BINARY, &shell).expect("linked");
    let file = |name: &str| sandbox.work().join(name);
    let touch = |name: &str| format!("touch {}; true", file(name).display());
    let model = Model::start(&sandbox, &[touch("rejected"), touch("approved")]);
    let mut command = agent.command(&sandbox, &model);
    let config = sandbox.path("home/.continue/config.yaml");
    let running = Running::start(command.env("SHELL", &shell).arg("--config").arg(config));
    sandbox.reject(&sandbox.pending_with("rejected"), "not on a Friday");
    sandbox.approve(&sandbox.pending_with("approved"));
    let output = running.finish();
    assert!(file("approved").exists() && !file("rejected").exists(), "{output:?}");
    assert!(model.results()[0].contains("not on a Friday"), "{:?}", model.results());
}

/// What Codex takes for trust is what `doctor` takes for it.
#[test]
fn codex_skips_a_hook_until_it_is_trusted_and_doctor_says_so() {
    let mut agent = host::codex();
    agent.words.retain(|word| *word != host::TRUSTED);
    let sandbox = asking(&agent);
    let canary = sandbox.canary();
    let touch = format!("touch {}", canary.path().display());
    let doctor = || String::from_utf8_lossy(&sandbox.output(&["doctor"]).stdout).into_owned();
    let model = Model::start(&sandbox, std::slice::from_ref(&touch));
    let output = Running::start(&mut agent.command(&sandbox, &model)).finish();
    assert!(canary.path().exists(), "it would be good news: {output:?}");
    assert!(doctor().contains("Codex CLI: its hook is not trusted yet"), "{}", doctor());

    fs::remove_file(canary.path()).expect("it ran");
    let model = Model::start(&sandbox, &[touch]);
    let mut command = agent.command(&sandbox, &model);
    host::trust_in_codex(&sandbox);
    assert!(doctor().contains("ok      agents: Codex CLI asks"), "{}", doctor());
    let running = Running::start(&mut command);
    sandbox.reject(&sandbox.pending(), "no");
    let output = running.finish();
    canary.assert_absent();
    assert!(model.results()[0].contains("airlock-exec"), "{output:?}");
}

#[test]
fn claude_code_asks_once_about_what_a_shim_and_a_hook_of_git_see_too() {
    let agent = host::claude_code();
    let sandbox = asking(&agent);
    let setup = "git init -q --bare ../remote.git && git init -q . && git config user.name a && \
        git config user.email a@example.com && git commit -q --allow-empty -m 'first'";
    assert!(sandbox.program("sh").args(["-c", setup]).status().expect("sh").success());
    // Not git: Claude Code runs that for itself as well, and would be asked about it.
    for words in [&["shim", "install", "touch"][..], &["hook", "install", "--git"]] {
        assert!(sandbox.output(words).status.success());
    }
    let text =
        "touch by-shim && git push -q ../remote.git HEAD:refs/heads/main && echo \"it's there\"";
    let model = Model::start(&sandbox, &[text.to_owned()]);
    let mut command = agent.command(&sandbox, &model);
    let path = command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, path)| path);
    let mut shims = sandbox.path("data/airlock-exec/shims").into_os_string();
    shims.push(":");
    shims.push(path.expect("a PATH"));
    let running = Running::start(command.env("PATH", shims));
    sandbox.approve(&sandbox.pending());
    let output = running.finish();
    assert_eq!(model.results(), ["it's there"], "{output:?}");
    assert!(sandbox.path("remote.git/refs/heads/main").exists());
    let log = fs::read_to_string(sandbox.log_file());
    let log = log.expect("a log");
    assert_eq!(log.matches("\"kind\":\"requested\"").count(), 1, "{log}");
    assert_eq!(log.matches("\"kind\":\"nested\"").count(), 1, "the shim saw it: {log}");
}
