//! Nobody can tell: commands on a terminal.

mod fidelity_support;

use fidelity_support::support::{Sandbox, eventually};
use fidelity_support::{
    Way, approving, assert_same_report, gone, install_probe, keys_cannot_be_put_back, parent,
    script, take_report,
};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;

/// Runs the probe in this situation both ways and compares what it saw.
fn compare(sandbox: &Sandbox, situations: &[&str]) {
    approving(sandbox, || {
        for situation in situations {
            let [bare, wrapped] = [Way::Bare, Way::Wrapped].map(|way| {
                let mut terminal = script(sandbox, way, &format!("{situation}; echo status $?"));
                terminal.expect("status 0");
                take_report(sandbox)
            });
            assert_same_report(situation, &bare, &wrapped);
        }
    });
}

#[test]
fn each_stream_is_a_terminal_if_it_was_one() {
    let sandbox = Sandbox::new();
    install_probe(&sandbox);
    fs::write(sandbox.work().join("in"), "input\n").expect("a file");
    compare(
        &sandbox,
        &[
            "$P probe report",
            "$P probe report <in",
            "$P probe report >out",
            "$P probe report 2>err",
            "$P probe report <in >out",
            "$P probe report <in 2>err",
            "$P probe report >out 2>err",
            "$P probe report <in >out 2>err",
        ],
    );
}

#[test]
fn a_terminal_is_the_same_in_every_situation() {
    let sandbox = Sandbox::new();
    install_probe(&sandbox);
    compare(
        &sandbox,
        &[
            "stty rows 33 cols 77; $P probe report",
            "stty rows 0 cols 0; $P probe report",
            "stty -ixon -echo erase ^H intr ^X susp undef min 3 time 5; $P probe report",
            "stty raw; $P probe report",
            "stty tostop iutf8; $P probe report",
            "unset TERM; $P probe report",
            "$P probe report <&-",
            "$P probe report >&-",
            "$P probe report 2>&-",
            "exec 3>three 4<>/dev/tty; $P probe report",
            "exec 5>/dev/tty 6</dev/tty 7>>/dev/tty; $P probe report",
            "perl -e 'alarm 300; exec @ARGV' $P probe report",
            "trap '' INT QUIT TSTP TTIN TTOU HUP; $P probe report",
            "setsid --wait $P probe report",
        ],
    );
}

#[test]
fn what_is_written_to_the_terminal_by_another_descriptor_is_shown_as_it_would_be() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let text = "exec 5>&1; $P sh -c 'echo one; echo two >&5; echo three >&5'; echo finis";
        for way in [Way::Bare, Way::Wrapped] {
            let mut terminal = script(&sandbox, way, text);
            terminal.expect("one\r\ntwo\r\nthree\r\n");
            terminal.expect("finis");
        }
    });
}

#[test]
fn a_command_that_leads_no_group_can_begin_a_session() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        // As a leader it would have another process do it, and end at once.
        for way in [Way::Bare, Way::Wrapped] {
            let mut terminal = script(&sandbox, way, "$P setsid sh -c 'exit 7'; echo status $?");
            terminal.expect("status 7");
        }
    });
}

#[test]
fn resizing_arrives_once_each_time() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        // Perl, because bash may lose a signal that comes while it runs a trap.
        let text = "$P perl -e '$| = 1; $SIG{WINCH} = sub { print `stty size` }; \
                    print `stty size`, qq(ready\\n); \
                    select(undef, undef, undef, 0.02) until -e qq(go); print qq(finis\\n)'";
        let mut terminal = script(&sandbox, Way::Wrapped, text);
        terminal.expect("24 80\r\nready");
        terminal.resize(100, 50);
        terminal.expect("50 100");
        terminal.resize(90, 40);
        terminal.expect("40 90");
        fs::write(sandbox.work().join("go"), "").expect("a file");
        terminal.expect("finis");
        let output = terminal.output();
        assert_eq!(output.matches("50 100").count(), 1, "{output}");
        assert_eq!(output.matches("40 90").count(), 1, "{output}");
    });
}

#[test]
fn settings_the_command_leaves_are_left() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let text = "$P stty -echo rows 41; stty -a | grep -o -e '-echo ' -e 'rows 41'; echo finis";
        let mut terminal = script(&sandbox, Way::Wrapped, text);
        terminal.expect("rows 41");
        terminal.expect("-echo");
        terminal.expect("finis");
    });
}

#[test]
fn a_command_that_crashes_leaves_the_terminal_as_it_was() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let text = "before=$(stty -g); $P sh -c 'stty raw -echo; kill -SEGV $$'; \
                    echo status $?; test \"$(stty -g)\" = \"$before\" && echo restored";
        let mut terminal = script(&sandbox, Way::Wrapped, text);
        terminal.expect("status 139");
        terminal.expect("restored");
    });
}

#[test]
fn the_terminal_is_put_right_when_we_are_killed() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        // A shell without job control does not set the terminal itself.
        let text = "before=$(stty -g); \
                    $P sh -c 'stty raw -echo; printf \"\\033[?1049h\\033[?25l\"; \
                    echo $PPID $$ > pids; exec sleep 300'; echo status $?; \
                    while [ \"$(stty -g)\" != \"$before\" ]; do sleep 0.02; done; echo restored";
        let mut terminal = script(&sandbox, Way::Wrapped, text);
        let (monitor, command) = eventually("the command to start", || {
            let text = fs::read_to_string(sandbox.work().join("pids")).ok()?;
            let (monitor, command) = text.trim().split_once(' ')?;
            Some((monitor.parse().ok()?, command.parse().ok()?))
        });
        terminal.expect("\x1b[?25l");
        kill(parent(Pid::from_raw(monitor)), Signal::SIGKILL).expect("we live");
        terminal.expect("\x1b[?1049l");
        terminal.expect("\x1b[?25h");
        eventually("the command to be gone", || gone(Pid::from_raw(command)).then_some(()));
        terminal.expect("restored");
        assert!(terminal.output().contains("status 137"), "{}", terminal.output());
    });
}

#[test]
fn keys_do_what_the_terminal_says_they_do() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let keys =
            [("", "\x03", 130), ("", "\x1c", 131), ("stty intr ^X quit undef;", "\x18", 130)];
        for (setting, key, status) in keys {
            let text = format!(
                "trap : INT QUIT; {setting} $P sh -c 'echo ready; exec sleep 300'; echo status $?"
            );
            let mut terminal = script(&sandbox, Way::Wrapped, &text);
            terminal.expect("ready");
            terminal.send(key);
            terminal.expect(&format!("status {status}"));
        }
        let mut terminal = script(&sandbox, Way::Wrapped, "$P sh -c 'echo ready; cat'; echo finis");
        terminal.expect("ready");
        terminal.send("line\n");
        terminal.expect("line\r\nline\r\n");
        terminal.send("\x04");
        terminal.expect("finis");
    });
}

#[test]
fn a_program_that_reads_single_keys_gets_every_byte() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let text = "$P sh -c 'stty raw -echo; echo ready; head -c 256 | od -An -v -tx1 | tr -d \" \\r\\n\"; \
                    stty sane; echo; echo finis'";
        let mut terminal = script(&sandbox, Way::Wrapped, text);
        terminal.expect("ready");
        let all: Vec<u8> = (0..=255).collect();
        terminal.send(&all);
        let hex = all.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        terminal.expect(&hex);
        terminal.expect("finis");
    });
}

#[test]
fn a_paste_of_one_mebibyte_arrives_whole() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let text = "$P sh -c 'stty raw -echo; echo ready; head -c 1048576 > pasted; stty sane; echo finis'";
        let mut terminal = script(&sandbox, Way::Wrapped, text);
        terminal.expect("ready");
        let paste: Vec<u8> = (0..262_144_u32).flat_map(u32::to_le_bytes).collect();
        terminal.send(&paste);
        terminal.expect("finis");
        let pasted = fs::read(sandbox.work().join("pasted")).expect("it was written");
        assert!(pasted == paste, "{} bytes of {}", pasted.len(), paste.len());
    });
}

#[test]
fn output_is_whole_at_the_end() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let mut terminal = script(&sandbox, Way::Wrapped, "$P seq 200000; echo finis");
        terminal.expect("finis");
        let output = terminal.output();
        let lines: Vec<_> = (1..=200_000).map(|number| format!("{number}\r\n")).collect();
        assert!(output.contains(&(lines.concat() + "finis")), "{} bytes", output.len());
    });
}

#[test]
fn what_was_typed_before_the_command_started_is_its_input() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let text = "echo ready; while [ ! -e go ]; do sleep 0.02; done; \
                    $P sh -c 'read -r line; echo got:$line'; echo finis";
        let mut terminal = script(&sandbox, Way::Wrapped, text);
        terminal.expect("ready");
        terminal.send("early\n");
        terminal.expect("early");
        fs::write(sandbox.work().join("go"), "").expect("a file");
        terminal.expect("got:early");
        terminal.expect("finis");
        let output = terminal.output();
        assert_eq!(output.matches("early").count(), 2, "echoed once, printed once: {output}");
    });
}

#[test]
fn ends_of_input_and_quoted_keys_typed_before_the_start_are_what_they_were() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        for way in [Way::Bare, Way::Wrapped] {
            let text = "echo ready; while [ ! -e go ]; do sleep 0.02; done; rm go; \
                        $P sh -c 'cat -v; echo [; cat -v; echo ]'; echo finis";
            let mut terminal = script(&sandbox, way, text);
            terminal.expect("ready");
            terminal.send("one\x16\x03\x16\x04two\x16\x7f\n\x04half\x04\x04");
            terminal.expect("half");
            fs::write(sandbox.work().join("go"), "").expect("a file");
            terminal.expect("one^C^Dtwo^?\r\n[\r\nhalf]\r\nfinis");
        }
    });
}

#[test]
fn what_the_command_did_not_read_is_the_next_ones_input() {
    if keys_cannot_be_put_back() {
        return eprintln!("not possible here: dev.tty.legacy_tiocsti is 0");
    }
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let text = "$P sh -c 'read -r line; echo ready; while [ ! -e go ]; do sleep 0.02; done'; \
                    read -r one; cat -v; read -r two; echo \"[$line$one|$two]\"";
        let mut terminal = script(&sandbox, Way::Wrapped, text);
        terminal.send("read\n");
        terminal.expect("ready");
        terminal.send("later\na\x16\x04b\n\x04mu");
        terminal.expect("mu");
        fs::write(sandbox.work().join("go"), "").expect("a file");
        terminal.expect("a^Db\r\n");
        terminal.send("ch\n");
        terminal.expect("[later|much]");
    });
}

#[test]
fn what_was_typed_at_a_program_that_reads_keys_is_the_next_ones_input() {
    if keys_cannot_be_put_back() {
        return eprintln!("not possible here: dev.tty.legacy_tiocsti is 0");
    }
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let text = "$P bash -c 'given=$(stty -g); stty raw -echo; echo ready; \
                        while [ ! -e go ]; do sleep 0.02; done; stty $given'; rm go; \
                    stty raw -echo; dd bs=1 count=8 status=none | od -An -c; stty sane; echo finis";
        for way in [Way::Bare, Way::Wrapped] {
            let mut terminal = script(&sandbox, way, text);
            terminal.expect("ready");
            terminal.send("a\r\x04\x03\x16b\n");
            std::thread::sleep(std::time::Duration::from_millis(300));
            fs::write(sandbox.work().join("go"), "").expect("a file");
            terminal.send("c");
            terminal.expect("a  \\r 004 003 026   b  \\n   c");
            terminal.expect("finis");
        }
    });
}

#[test]
fn a_command_cannot_type_into_the_callers_terminal() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let inject = "perl -e 'ioctl(STDIN, 0x5412, $_) for split //, qq(INJECTED\\n)'";
        let text = format!("$P {inject}; echo ready; read -r line; echo \"[$line]\"");
        let mut terminal = script(&sandbox, Way::Wrapped, &text);
        terminal.expect("ready");
        terminal.send("typed\n");
        terminal.expect("[typed]");
    });
}

#[test]
fn a_secret_is_asked_for_and_not_shown() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let text = "$P bash -c 'read -r -s -p \"Password: \" secret; echo; echo length ${#secret}'";
        let mut terminal = script(&sandbox, Way::Wrapped, text);
        terminal.expect("Password: ");
        terminal.send("hunter2\n");
        terminal.expect("length 7");
        assert!(!terminal.output().contains("hunter2"));
    });
}

#[test]
fn what_a_background_child_writes_later_is_shown() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let text = "$P sh -c '(while [ ! -e go ]; do sleep 0.02; done; echo later; touch gone) & echo now'; \
                    echo back; touch go; while [ ! -e gone ]; do sleep 0.02; done; read -r line";
        let mut terminal = script(&sandbox, Way::Wrapped, text);
        terminal.expect("now");
        terminal.expect("back");
        terminal.expect("later\r\n");
        terminal.send("\n");
    });
}

#[test]
fn a_terminal_that_goes_away_hangs_the_command_up() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let text = "$P sh -c 'trap \"echo HUP > hup; exit\" HUP; echo ready; \
                    while :; do sleep 0.02; done'";
        let mut terminal = script(&sandbox, Way::Wrapped, text);
        terminal.expect("ready");
        drop(terminal);
        eventually("the command to be hung up", || {
            sandbox.work().join("hup").exists().then_some(())
        });
    });
}
