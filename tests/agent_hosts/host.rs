//! Each agent: how it is installed, told of the model, and started for one task.

use crate::support::{Sandbox, eventually, npm_and_then};
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

/// With this Codex runs hooks that nobody looked at in `/hooks`.
pub(crate) const TRUSTED: &str = "--dangerously-bypass-hook-trust";

/// An agent.
pub(crate) struct Agent {
    /// Our word for it.
    pub(crate) host: &'static str,
    /// Its package in the npm registry, and the version.
    pub(crate) package: (&'static str, &'static str),
    /// What makes it complete, where npm was not let run anything.
    script: Option<&'static str>,
    program: &'static str,
    pub(crate) words: Vec<&'static str>,
    /// Variables; `<model>` is its address.
    variables: &'static [(&'static str, &'static str)],
    /// A file of its own below the home directory, and its text, as above. The text
    /// of JSON is merged into a file that is there.
    file: Option<(&'static str, &'static str)>,
}

const PLAIN: Agent = Agent {
    host: "",
    package: ("", ""),
    script: None,
    program: "",
    words: Vec::new(),
    variables: &[],
    file: None,
};

pub(crate) fn claude_code() -> Agent {
    Agent {
        host: "claude-code",
        package: ("@anthropic-ai/claude-code", "2.1.332"),
        script: Some("install.cjs"),
        program: "claude",
        words: vec!["-p", "go", "--dangerously-skip-permissions"],
        variables: &[
            ("ANTHROPIC_BASE_URL", "<model>"),
            ("ANTHROPIC_API_KEY", "none"),
            ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
            ("DISABLE_AUTOUPDATER", "1"),
            // Root may not skip its questions elsewhere.
            ("IS_SANDBOX", "1"),
        ],
        ..PLAIN
    }
}

pub(crate) fn codex() -> Agent {
    Agent {
        host: "codex",
        package: ("@openai/codex", "0.171.0"),
        program: "codex",
        words: vec![
            "exec",
            "--skip-git-repo-check",
            "--dangerously-bypass-approvals-and-sandbox",
            TRUSTED,
            "go",
        ],
        variables: &[("MODEL_KEY", "none")],
        file: Some((
            ".codex/config.toml",
            "model = \"m\"\nmodel_provider = \"local\"\n[model_providers.local]\nname = \"local\"\n\
             base_url = \"<model>/v1\"\nwire_api = \"responses\"\nenv_key = \"MODEL_KEY\"\n\
             [features]\nplugins = false\n[analytics]\nenabled = false\n",
        )),
        ..PLAIN
    }
}

/// Continue's command line, which fires no hooks and starts the shell of `SHELL`.
pub(crate) fn continue_cli() -> Agent {
    Agent {
        package: ("@continuedev/cli", "1.5.47"),
        program: "cn",
        words: vec!["--auto", "-p", "go"],
        // What it would tell its maker goes nowhere.
        variables: &[("CONTINUE_TELEMETRY_ENABLED", "0"), ("https_proxy", "http://127.0.0.1:9")],
        file: Some((
            ".continue/config.yaml",
            "name: local\nversion: 1.0.0\nschema: v1\nmodels:\n- name: m\n  provider: openai\n  \
             model: m\n  apiBase: <model>/v1\n  apiKey: none\n  roles: [chat]\n  \
             capabilities: [tool_use]\n",
        )),
        ..PLAIN
    }
}

pub(crate) fn copilot() -> Agent {
    Agent {
        host: "copilot",
        package: ("@github/copilot", "1.0.102"),
        program: "copilot",
        words: vec!["--allow-all-tools", "-p", "go"],
        variables: &[
            ("COPILOT_OFFLINE", "true"),
            ("COPILOT_AUTO_UPDATE", "false"),
            ("COPILOT_MODEL", "gpt-4.1"),
            ("COPILOT_PROVIDER_BASE_URL", "<model>/v1"),
            ("COPILOT_PROVIDER_API_KEY", "none"),
        ],
        ..PLAIN
    }
}

pub(crate) fn droid() -> Agent {
    Agent {
        host: "droid",
        package: ("droid", "0.215.0"),
        program: "droid",
        words: vec!["exec", "--skip-permissions-unsafe", "-m", "custom:m", "go"],
        // What it would tell its maker goes nowhere.
        variables: &[("FACTORY_API_KEY", "fk-none"), ("https_proxy", "http://127.0.0.1:9")],
        file: Some((
            ".factory/config.json",
            r#"{"custom_models":[{"model_display_name":"m","model":"m","base_url":"<model>/v1",
            "api_key":"none","provider":"generic-chat-completion-api","max_tokens":1000}]}"#,
        )),
        ..PLAIN
    }
}

pub(crate) fn gemini() -> Agent {
    Agent {
        host: "gemini",
        package: ("@google/gemini-cli", "0.61.0"),
        program: "gemini",
        words: vec!["--yolo", "-m", "gemini-2.5-pro", "-p", "go"],
        variables: &[
            ("GEMINI_API_KEY", "none"),
            ("GOOGLE_GEMINI_BASE_URL", "<model>"),
            ("GEMINI_CLI_TRUST_WORKSPACE", "true"),
        ],
        file: Some((
            ".gemini/settings.json",
            r#"{"security":{"auth":{"selectedType":"gemini-api-key"}},
            "general":{"disableAutoUpdate":true},"privacy":{"usageStatisticsEnabled":false}}"#,
        )),
        ..PLAIN
    }
}

pub(crate) fn opencode() -> Agent {
    Agent {
        host: "opencode",
        package: ("opencode-ai", "1.18.33"),
        program: "opencode",
        words: vec!["run", "go"],
        variables: &[("OPENCODE_DISABLE_MODELS_FETCH", "1"), ("OPENCODE_DISABLE_AUTOUPDATE", "1")],
        file: Some((
            "../config/opencode/opencode.json",
            r#"{"model":"local/m","autoupdate":false,"share":"disabled","provider":{"local":{
            "npm":"@ai-sdk/openai-compatible","name":"local","models":{"m":{"name":"m"}},
            "options":{"baseURL":"<model>/v1","apiKey":"none"}}}}"#,
        )),
        // It puts the program for this machine in its place.
        script: Some("postinstall.mjs"),
    }
}

pub(crate) fn pi() -> Agent {
    Agent {
        host: "pi",
        package: ("@mariozechner/pi-coding-agent", "0.73.1"),
        program: "pi",
        words: vec!["--provider", "local", "--model", "m", "-p", "go"],
        variables: &[("PI_OFFLINE", "1")],
        file: Some((
            ".pi/agent/models.json",
            r#"{"providers":{"local":{"baseUrl":"<model>/v1","api":"openai-completions","apiKey":"none",
            "models":[{"id":"m","name":"m","reasoning":false,"input":["text"],"contextWindow":9000,
            "maxTokens":1000,"cost":{"input":0,"output":0,"cacheRead":0,"cacheWrite":0}}]}}}"#,
        )),
        ..PLAIN
    }
}

pub(crate) fn qwen() -> Agent {
    Agent {
        host: "qwen",
        package: ("@qwen-code/qwen-code", "0.15.10"),
        program: "qwen",
        words: vec!["--yolo", "go"],
        variables: &[
            ("OPENAI_API_KEY", "none"),
            ("OPENAI_BASE_URL", "<model>/v1"),
            ("OPENAI_MODEL", "m"),
        ],
        ..PLAIN
    }
}

impl Agent {
    /// Returns the agent, ready to do what the model says.
    pub(crate) fn command(&self, sandbox: &Sandbox, model: &Model) -> Command {
        let (package, version) = self.package;
        let programs = npm_and_then(package, version, self.script);
        if let Some((name, text)) = self.file {
            let path = sandbox.path("home").join(name);
            fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
            let text = text.replace("<model>", &model.address);
            let text = match fs::read(&path) {
                Ok(there) if path.extension().is_some_and(|kind| kind == "json") => {
                    merged(&there, &text)
                }
                _ => text,
            };
            fs::write(path, text).expect("written");
        }
        let mut path: OsString = sandbox.path("bin").into();
        path.push(":");
        path.push(&programs);
        path.push(":/usr/local/bin:/usr/bin:/bin");
        let mut command = sandbox.program(programs.join(self.program));
        command.args(&self.words).env("PATH", path).env("SHELL", "/bin/bash");
        for (name, value) in self.variables {
            command.env(name, value.replace("<model>", &model.address));
        }
        command
    }
}

/// Adds the members of a JSON object to those of another.
fn merged(there: &[u8], more: &str) -> String {
    let read = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).expect("JSON");
    let (mut whole, more) = (read(there), read(more.as_bytes()));
    let members = whole.as_object_mut().expect("an object");
    members.extend(more.as_object().expect("an object").clone());
    whole.to_string()
}

/// A model on loopback that asks for commands.
pub(crate) struct Model {
    process: Child,
    address: String,
    results: Arc<Mutex<Vec<String>>>,
}

impl Model {
    /// Starts one that asks for these, one after the other.
    pub(crate) fn start(sandbox: &Sandbox, commands: &[String]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agent_hosts/model.mjs");
        let mut node = sandbox.program("node");
        node.arg(script).args(commands).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = node.spawn().expect("node; tests/run installs it");
        let mut lines = BufReader::new(process.stdout.take().expect("a pipe")).lines();
        let port = lines.next().expect("a line").expect("its port");
        let results = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&results);
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let result = serde_json::from_str(&line).expect("a JSON text");
                shared.lock().expect("no reader panics").push(result);
            }
        });
        Self { process, address: format!("http://127.0.0.1:{port}"), results }
    }

    /// Returns what came back of each command, once the agent has ended.
    pub(crate) fn results(&self) -> Vec<String> {
        let results = || self.results.lock().expect("no reader panics").clone();
        eventually("a result", || Some(results()).filter(|results| !results.is_empty()))
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Writes down what Codex does when a person trusts our hook in `/hooks`.
pub(crate) fn trust_in_codex(sandbox: &Sandbox) {
    let hooks = sandbox.path("home/.codex/hooks.json");
    let text = fs::read(&hooks).expect("the hook is installed");
    let whole: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    let command = &whole["hooks"]["PreToolUse"][0]["hooks"][0]["command"];
    // The order and the one more member are its own.
    let digested = format!(
        r#"{{"event_name":"pre_tool_use","hooks":[{{"async":false,"command":{command},"timeout":600,"type":"command"}}]}}"#
    );
    let digest = airlock_exec::crypto::Sha256Digest::of(digested.as_bytes());
    let state = format!(
        "[hooks.state.\"{}:pre_tool_use:0:0\"]\ntrusted_hash = \"sha256:{digest}\"\n",
        hooks.display()
    );
    let config = sandbox.path("home/.codex/config.toml");
    let text = fs::read_to_string(&config).expect("written before");
    fs::write(config, text + &state).expect("written");
}
