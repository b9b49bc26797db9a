//! Programs that the words of another name: what may be run must not change.

use super::*;

#[test]
fn refuses_when_a_program_changed_that_words_of_another_name() {
    for command in [
        &["find", "f", "-exec", "./x", ";"][..],
        &["find", "f", "-name", "f", "-execdir", "sh", "./x", "{}", "+"],
        &["fd", "f", "-x", "./x"],
        &["tar", "-I", "sh ./x -9", "-cf", "o.tar", "f"],
        &["tar", "--use-compress-program=./x", "-cf", "o.tar", "f"],
        &["tar", "--to-command", "./x", "-xf", "f"],
        &["tar", "--checkpoint=1", "--checkpoint-action=exec=./x", "-cf", "o.tar", "f"],
        &["rsync", "-ave", "./x -q", "f", "h:f"],
        &["ssh", "-o", "ProxyCommand=sh ./x %h", "h"],
        &["scp", "-S", "./x", "f", "h:f"],
        &["make", "SHELL=./x", "f"],
        &["git", "-c", "alias.y=!sh ./x", "y"],
        &["git", "bisect", "run", "./x"],
        &["git", "rebase", "-x", "sh ./x", "main"],
        &["xargs", "-a", "f", "sh", "./x"],
        &["prlimit", "--nofile=9", "sh", "./x"],
        &["setarch", "x86_64", "sh", "./x"],
        &["ssh-agent", "./x"],
        &["run-parts", "./parts"],
        &["ld-linux-x86-64.so.2", "--argv0", "y", "./x"],
        &["odd", "--plugin=./x"],
        &["bash", "-c", "true && ./x"],
    ] {
        let sandbox = Sandbox::new();
        let canary = sandbox.canary();
        sandbox.script(command[0], &proof(&canary));
        let script = sandbox.work().join(if command[0] == "run-parts" { "parts/x" } else { "x" });
        fs::create_dir(sandbox.work().join("parts")).expect("a directory");
        write(&script, "true\n");
        fs::write(sandbox.work().join("f"), "data").expect("a file");
        let output = changed_meanwhile(&sandbox, command, || {
            fs::write(sandbox.work().join("f"), "other data").expect("a file");
            write(&script, "false\n");
        });
        assert_refused(&output, Path::new("x"));
        canary.assert_absent();
    }
}

#[test]
fn data_that_words_name_may_change() {
    for command in [&["odd", "f"][..], &["tar", "-cf", "o.tar", "f"], &["cp", "x", "f"]] {
        let sandbox = Sandbox::new();
        let canary = sandbox.canary();
        sandbox.script(command[0], &proof(&canary));
        let data = sandbox.work().join("f");
        fs::write(&data, "data").expect("a file");
        write(&sandbox.work().join("x"), "true\n");
        let output = changed_meanwhile(&sandbox, command, || {
            fs::write(&data, "other data").expect("a file");
        });
        assert!(output.status.success(), "{command:?}: {output:?}");
        canary.assert_present();
    }
}

#[test]
fn a_late_approval_is_not_for_a_program_that_changed() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    sandbox.script("odd", ". ./x");
    let script = sandbox.work().join("x");
    write(&script, "true\n");
    let running = sandbox.start(["--", "odd", "--with", "./x"]);
    let pending = sandbox.pending();
    running.signal(nix::sys::signal::Signal::SIGKILL);
    running.finish();
    sandbox.approve(&pending);
    write(&script, &proof(&canary));
    let running = sandbox.start(["--wait", "60s", "--", "odd", "--with", "./x"]);
    sandbox.reject(&sandbox.pending(), "asked anew");
    assert_eq!(running.finish().status.code(), Some(120));
    canary.assert_absent();
}

#[test]
fn says_what_is_too_much_to_be_compared() {
    let sandbox = Sandbox::new();
    sandbox.script("odd", "true");
    let large = sandbox.work().join("large");
    write(&large, "true\n");
    fs::File::options()
        .write(true)
        .open(&large)
        .and_then(|file| file.set_len(1 << 30))
        .expect("long");
    let many: Vec<String> = (0..200).map(|number| format!("./x{number:03}")).collect();
    for name in &many {
        write(&sandbox.work().join(name), "true\n");
    }
    let mut words = vec!["--", "odd", "./large"];
    words.extend(many.iter().map(String::as_str));
    let running = sandbox.start(words);
    let pending = sandbox.pending();
    let found = files(&sandbox, &pending);
    assert!(found.len() <= 64 && found.contains(&sandbox.work().join("x000")), "{}", found.len());
    let notes = sandbox.plaintext(&pending)["notes"].to_string();
    for said in
        ["large is too large to be compared", "further files that it names are not compared"]
    {
        assert!(notes.contains(said), "{said}: {notes}");
    }
    sandbox.reject(&pending, "no");
    running.finish();
}
