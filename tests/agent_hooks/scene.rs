//! An agent, and what it does.

use crate::support::{BINARY, Running, Sandbox};
use serde_json::{Value, json};
use std::ffi::OsString;
use std::os::unix::fs::symlink;
use std::process::{Command, Output};

/// An agent that is no shell: it asks its hooks one after the other or at once, runs what
/// it was told to, and says how each ended.
const AGENT: &str = r#"
import json, subprocess, sys
def hook(host, payload):
    program = [sys.argv[1], "agent-hook", host]
    started = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return started, json.dumps(payload).encode()
for step in json.loads(sys.argv[2]):
    if step[0] == "hooks":
        asked = [hook(host, payload) for host, payload in step[1:]]
        for started, payload in asked:
            started.stdin.write(payload); started.stdin.close()
        print(*[started.wait() for started, _ in asked], flush=True)
    else:
        print(subprocess.run(step[1:], stdin=subprocess.DEVNULL, stdout=2).returncode, flush=True)
"#;

/// An agent in a sandbox with shims of these programs.
pub(super) struct Scene {
    pub(super) sandbox: Sandbox,
}

impl Scene {
    pub(super) fn new(shims: &[&str]) -> Self {
        let sandbox = Sandbox::new();
        symlink(BINARY, sandbox.path("bin/airlock-exec")).expect("linked");
        let output = sandbox.output(&[&["shim", "install"], shims].concat());
        assert!(output.status.success(), "{output:?}");
        Self { sandbox }
    }

    pub(super) fn payload(&self, text: &str, call: Option<&str>) -> Value {
        json!({
            "hook_event_name": "PreToolUse", "tool_name": "Bash", "cwd": self.sandbox.work(),
            "tool_input": {"command": text}, "tool_use_id": call,
        })
    }

    /// An agent's steps: `["hooks", [HOST, PAYLOAD], ...]` or `["run", WORD, ...]`.
    pub(super) fn agent(&self, steps: &Value) -> Command {
        let mut command = self.sandbox.program("python3");
        command.args(["-c", AGENT, BINARY, &steps.to_string()]);
        let mut path: OsString = self.sandbox.path("data/airlock-exec/shims").into();
        path.push(":");
        path.push(self.sandbox.path("bin"));
        path.push(":/usr/bin:/bin");
        command.env("PATH", path);
        command
    }

    /// Runs the agent, approves the first question, and expects no other.
    #[track_caller]
    pub(super) fn approved_once(&self, steps: &Value) -> Output {
        let running = Running::start(&mut self.agent(steps));
        self.sandbox.approve(&self.sandbox.pending());
        let output = running.finish();
        assert_eq!(self.asked(), 1, "{output:?}");
        output
    }

    /// Returns how many requests were made.
    pub(super) fn asked(&self) -> usize {
        self.sandbox.records_of("requested").len()
    }
}

pub(super) fn said(output: &Output) -> Vec<String> {
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}
