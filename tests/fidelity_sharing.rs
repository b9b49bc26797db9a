//! Nobody can tell: a terminal that several commands have at once.

mod fidelity_support;

use fidelity_support::support::{Sandbox, eventually};
use fidelity_support::{UPTO, Way, approving, both_ways, go, script};

#[test]
fn two_commands_write_whole_lines_and_leave_the_terminal_as_it_was() {
    let text = format!(
        "{UPTO}stty -a > before; \
         $P bash -c 'upto a; echo one; upto b; echo two' & \
         $P bash -c 'upto c; echo three; upto d; echo four' & \
         echo ready; wait; stty -a | diff before - && echo same"
    );
    for last in [["b", "d"], ["d", "b"]] {
        both_ways(&text, |sandbox, terminal| {
            terminal.expect("ready");
            go(sandbox, "c");
            terminal.expect("three\r\n");
            go(sandbox, "a");
            terminal.expect("one\r\n");
            for name in last {
                go(sandbox, name);
                terminal.expect(if name == "b" { "two\r\n" } else { "four\r\n" });
            }
            terminal.expect("same");
        });
    }
}

#[test]
fn a_key_that_sends_a_signal_sends_it_to_each_command_that_is_there() {
    let text = format!(
        "{UPTO}trap 'echo script told' INT; printf 'first\\nsecond\\n' > names; \
         (trap '' INT; exec xargs -a names -P2 -I{{}} $P perl -e '$| = 1; \
             $SIG{{INT}} = sub {{ print qq({{}} told\\n) }}; print qq(ready\\n); \
             select(undef, undef, undef, 0.02) until -e qq(go)'); echo finis"
    );
    both_ways(&text, |sandbox, terminal| {
        terminal.expect("ready\r\n");
        terminal.expect("ready\r\n");
        terminal.send("\x03");
        eventually("each command to be told", || {
            let output = terminal.output();
            (output.contains("first told\r\n") && output.contains("second told\r\n")).then_some(())
        });
        go(sandbox, "go");
        terminal.expect("script told\r\n");
        terminal.expect("finis");
        assert_eq!(terminal.output().matches("told").count(), 3, "{}", terminal.output());
    });
}

#[test]
fn of_two_commands_the_one_that_reads_gets_the_lines() {
    let reader = "read -r line </dev/tty; echo got:$line; read -r line </dev/tty; echo got:$line";
    for first in ["reads", "waits"] {
        let (reads, waits) =
            (format!("$P bash -c '{reader}'"), "$P bash -c 'echo there; upto go'".to_owned());
        let [one, two] = if first == "reads" { [&reads, &waits] } else { [&waits, &reads] };
        let text = format!("{UPTO}{one} & sleep 0.3; {two} & wait; echo finis");
        both_ways(&text, |sandbox, terminal| {
            terminal.expect("there");
            terminal.send("mine\n");
            terminal.expect("got:mine\r\n");
            terminal.send("too\n");
            terminal.expect("got:too\r\n");
            go(sandbox, "go");
            terminal.expect("finis");
        });
    }
}

#[test]
fn beside_a_command_with_settings_of_its_own_another_one_writes_whole_lines() {
    let text = format!(
        "{UPTO}stty -a > before; \
         $P bash -c 'given=$(stty -g </dev/tty); stty raw -echo </dev/tty; echo raw; touch raw; \
                     dd bs=1 count=1 status=none </dev/tty | od -An -c; stty $given </dev/tty' & \
         upto raw; $P bash -c 'echo there; upto go; stty -a </dev/tty > second; echo done' & \
         wait; stty -a | diff before - && echo same"
    );
    both_ways(&text, |sandbox, terminal| {
        terminal.expect("there");
        terminal.send("\x03");
        terminal.expect("003");
        go(sandbox, "go");
        terminal.expect("done");
        terminal.expect("same");
    });
}

#[test]
fn whoever_waits_for_lines_without_reading_gets_them_in_a_pipeline() {
    let select = "perl -e '$| = 1; print qq(ready\\n); my $in = q(); vec($in, 0, 1) = 1; \
                  select($in, undef, undef, undef); print qq(got:), scalar <STDIN>; \
                  $in = q(); vec($in, 0, 1) = 1; select($in, undef, undef, undef); \
                  print defined(my $line = <STDIN>) ? qq(more\\n) : qq(end\\n)'";
    let epoll = "python3 -c 'import select, sys; print(\"ready\", flush=True); \
                 poll = select.epoll(); poll.register(0, select.EPOLLIN); poll.poll(); \
                 print(\"got:\" + sys.stdin.readline(), end=\"\", flush=True); \
                 poll.poll(); print(\"end\" if not sys.stdin.readline() else \"more\")'";
    for waits in [select, epoll] {
        both_ways(&format!("$P {waits} | cat; echo finis"), |_, terminal| {
            terminal.expect("ready");
            terminal.send("a line\n");
            terminal.expect("got:a line");
            terminal.send("\x04");
            terminal.expect("end");
            terminal.expect("finis");
        });
    }
}

#[test]
fn of_two_commands_that_wait_without_reading_each_gets_lines_in_the_end() {
    let waits = "perl -e '$| = 1; print qq(ready\\n); my $in = q(); vec($in, 0, 1) = 1; \
                 select($in, undef, undef, undef); print qq(got:), scalar <STDIN>' </dev/tty";
    let text = format!("$P {waits} & $P {waits} & wait; echo finis");
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let mut terminal = script(&sandbox, Way::Wrapped, &text);
        terminal.expect("ready");
        terminal.expect("ready");
        for line in ["one", "two"] {
            terminal.send(format!("{line}\n"));
            terminal.expect(&format!("got:{line}\r\n"));
        }
        terminal.expect("finis");
    });
}
