//! Programs that start a shell: which of them start ours.

use super::{approved, link, printed};
use crate::support::{Running, Sandbox, eventually};
use std::fs;

#[test]
fn make_npm_python_and_others_take_it_as_their_shell() {
    let sandbox = Sandbox::new();
    let wrapper = link(&sandbox, "airlock-sh");
    let shell = wrapper.to_str().expect("text");
    let work = sandbox.work();
    fs::write(work.join("Makefile"), "all:\n\t@echo made-$$((1+1)) | cat\n").expect("written");
    let package = r#"{"name":"x","version":"1.0.0","scripts":{"go":"echo npm-$((1+1)) | cat"}}"#;
    fs::write(work.join("package.json"), package).expect("written");
    let python = "import subprocess, sys\n\
        subprocess.run('echo python-$((1+1)) | cat', shell=True, executable=sys.argv[1])";
    let mut make = sandbox.program("make");
    make.arg(format!("SHELL={shell}"));
    let mut npm = sandbox.program("npm");
    npm.args(["run", "--silent", "go"]).env("npm_config_script_shell", shell);
    npm.env("npm_config_update_notifier", "false");
    let mut python3 = sandbox.program("python3");
    python3.args(["-c", python, shell]);
    let mut script = sandbox.program("script");
    script.args(["-qec", "echo script-$((1+1)) | cat", "/dev/null"]).env("SHELL", shell);
    for (command, said) in [
        (&mut make, "made-2"),
        (&mut npm, "npm-2"),
        (&mut python3, "python-2"),
        (&mut script, "script-2"),
    ] {
        let running = Running::start(command);
        let pending = sandbox.pending();
        assert!(!running.stdout().contains(said), "it ran before it was approved");
        sandbox.approve(&pending);
        let output = running.finish();
        assert!(printed(&output).contains(said), "{said}: {output:?}");
    }
}

#[test]
fn what_starts_sh_by_its_path_is_not_caught() {
    // What a variable cannot reach: a shim or an agent's hook sees the outer command.
    let sandbox = Sandbox::new();
    let wrapper = link(&sandbox, "airlock-sh");
    let repository = sandbox.work();
    let init = sandbox.program("git").args(["init", "-q"]).status().expect("git");
    assert!(init.success());
    fs::write(repository.join("Makefile"), "all:\n\t@echo caught-not\n").expect("written");
    let python = "import subprocess; subprocess.run('echo caught-not', shell=True)";
    let node = "require('child_process').exec('echo caught-not', (e, out) => console.log(out))";
    for words in [
        &["make"][..],
        &["python3", "-c", python],
        &["node", "-e", node],
        &["perl", "-e", "system('echo caught-not;')"],
        &["git", "-c", "alias.x=!echo caught-not", "x"],
        &["npm", "exec", "--offline", "--call", "echo caught-not"],
    ] {
        let mut command = sandbox.program(words[0]);
        let output = Running::start(command.args(&words[1..]).env("SHELL", &wrapper)).finish();
        assert!(printed(&output).contains("caught-not"), "{words:?}: {output:?}");
    }
    assert!(sandbox.pending_now().is_empty());
}

#[test]
fn editors_and_multiplexers_take_it_as_the_shell() {
    let sandbox = Sandbox::new();
    let wrapper = link(&sandbox, "airlock-sh");
    let made = |name: &str| sandbox.work().join(name);
    let mut vim = sandbox.program("vim");
    vim.args(["-u", "NONE", "-es", "-c", "!touch by-vim", "-c", "qa!"]);
    let running = Running::start(vim.env("SHELL", &wrapper));
    let pending = sandbox.pending_with("touch by-vim");
    assert!(!made("by-vim").exists());
    sandbox.approve(&pending);
    running.finish();
    assert!(made("by-vim").exists());

    let socket = sandbox.path("tmux");
    let mut tmux = sandbox.program("tmux");
    tmux.arg("-S").arg(&socket).args(["-f", "/dev/null", "new-session", "-d", "touch by-tmux"]);
    let output = tmux.env("SHELL", &wrapper).output().expect("tmux");
    assert!(output.status.success(), "{output:?}");
    let pending = sandbox.pending_with("touch by-tmux");
    assert!(!made("by-tmux").exists());
    sandbox.approve(&pending);
    eventually("the file", || made("by-tmux").exists().then_some(()));
}

#[test]
fn a_shell_of_ours_inside_a_shell_of_ours_asks_once() {
    let sandbox = Sandbox::new();
    let wrapper = link(&sandbox, "airlock-sh");
    let text = format!("'{0}' -c \"'{0}' -c 'touch deep; true'; true\"; true", wrapper.display());
    let output = approved(&sandbox, sandbox.program(&wrapper).args(["-c", &text]), b"");
    assert!(output.status.success(), "{output:?}");
    assert!(sandbox.work().join("deep").exists());
    assert!(sandbox.pending_now().is_empty());
}

#[test]
fn an_agent_that_asks_for_the_version_first_gets_it() {
    let sandbox = Sandbox::new();
    sandbox.policy("");
    for (name, says) in
        [("airlock-bash", "GNU bash"), ("airlock-zsh", "zsh "), ("airlock-fish", "fish, ")]
    {
        let wrapper = link(&sandbox, name);
        let output = Running::start(sandbox.program(wrapper).arg("--version")).finish();
        assert!(printed(&output).starts_with(says), "{output:?}");
    }
}
