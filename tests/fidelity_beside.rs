//! Nobody can tell: who else is at the terminal, in a script, a pipeline or a job that is
//! stopped, and what a key of it means to all of them.

mod fidelity_support;

use fidelity_support::support::{BINARY, Sandbox};
use fidelity_support::{UPTO, Way, approving, both_ways, go, keys_cannot_be_put_back, script};

#[test]
fn a_command_in_the_background_of_a_script_leaves_the_terminal_to_the_script() {
    let text = format!(
        "{UPTO}stty -a > before; $P bash -c ': > there; upto go; echo done' & upto there; \
         echo ready; read -r name; echo got:$name; stty -a | diff before - && echo same; wait"
    );
    both_ways(&text, |sandbox, terminal| {
        terminal.expect("ready");
        terminal.send("hel\x7flo\r");
        terminal.expect("lo\r\n");
        terminal.expect("got:helo\r\n");
        terminal.expect("same\r\n");
        go(sandbox, "go");
        terminal.expect("done\r\n");
    });
}

#[test]
fn a_key_at_a_script_with_a_command_in_the_background_ends_the_script() {
    let text = format!("{UPTO}$P bash -c ': > there; upto go' & upto there; echo ready; read x");
    both_ways(&text, |sandbox, terminal| {
        terminal.expect("ready");
        terminal.send("\x03");
        terminal.expect("^C");
        assert_eq!(terminal.ended().signal(), Some("Interrupt"));
        go(sandbox, "go");
    });
}

#[test]
fn a_script_that_ends_before_its_command_leaves_the_terminal_as_it_was() {
    let text = format!(
        "{UPTO}stty -a > before; bash -c '$P bash -c \": > there; upto go; echo done\" & \
         upto there'; stty -a | diff before - && echo same; read -r x; echo got:$x; read -r x"
    );
    both_ways(&text, |sandbox, terminal| {
        terminal.expect("same\r\n");
        terminal.send("a\r");
        terminal.expect("got:a\r\n");
        go(sandbox, "go");
        terminal.expect("done\r\n");
    });
}

#[test]
fn a_signal_ends_a_command_that_is_stopped_for_want_of_the_terminal() {
    // `timeout` puts itself into the background, and sends SIGCONT behind the signal.
    both_ways("timeout 4 $P cat; echo status=$?", |_, terminal| {
        terminal.expect("status=124");
    });
}

#[test]
fn a_key_that_ends_a_pipeline_ends_all_of_it_before_the_input_is_over() {
    let text = "$P bash -c 'read -r x </dev/tty; : > there; echo ready >/dev/tty; sleep 600' \
                | (cat > /dev/null; echo committed); echo goes on";
    both_ways(text, |_, terminal| {
        terminal.send("a\r");
        terminal.expect("ready");
        terminal.send("\x03");
        terminal.expect("^C");
        assert_eq!(terminal.ended().signal(), Some("Interrupt"));
        let output = terminal.output();
        assert!(!output.contains("committed") && !output.contains("goes on"), "{output}");
        assert_eq!(output.matches("^C").count(), 1, "{output}");
    });
}

#[test]
fn a_program_with_settings_of_its_own_in_a_pipeline_gets_the_key_itself() {
    let text = "$P bash -c 'given=$(stty -g </dev/tty); stty raw -echo </dev/tty; \
                    echo ready >/dev/tty; dd bs=1 count=1 status=none </dev/tty | od -An -c; \
                    stty $given </dev/tty' | cat; echo goes on";
    both_ways(text, |_, terminal| {
        terminal.expect("ready");
        terminal.send("\x03");
        terminal.expect("003");
        terminal.expect("goes on");
    });
}

#[test]
fn a_key_at_a_command_within_a_command_ends_the_script_around_both() {
    for prefix in [String::new(), format!("{BINARY} --pty=always -- ")] {
        let sandbox = Sandbox::new();
        approving(&sandbox, || {
            let text = format!(
                "{prefix}bash -c '{prefix}bash -c \"echo ready; sleep 600\"; echo in'; echo out"
            );
            let mut terminal = script(&sandbox, Way::Bare, &text);
            terminal.expect("ready");
            terminal.send("\x03");
            assert_eq!(terminal.ended().signal(), Some("Interrupt"));
            let output = terminal.output();
            assert!(!output.contains("in\r") && !output.contains("out\r"), "{output}");
        });
    }
}

#[test]
fn what_was_typed_ahead_and_put_right_is_the_next_ones_input() {
    if keys_cannot_be_put_back() {
        return eprintln!("not possible here: dev.tty.legacy_tiocsti is 0");
    }
    let text = format!(
        "{UPTO}$P bash -c 'echo ready; upto go'; read -r x; read -r y; read -r z; echo \"[$x|$y|$z]\""
    );
    both_ways(&text, |sandbox, terminal| {
        terminal.expect("ready");
        terminal.send("first\rab\x7fc\rtwo wrong\x17words\x15rees\x7f\x7fst\rx\x7f");
        terminal.expect("x\u{8} \u{8}");
        std::thread::sleep(std::time::Duration::from_millis(300));
        go(sandbox, "go");
        terminal.expect("[first|ac|rest]\r\n");
    });
}

#[test]
fn what_the_command_waits_for_reads_in_a_pipeline_too() {
    // `timeout` goes on while what it started is stopped, and `su` stops itself.
    let timeout = "timeout --foreground 30 head -n1";
    let su = "perl -MPOSIX -e '$s = POSIX::SigSet->new(SIGTTIN); sigprocmask(SIG_BLOCK, $s); \
                  if (!($c = fork)) { sigprocmask(SIG_UNBLOCK, $s); exec qw(head -n1) } \
                  while (waitpid($c, WUNTRACED) > 0) { \
                      last if !WIFSTOPPED(${^CHILD_ERROR_NATIVE}); kill STOP => $$; kill CONT => $c }'";
    for command in [timeout, su] {
        both_ways(&format!("$P {command} | sed s/^/got:/; echo finis"), |_, terminal| {
            std::thread::sleep(std::time::Duration::from_millis(500));
            terminal.send("a line\r");
            terminal.expect("got:a line\r\n");
            terminal.expect("finis");
        });
    }
}
