//! What was reviewed is what runs: a file that changes during the wait stops it.

#[path = "bound_files/named.rs"]
mod named;
mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Output;
use support::{Canary, Pending, Running, Sandbox};

/// A script that leaves the proof that it ran.
fn proof(canary: &Canary) -> String {
    format!("#!/bin/sh\n: > '{}'\n", canary.path().display())
}

fn write(path: &Path, content: &str) {
    fs::write(path, content).expect("a file");
    fs::set_permissions(path, Permissions::from_mode(0o755)).expect("an executable file");
}

/// Asks for a command, changes something while it waits, approves, and returns its end.
fn changed_meanwhile(sandbox: &Sandbox, command: &[&str], change: impl FnOnce()) -> Output {
    let running = sandbox.start([&["--"], command].concat());
    let pending = sandbox.pending();
    change();
    sandbox.approve(&pending);
    running.finish()
}

#[track_caller]
fn assert_refused(output: &Output, file: &Path) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(123), "{error}");
    assert!(output.stdout.is_empty(), "standard output is the command's");
    for said in ["nothing was executed", "the approval is spent", &file.display().to_string()] {
        assert!(error.contains(said), "{said:?} is not in: {error}");
    }
}

/// Returns the paths of the files that the approver is shown.
fn files(sandbox: &Sandbox, pending: &Pending) -> Vec<PathBuf> {
    let artifact = sandbox.plaintext(pending);
    let files = artifact["files"].as_array().expect("files").iter();
    files.map(|file| file["path"].as_str().expect("a path").into()).collect()
}

#[test]
fn refuses_an_executable_script_that_was_rewritten_in_place() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let script = sandbox.script("tool", "true");
    let output = changed_meanwhile(&sandbox, &["tool"], || write(&script, &proof(&canary)));
    assert_refused(&output, &script);
    assert_eq!(String::from_utf8_lossy(&output.stderr).matches("sha256").count(), 1);
    canary.assert_absent();
}

#[test]
fn refuses_an_executable_script_that_was_replaced() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let script = sandbox.script("tool", "true");
    let output = changed_meanwhile(&sandbox, &["tool"], || {
        write(&sandbox.path("new"), &proof(&canary));
        fs::rename(sandbox.path("new"), &script).expect("renamed");
    });
    assert_refused(&output, &script);
    canary.assert_absent();
}

#[test]
fn refuses_a_script_operand_that_changed() {
    for command in [
        &["sh", "x.sh"][..],
        &["bash", "-e", "x.sh"],
        &["bash", "-oe", "pipefail", "x.sh"],
        &["flock", "lock", "sh", "x.sh"],
        &["flock", "lock", "./x.sh"],
        &["setpriv", "./x.sh"],
        &["xargs", "./x.sh"],
        &["env", "A=1", "sh", "x.sh"],
        &["timeout", "20", "sh", "x.sh"],
    ] {
        let sandbox = Sandbox::new();
        let canary = sandbox.canary();
        let script = sandbox.work().join("x.sh");
        write(&script, "true\n");
        let output = changed_meanwhile(&sandbox, command, || write(&script, &proof(&canary)));
        assert_refused(&output, &script);
        canary.assert_absent();
    }
}

#[test]
fn refuses_when_any_file_changed_that_these_programs_run() {
    for (command, files) in [
        (&["go", "run", "a.go", "b.go"][..], &["a.go", "b.go"][..]),
        (&["ansible-playbook", "a.yml", "b.yml"], &["a.yml", "b.yml"]),
        (&["uv", "run", "f.py"], &["f.py"]),
        (&["uv", "run", "--odd", "x", "f"], &["f"]),
        (&["node", "--odd", "x", "a.js"], &["x", "a.js"]),
        (&["python3", "--odd", "x", "a.py"], &["a.py"]),
        (&["java", "-cp", "lib", "F.java"], &["F.java"]),
        (&["bun", "f.js"], &["f.js"]),
        (&["deno", "f.ts"], &["f.ts"]),
        (&["lua", "-e", "x", "f.lua"], &["f.lua"]),
    ] {
        let sandbox = Sandbox::new();
        let canary = sandbox.canary();
        sandbox.script(command[0], &proof(&canary));
        let path = |file: &str| sandbox.work().join(file);
        for file in files {
            write(&path(file), "one\n");
        }
        let last = path(files.last().expect("a file"));
        let output = changed_meanwhile(&sandbox, command, || write(&last, "two\n"));
        assert_refused(&output, &last);
        canary.assert_absent();
    }
}

#[test]
fn an_approval_of_what_changed_is_spent_also_when_it_is_put_back() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let script = sandbox.work().join("x.sh");
    let sound = proof(&canary);
    write(&script, &sound);
    let command = &["sh", "x.sh"];
    let output = changed_meanwhile(&sandbox, command, || write(&script, "exit 0\n"));
    assert_refused(&output, &script);
    write(&script, &sound);
    let running = sandbox.start(["--wait", "60s", "--", "sh", "x.sh"]);
    sandbox.reject(&sandbox.pending(), "asked anew");
    assert_eq!(running.finish().status.code(), Some(120));
    canary.assert_absent();
}

#[test]
fn refuses_a_script_that_a_symbolic_link_leads_elsewhere_to() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let link = sandbox.work().join("x.sh");
    write(&sandbox.work().join("good"), "true\n");
    write(&sandbox.work().join("evil"), &proof(&canary));
    symlink("good", &link).expect("a link");
    let output = changed_meanwhile(&sandbox, &["sh", "x.sh"], || {
        fs::remove_file(&link).expect("removed");
        symlink("evil", &link).expect("a link");
    });
    assert_refused(&output, &link);
    canary.assert_absent();
}

#[test]
fn refuses_a_script_that_was_not_there_when_it_was_reviewed() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let script = sandbox.work().join("x.sh");
    let output = changed_meanwhile(&sandbox, &["sh", "x.sh"], || write(&script, &proof(&canary)));
    assert_refused(&output, &script);
    canary.assert_absent();
}

#[test]
fn refuses_a_makefile_that_would_be_read_before_the_reviewed_one() {
    let sandbox = Sandbox::new();
    // Any program of that name is a make to us: the file is what counts.
    sandbox.script("make", ". ./makefile 2>/dev/null || . ./Makefile");
    let canary = sandbox.canary();
    write(&sandbox.work().join("Makefile"), "true\n");
    let other = sandbox.work().join("makefile");
    let output = changed_meanwhile(&sandbox, &["make"], || write(&other, &proof(&canary)));
    assert_refused(&output, &other);
    canary.assert_absent();
}

#[test]
fn refuses_when_the_interpreter_changed() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let interpreter = sandbox.path("bin/interpreter");
    fs::copy("/bin/sh", &interpreter).expect("a copy of sh");
    let script = sandbox.path("bin/tool");
    write(&script, &format!("#!{}\ntrue\n", interpreter.display()));
    let output = changed_meanwhile(&sandbox, &["tool"], || {
        fs::remove_file(&interpreter).expect("removed");
        write(&interpreter, &proof(&canary));
    });
    assert_refused(&output, &interpreter);
    canary.assert_absent();
}

#[test]
fn a_program_put_first_on_path_meanwhile_does_not_run() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let output = changed_meanwhile(&sandbox, &["echo", "reviewed"], || {
        write(&sandbox.path("bin/echo"), &proof(&canary));
    });
    assert_eq!(output.stdout, b"reviewed\n", "{output:?}");
    canary.assert_absent();
}

#[test]
fn a_program_put_first_on_path_meanwhile_does_not_run_in_another_either() {
    for command in [
        &["env", "tool"][..],
        &["nice", "tool"],
        &["timeout", "20", "tool"],
        &["./script"],
        &["env", "PATH=earlier:later:/usr/bin:/bin", "tool"],
    ] {
        let sandbox = Sandbox::new();
        let canary = sandbox.canary();
        for directory in ["earlier", "later"] {
            fs::create_dir(sandbox.work().join(directory)).expect("a directory");
        }
        write(&sandbox.work().join("later/tool"), "#!/bin/sh\necho reviewed\n");
        write(&sandbox.work().join("script"), "#!/usr/bin/env tool\n");
        let path = format!("{0}/earlier:{0}/later:/usr/bin:/bin", sandbox.work().display());
        let mut wrapped = sandbox.airlock([&["--"], command].concat());
        let running = Running::start(wrapped.env("PATH", &path));
        let pending = sandbox.pending();
        let earlier = sandbox.work().join("earlier/tool");
        write(&earlier, &proof(&canary));
        sandbox.approve(&pending);
        assert_refused(&running.finish(), Path::new("earlier/tool"));
        canary.assert_absent();
        fs::remove_file(&earlier).expect("removed");
        let running = Running::start(wrapped.env("PATH", &path));
        sandbox.approve(&sandbox.pending());
        assert_eq!(running.finish().stdout, b"reviewed\n", "{command:?}");
    }
}

#[test]
fn shows_the_program_that_is_found_where_env_looks() {
    let sandbox = Sandbox::new();
    for (directory, text) in [("here", "one"), ("there", "two")] {
        fs::create_dir(sandbox.work().join(directory)).expect("a directory");
        let tool = sandbox.work().join(directory).join("tool");
        write(&tool, &format!("#!/bin/sh\necho {text}\n"));
    }
    let [here, there] = ["here", "there"].map(|name| sandbox.work().join(name));
    let path = format!("PATH={}:/usr/bin:/bin", there.display());
    let mut wrapped = sandbox.airlock(["--", "env", &path, "tool"]);
    let running = Running::start(wrapped.env("PATH", format!("{}:/usr/bin:/bin", here.display())));
    let pending = sandbox.pending();
    let found = files(&sandbox, &pending);
    assert!(
        found.contains(&there.join("tool")) && !found.contains(&here.join("tool")),
        "{found:?}"
    );
    sandbox.approve(&pending);
    assert_eq!(running.finish().stdout, b"two\n");
}

#[test]
fn shows_the_script_that_a_shell_finds_on_path() {
    let sandbox = Sandbox::new();
    let script = sandbox.script("tool", "echo found");
    let running = sandbox.start(["--", "bash", "tool"]);
    let pending = sandbox.pending();
    let found = files(&sandbox, &pending);
    assert!(found.contains(&script), "{found:?}");
    sandbox.approve(&pending);
    assert_eq!(running.finish().stdout, b"found\n");
}

#[test]
fn a_program_that_was_replaced_runs_as_it_was() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let program = sandbox.path("bin/tool");
    fs::copy("/bin/echo", &program).expect("a copy of echo");
    let output = changed_meanwhile(&sandbox, &["tool", "reviewed"], || {
        fs::remove_file(&program).expect("removed");
        write(&program, &proof(&canary));
    });
    assert_eq!(output.stdout, b"reviewed\n", "{output:?}");
    canary.assert_absent();
}

#[test]
fn runs_what_did_not_change_and_showed_it() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let script = sandbox.work().join("x.sh");
    write(&script, &proof(&canary));
    let running = sandbox.start(["--", "sh", "-e", "x.sh"]);
    let pending = sandbox.pending();
    assert_eq!(files(&sandbox, &pending), [script]);
    let shown = sandbox.airlock(["approver", "show", &pending.id]).output().expect("it starts");
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains(": > '"), "the script's text is not in: {shown}");
    assert!(shown.contains("not atomic"), "{shown}");
    sandbox.approve(&pending);
    assert!(running.finish().status.success());
    canary.assert_present();
}

#[test]
fn shows_a_script_its_interpreter_and_what_env_finds() {
    let sandbox = Sandbox::new();
    let script = sandbox.path("bin/tool");
    write(&script, "#!/usr/bin/env sh\ntrue\n");
    let running = sandbox.start(["--", "tool"]);
    let pending = sandbox.pending();
    let found = files(&sandbox, &pending);
    assert_eq!(found[..2], [script, "/usr/bin/env".into()]);
    assert!(found[2].ends_with("bin/sh"), "{found:?}");
    sandbox.approve(&pending);
    assert!(running.finish().status.success());
}

#[test]
fn says_what_it_is_not_bound_to() {
    let sandbox = Sandbox::new();
    sandbox.script("ssh", "true");
    sandbox.script("python3", "true");
    write(&sandbox.work().join("x.sh"), ". ./other\n");
    for (command, said) in [
        ("python3 -m http.server", "the module is looked up by its name and is not part of this"),
        ("bash <(echo true)", "is a pipe: its content is not part of this"),
        ("bash -c '. ./x.sh'", "files that the program text names are not part of this"),
        ("bash x.sh", "what these files load or include in turn is not part of this"),
        ("ssh host reboot", "what runs on the other machine is not part of this"),
        ("script -qec ./x.sh typescript", "files that the program text names are not part of this"),
        ("find x.sh -exec ./x.sh ';'", "files that the program text names are not part of this"),
        ("xargs ./x.sh", "what it reads becomes arguments and is not part of this"),
    ] {
        let mut shell = sandbox.program("bash");
        shell.args(["-c", &format!("{} -- {command}", support::BINARY)]);
        let running = Running::start(&mut shell);
        let pending = sandbox.pending();
        let notes = sandbox.plaintext(&pending)["notes"].to_string();
        assert!(notes.contains(said), "{command}: {notes}");
        sandbox.reject(&pending, "no");
        assert_eq!(running.finish().status.code(), Some(120), "{command}");
    }
}
