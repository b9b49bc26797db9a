//! Nobody can tell: job control of a real shell, on a real screen.

mod fidelity_support;

use fidelity_support::support::{Sandbox, Terminal, Tmux, eventually};
use fidelity_support::{Way, approving, children, sandbox, script, state};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::os::unix::process::ExitStatusExt;

#[test]
fn a_job_stops_goes_on_and_is_interrupted() {
    let sandbox = sandbox();
    let tmux = Tmux::start(&sandbox);
    approving(&sandbox, || {
        tmux.line("w sh -c 'echo re\"\"ady; exec sleep 300'");
        tmux.wait_for("ready");
        for round in 1..=3 {
            tmux.key("C-z");
            tmux.wait_for("Stopped");
            tmux.line(&format!("clear; stty -a | grep -c 'isig icanon'; echo round {round}-; fg"));
            tmux.wait_for(&format!("1\nround {round}-\nw sh"));
        }
        tmux.interrupt();
        tmux.line("echo status $?-");
        tmux.wait_for("status 130-");
    });
}

#[test]
fn a_job_in_the_background_goes_on_and_writes() {
    let sandbox = sandbox();
    let tmux = Tmux::start(&sandbox);
    approving(&sandbox, || {
        // Without a program of its own: dash starts one by vfork, and what is stopped right
        // then is stuck until the program has begun, with us or without.
        tmux.line("w sh -c 'echo re\"\"ady; while [ ! -e go ]; do :; done; echo wr\"\"ote'");
        tmux.wait_for("ready");
        tmux.key("C-z");
        tmux.wait_for("Stopped");
        tmux.line("bg; touch go");
        tmux.wait_for("wrote");
        tmux.line("wait; echo status $?-");
        tmux.wait_for("status 0-");
    });
}

#[test]
fn a_job_in_the_background_that_reads_is_stopped_until_it_is_in_front() {
    let sandbox = sandbox();
    let tmux = Tmux::start(&sandbox);
    approving(&sandbox, || {
        tmux.line("w sh -c 'read -r line; echo \"[$line]\"' & while jobs | grep Running; do sleep 0.1; done > /dev/null; jobs");
        tmux.wait_for("Stopped");
        tmux.line("fg");
        tmux.wait_for("\nw sh");
        tmux.line("hello");
        tmux.wait_for("[hello]");
    });
}

#[test]
fn a_shell_inside_has_job_control() {
    let sandbox = sandbox();
    let tmux = Tmux::start(&sandbox);
    approving(&sandbox, || {
        tmux.line("PS1='inside> ' w bash --norc --noprofile -i");
        tmux.wait_for("\ninside>");
        tmux.line("sh -c 'echo go\"\"es; exec sleep 300'");
        // Before that, the key would be the shell's, which ignores it.
        tmux.wait_for("goes");
        tmux.key("C-z");
        tmux.wait_for("Stopped");
        tmux.line("kill %1; wait; echo sus\"\"pending; suspend");
        tmux.wait_for("suspending");
        tmux.line("clear; jobs");
        tmux.wait_for("Stopped");
        tmux.line("fg");
        tmux.line("echo again-$?");
        tmux.wait_for("again-");
        tmux.line("exit 3");
        tmux.line("echo status $?-");
        tmux.wait_for("status 3-");
    });
}

#[test]
fn a_pager_at_the_end_of_a_pipeline_gets_its_keys() {
    let sandbox = sandbox();
    let tmux = Tmux::start(&sandbox);
    approving(&sandbox, || {
        for pipeline in ["w seq 1000 | less", "seq 1000 | w less", "w seq 1000 | w less"] {
            tmux.line(&format!("clear; {pipeline}"));
            tmux.wait_for("\n29\n");
            tmux.key("Space");
            tmux.wait_for("\n58\n");
            tmux.key("C-z");
            tmux.wait_for("Stopped");
            tmux.line("fg");
            tmux.wait_for("\n58\n");
            tmux.key("Space");
            tmux.wait_for("\n87\n");
            tmux.key("q");
            tmux.line("clear; echo ba\"\"ck");
            tmux.wait_for("back");
        }
    });
}

#[test]
fn an_editor_stops_comes_back_and_sees_the_new_size() {
    let sandbox = sandbox();
    let tmux = Tmux::start(&sandbox);
    approving(&sandbox, || {
        tmux.line("w vim -u NONE -N");
        tmux.wait_for("\n~\n~");
        tmux.key("C-z");
        tmux.wait_for("Stopped");
        tmux.resize(60, 20);
        tmux.line("fg");
        tmux.wait_for("\n~\n~");
        tmux.line(":echo &columns &lines 'size'");
        tmux.wait_for("60 20 size");
        tmux.line(":q!");
        // An editor that ends throws away what was typed meanwhile, with us or without.
        tmux.wait_for("NONE -N\n$");
        tmux.line("stty size; stty -a | grep -c 'isig icanon'");
        tmux.wait_for("20 60\n1\n");
    });
}

#[test]
fn a_key_that_ends_the_command_reaches_whoever_waits_for_it() {
    let sandbox = Sandbox::new();
    let commands = [
        ("\x03", "exec sleep 300", 130),
        ("\x1c", "exec sleep 300", 131),
        ("\x03", "trap \"exit 7\" INT; while :; do sleep 0.02; done", 7),
    ];
    approving(&sandbox, || {
        for (key, command, status) in commands {
            for way in [Way::Bare, Way::Wrapped] {
                let text = format!(
                    "ulimit -c 0; trap 'echo told' INT QUIT; \
                     $P sh -c 'echo ready; {command}'; echo status $?"
                );
                let mut terminal = script(&sandbox, way, &text);
                terminal.expect("ready");
                terminal.send(key);
                terminal.expect("told");
                terminal.expect(&format!("status {status}"));
            }
        }
    });
}

#[test]
fn a_pipeline_writes_whole_lines_while_the_command_in_it_reads() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        for way in [Way::Bare, Way::Wrapped] {
            // An echo goes through us, and what the other part writes does not: which of
            // the two is first is not what this is about.
            let text = "stty -echo; $P cat | tr a-z A-Z; echo finis";
            let mut terminal = script(&sandbox, way, text);
            for (line, loud) in [("one", "ONE"), ("two", "TWO")] {
                terminal.send(format!("{line}\n"));
                terminal.expect(&format!("{loud}\r\n"));
            }
            terminal.send("\x04");
            terminal.expect("finis");
        }
    });
}

/// What `pkill -STOP` and `pkill -CONT` do, or `kill -KILL` to what is stopped.
#[test]
fn a_command_that_is_sent_on_by_itself_takes_us_with_it() {
    const SCRIPT: &str = "echo $$ > pid; while [ ! -e go ]; do sleep 0.02; done; echo went on";
    let sandbox = Sandbox::new();
    let command = || {
        let path = sandbox.work().join("pid");
        let pid = eventually("its number", || {
            fs::read_to_string(&path).ok().filter(|pid| pid.ends_with('\n'))
        });
        fs::remove_file(path).expect("removed");
        Pid::from_raw(pid.trim().parse().expect("a number"))
    };
    let stop_and_send = |command: Pid, signal: Signal| {
        kill(command, Signal::SIGSTOP).expect("it lives");
        eventually("it and whoever waits for it to be stopped", || {
            let waits = children(Pid::this()).into_iter().any(|each| state(each) == Some('T'));
            (state(command) == Some('T') && waits).then_some(())
        });
        kill(command, signal).expect("it lives");
    };
    approving(&sandbox, || {
        for round in 0..3 {
            let running = sandbox.start(["--", "sh", "-c", SCRIPT]);
            let pid = command();
            stop_and_send(pid, Signal::SIGCONT);
            fs::write(sandbox.work().join("go"), "").expect("a file");
            let output = running.finish();
            assert_eq!(output.stdout, b"went on\n", "{round}: {output:?}");
            fs::remove_file(sandbox.work().join("go")).expect("removed");

            let running = sandbox.start(["--", "sh", "-c", SCRIPT]);
            stop_and_send(command(), Signal::SIGKILL);
            assert_eq!(running.finish().status.signal(), Some(9), "{round}");

            let mut terminal = Terminal::airlock(&sandbox, ["--", "sh", "-c", SCRIPT]);
            let pid = command();
            stop_and_send(pid, Signal::SIGCONT);
            fs::write(sandbox.work().join("go"), "").expect("a file");
            terminal.expect("went on");
            assert!(terminal.finish().0.success(), "{round}");
            fs::remove_file(sandbox.work().join("go")).expect("removed");
        }
    });
}
