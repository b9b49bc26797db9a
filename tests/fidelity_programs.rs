//! Nobody can tell: programs that people use, on a real screen.

mod fidelity_support;

use fidelity_support::support::{Sandbox, Tmux};
use fidelity_support::{Way, approving, run_script, sandbox, script};
use std::fs;

/// Looks at the screen of a bash while everything is approved.
fn on_a_screen(sandbox: &Sandbox, work: impl FnOnce(&Tmux<'_>)) {
    let tmux = Tmux::start(sandbox);
    approving(sandbox, || work(&tmux));
}

#[test]
fn python_is_talked_to() {
    on_a_screen(&sandbox(), |tmux| {
        tmux.line("w python3 -q");
        tmux.wait_for(">>>");
        tmux.line("print(6 * 7, 'is it')");
        tmux.wait_for("\n42 is it");
        tmux.line("input('name? ')");
        tmux.wait_for("\nname?");
        tmux.line("ada");
        tmux.wait_for("'ada'");
        tmux.key("C-d");
        tmux.line("echo status $?-");
        tmux.wait_for("status 0-");
    });
}

#[test]
fn top_takes_keys_and_gives_the_screen_back() {
    on_a_screen(&sandbox(), |tmux| {
        tmux.line("w top -d 100; echo le\"\"ft");
        tmux.wait_for(" PID ");
        tmux.key("q");
        // At its end top throws away what was typed.
        tmux.wait_for("left");
        tmux.line("clear; stty -a | grep -c 'isig icanon'");
        tmux.wait_for("1\n");
    });
}

#[test]
fn a_passphrase_is_asked_for_twice_and_never_shown() {
    let sandbox = sandbox();
    on_a_screen(&sandbox, |tmux| {
        tmux.line("w ssh-keygen -q -t ed25519 -f key; echo status $?-");
        tmux.wait_for("Enter passphrase");
        tmux.line("correct horse");
        tmux.wait_for("same passphrase again");
        tmux.line("correct horse");
        let screen = tmux.wait_for("status 0-");
        assert!(!screen.contains("horse"), "{screen}");
    });
    let key = fs::read_to_string(sandbox.work().join("key")).expect("a key");
    assert!(key.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----"));
}

#[test]
fn git_shows_its_log_in_a_pager() {
    on_a_screen(&sandbox(), |tmux| {
        tmux.line(
            "git init -q . && for n in $(seq 40); do git -c user.name=a -c user.email=a@b \
             commit -q --allow-empty -m \"commit $n\"; done; clear",
        );
        tmux.line("w git -c core.pager=less --paginate log --oneline --no-decorate; echo ba\"\"ck");
        tmux.wait_for("commit 12");
        tmux.key("Space");
        tmux.wait_for("commit 1\n");
        tmux.key("q");
        tmux.wait_for("back");
    });
}

#[test]
fn zsh_has_jobs() {
    let sandbox = sandbox();
    let tmux = Tmux::start_shell(&sandbox, "PS1='$ ' exec zsh -f -i");
    approving(&sandbox, || {
        tmux.line("w sh -c 'echo re\"\"ady; exec sleep 300'");
        tmux.wait_for("ready");
        tmux.key("C-z");
        tmux.wait_for("suspended");
        tmux.line("clear; fg");
        tmux.wait_for("continued");
        tmux.interrupt();
        tmux.line("echo status $?-");
        tmux.wait_for("status 130-");
        tmux.line("PS1='in> ' w zsh -f -i");
        tmux.wait_for("\nin>");
        tmux.line("clear; sh -c 'echo go\"\"es; exec sleep 300'");
        // Before that, the key would be the shell's, which ignores it.
        tmux.wait_for("goes");
        tmux.key("C-z");
        tmux.wait_for("suspended");
        tmux.line("kill %1; wait; exit 4");
        tmux.line("echo status $?-");
        tmux.wait_for("status 4-");
    });
}

#[test]
fn a_shell_takes_the_terminal_while_we_are_stopped_alone() {
    on_a_screen(&sandbox(), |tmux| {
        tmux.line("w sh -c 'echo $PPID > monitor; echo re\"\"ady; exec cat'");
        tmux.wait_for("ready");
        // From another window, because this terminal is the command's.
        tmux.other("kill -STOP $(ps -o ppid= -p $(cat monitor))");
        tmux.wait_for("Stopped");
        tmux.line("clear; stty -a | grep -c 'isig icanon'; echo he\"\"re");
        tmux.wait_for("1\nhere");
        tmux.line("fg");
        tmux.line("twice");
        tmux.wait_for("twice\ntwice");
        tmux.interrupt();
        tmux.line("echo status $?-");
        tmux.wait_for("status 130-");
    });
}

#[test]
fn tmux_and_screen_run_inside() {
    let sandbox = sandbox();
    on_a_screen(&sandbox, |tmux| {
        tmux.line("w env -u TMUX tmux -f /dev/null -S inner new-session \"PS1='in> ' sh\"");
        tmux.wait_for("in>");
        tmux.line("stty size");
        tmux.wait_for("29 100");
        tmux.line("exit");
        tmux.wait_for("[exited]");
        fs::create_dir(sandbox.path("run/screens")).expect("a directory");
        tmux.line(&format!(
            "clear; chmod 700 {0}; SCREENDIR={0} w screen -c /dev/null sh -c \
             'echo in\"\"side; read -r line; echo \"[$line]\"; read -r line'",
            sandbox.path("run/screens").display()
        ));
        tmux.wait_for("inside");
        tmux.line("word");
        tmux.wait_for("[word]");
        tmux.line("");
        tmux.wait_for("[screen is terminating]");
    });
}

#[test]
fn a_job_in_a_shell_in_screen_stops_and_goes_on() {
    let sandbox = sandbox();
    fs::create_dir(sandbox.path("run/screens")).expect("a directory");
    on_a_screen(&sandbox, |tmux| {
        tmux.line(&format!(
            "chmod 700 {0}; SCREENDIR={0} PS1='in$ ' screen -c /dev/null bash --norc --noprofile -i",
            sandbox.path("run/screens").display()
        ));
        tmux.wait_for("in$");
        tmux.line("w sh -c 'stty size; echo re\"\"ady; exec sleep 300'");
        tmux.wait_for("30 100\nready");
        tmux.key("C-z");
        tmux.wait_for("Stopped");
        tmux.line("clear; echo ba\"\"ck; fg");
        tmux.wait_for("back\nw sh");
        tmux.interrupt();
        tmux.line("echo status $?-");
        tmux.wait_for("status 130-");
        tmux.line("exit");
        tmux.wait_for("[screen is terminating]");
    });
}

#[test]
fn what_is_pasted_is_not_run_where_a_shell_asked_for_brackets() {
    on_a_screen(&sandbox(), |tmux| {
        tmux.line("PS1='in> ' w bash --norc --noprofile -i");
        tmux.wait_for("\nin>");
        tmux.paste("echo o\"\"ne\necho t\"\"wo\n");
        let screen = tmux.wait_for("echo t\"\"wo");
        assert!(!screen.contains("\none"), "{screen}");
        tmux.key("Enter");
        tmux.wait_for("\none\ntwo\n");
        tmux.line("exit");
    });
}

#[test]
fn a_terminal_answers_the_program_that_asks_it() {
    on_a_screen(&sandbox(), |tmux| {
        // Where is the cursor, and what are you?
        for (question, last) in [("\\033[6n", 'R'), ("\\033[c", 'c')] {
            tmux.line(&format!(
                "clear; w bash -c 'stty raw -echo; printf \"{question}\"; read -r -s -d {last} \
                 -t 20 told; stty sane; echo; echo \"told=${{told//[^0-9]/}}\"'"
            ));
            tmux.wait_for("\ntold=1");
        }
    });
}

#[test]
fn git_reads_its_packs_through_us() {
    let sandbox = Sandbox::new();
    let clone = "git init -q there && git -C there -c user.name=a -c user.email=a@b commit -q \
                 --allow-empty -m one && head -c 3000000 /dev/urandom > there/big && \
                 git -C there add big && git -C there -c user.name=a -c user.email=a@b commit \
                 -q -m two && git clone -q --no-local -u \"${P}git-upload-pack\" \
                 \"file://$PWD/there\" here && cmp there/big here/big && echo whole";
    let output = approving(&sandbox, || run_script(&sandbox, Way::Wrapped, clone));
    assert_eq!(output.stdout, b"whole\n", "{output:?}");
}

/// A makefile that makes another below it, which must get the jobserver.
const MAKEFILE: &str = "all: one two\n\none two:\n\t+$P $(MAKE) -f inner $@\n";
const INNER: &str = "one two:\n\t@echo made $@\n";

#[test]
fn make_hands_its_jobserver_through_us() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.work().join("Makefile"), MAKEFILE).expect("a file");
    fs::write(sandbox.work().join("inner"), INNER).expect("a file");
    approving(&sandbox, || {
        let output = run_script(&sandbox, Way::Wrapped, "export P; make -j2 2>&1");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && !text.contains("jobserver"), "{text}");
        let mut terminal = script(&sandbox, Way::Wrapped, "export P; make -j2; echo status $?");
        terminal.expect("status 0");
        let text = terminal.output();
        assert!(text.contains("made one") && text.contains("made two"), "{text}");
        assert!(!text.contains("jobserver"), "{text}");
    });
}
