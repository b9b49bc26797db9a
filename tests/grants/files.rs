//! Files that the words of a grant name: what may be run by it must not change.

use super::*;

/// Makes a program of that name that leaves a line in `ran`, and the files in the working
/// directory.
fn scene(sandbox: &Sandbox, program: &str, files: &[&str]) {
    sandbox.script(program, &format!("echo \"$@\" >> {}", sandbox.path("ran").display()));
    for file in files {
        let path = sandbox.work().join(file);
        fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        fs::write(path, "one").expect("a file");
    }
}

#[test]
fn a_file_that_fixed_words_name_must_not_change() {
    for (command, files) in [
        (&["go", "run", "a.go", "b.go"][..], &["a.go", "b.go"][..]),
        (&["ansible-playbook", "a.yml", "b.yml"], &["a.yml", "b.yml"]),
        (&["uv", "run", "f.py"], &["f.py"]),
        (&["node", "--title", "x", "a.js"], &["x", "a.js"]),
        (&["java", "F.java"], &["F.java"]),
        (&["bun", "f.js"], &["f.js"]),
        (&["lua", "-e", "x", "f.lua"], &["f.lua"]),
        (&["tool", "--config=f.toml"], &["f.toml"]),
        (&["tool", "--in", "sub", "f"], &["sub/f"]),
        (&["tar", "-I", "./f -9", "-cf", "o"], &["f"]),
        (&["ssh", "-o", "ProxyCommand=./f %h", "h"], &["f"]),
        (&["rsync", "-avze./f -x", "a", "b"], &["f"]),
        (&["git", "-c", "alias.x=!./f", "x"], &["f"]),
        (&["install", "-s", "--strip-program=./f", "a", "b"], &["f"]),
        (&["ruby", "-r", "./lib", "s.rb"], &["lib.rb", "s.rb"]),
        (&["sed", "1e ./f", "text"], &["f"]),
        (&["vim", "-es", "-c", "source f", "text"], &["f"]),
    ] {
        let sandbox = Sandbox::new();
        scene(&sandbox, command[0], files);
        let grant = [&["--uses", "9", "--"], command].concat();
        granted(&sandbox, &grant);
        covered(&sandbox, command);
        for file in files {
            let path = sandbox.work().join(file);
            fs::write(&path, "two").expect("changed");
            let said = asks(&sandbox, &mut briefly(&sandbox, command));
            let name = path.file_name().expect("a name").display();
            assert!(said.contains(&format!("{name} changed since")), "{command:?}: {said}");
            fs::write(&path, "one").expect("restored");
            covered(&sandbox, command);
        }
    }
}

#[test]
fn a_file_of_that_name_that_comes_to_be_later_is_not_granted() {
    let sandbox = Sandbox::new();
    scene(&sandbox, "tool", &["below/other"]);
    granted(&sandbox, &["--uses", "9", "--", "tool", "f"]);
    covered(&sandbox, &["tool", "f"]);
    let below = sandbox.work().join("below");
    fs::write(below.join("f"), "one").expect("a file");
    covered(&sandbox, &["tool", "f"]);
    let said = asks(&sandbox, briefly(&sandbox, &["tool", "f"]).current_dir(&below));
    assert!(said.contains("which it does not name"), "{said}");
    fs::write(sandbox.work().join("f"), "one").expect("a file");
    let said = asks(&sandbox, &mut briefly(&sandbox, &["tool", "f"]));
    assert!(said.contains("which it does not name"), "{said}");
}

#[test]
fn the_approver_sees_which_files_and_not_what_they_hold() {
    let sandbox = Sandbox::new();
    scene(&sandbox, "tool", &["settings"]);
    let (running, pending) = requested(&sandbox, &["--", "tool", "settings"]);
    let artifact = sandbox.plaintext(&pending);
    let files = artifact["files"].as_array().expect("files");
    let path = sandbox.work().join("settings");
    let named = files.iter().find(|file| file["path"] == path.to_str().expect("text"));
    let named = named.expect("the file");
    assert!(named["sha256"].is_string() && named["preview"].is_null(), "{named}");
    sandbox.reject(&pending, "no");
    running.finish();
}

#[test]
fn a_directory_that_is_named_is_said_not_to_be_bound() {
    let sandbox = Sandbox::new();
    scene(&sandbox, "tool", &["sub/f"]);
    let (running, pending) = requested(&sandbox, &["--", "tool", "sub"]);
    let notes = sandbox.plaintext(&pending)["notes"].to_string();
    assert!(notes.contains("sub is a directory: what lies in it may change"), "{notes}");
    sandbox.reject(&pending, "no");
    running.finish();
}

#[test]
fn data_may_change() {
    let sandbox = Sandbox::new();
    let work = sandbox.work();
    let read = |name: &str| fs::read_to_string(work.join(name)).expect("a file");
    let run = |command: &[&str]| {
        let output = Running::start(&mut briefly(&sandbox, command)).finish();
        assert!(output.status.success(), "{command:?}: {output:?}");
    };
    fs::write(work.join("README.md"), "one").expect("a file");
    granted(&sandbox, &["--uses", "9", "--", "cp", "README.md", "copy"]);
    run(&["cp", "README.md", "copy"]);
    fs::write(work.join("README.md"), "two").expect("changed");
    run(&["cp", "README.md", "copy"]);
    assert_eq!(read("copy"), "two");
    assert!(sandbox.program("git").args(["init", "-q"]).status().expect("git").success());
    granted(&sandbox, &["--uses", "9", "--", "git", "add", "README.md"]);
    run(&["git", "add", "README.md"]);
    fs::write(work.join("README.md"), "three").expect("changed");
    run(&["git", "add", "README.md"]);
    // What stands for {} is not fixed.
    scene(&sandbox, "tool", &["f"]);
    granted(&sandbox, &["--uses", "9", "--", "tool", "{}"]);
    covered(&sandbox, &["tool", "f"]);
    fs::write(work.join("f"), "two").expect("changed");
    covered(&sandbox, &["tool", "f"]);
}
