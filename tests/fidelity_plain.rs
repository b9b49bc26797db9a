//! Nobody can tell: commands that run without a terminal.

mod fidelity_support;

use fidelity_support::support::{BINARY, Running, Sandbox, eventually};
use fidelity_support::{
    Way, approving, assert_same_report, gone, install_probe, run_script, state, take_report,
};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use std::fs;
use std::os::unix::process::{CommandExt, ExitStatusExt};

/// Runs the probe; what the tests need for it must not show in the environment.
const PROBE: &str = "p=$P; unset P; exec $p probe report";

#[test]
fn a_program_sees_the_same_in_every_situation() {
    let sandbox = Sandbox::new();
    install_probe(&sandbox);
    let situations = [
        "",
        "exec 3>three 4<>four 9</dev/null; echo x >&3;",
        "exec 0<&-;",
        "exec 1>&-;",
        "exec 2>&-;",
        "exec 0<&- 1>&- 2>&-;",
        "exec < /etc/passwd; read -r line;",
        "exec > >(cat) 5< <(echo x);",
        "umask 027;",
        "ulimit -n 200; ulimit -c 0; ulimit -s 4096;",
        "renice -n 3 $$ > /dev/null;",
        "trap '' HUP INT PIPE USR1 CHLD;",
        "mkdir -p deep && cd deep && exec 8> ../report; cd ..; exec 8>&-;",
        "taskset -cp 0 $$ > /dev/null;",
        "export EMPTY= ODD=$'a\\nb\\377' LONG=$(head -c 100000 /dev/zero | tr '\\0' x);",
    ];
    approving(&sandbox, || {
        for situation in situations {
            let [bare, wrapped] = [Way::Bare, Way::Wrapped].map(|way| {
                let output = run_script(&sandbox, way, &format!("{situation} {PROBE}"));
                assert!(output.status.success(), "{situation}: {output:?}");
                take_report(&sandbox)
            });
            assert_same_report(situation, &without_pipes(&bare), &without_pipes(&wrapped));
        }
    });
}

/// What no shell can set up, before the command starts.
const PRELUDES: [&str; 7] = [
    "use POSIX; sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGUSR1, SIGTERM, SIGTSTP));",
    "use Fcntl; fcntl(STDIN, F_SETFL, fcntl(STDIN, F_GETFL, 0) | O_NONBLOCK);",
    "use Socket; socketpair(my $near, my $far, AF_UNIX, SOCK_STREAM, PF_UNSPEC); \
     syswrite($far, qq(hello)); shutdown($far, 1); open(STDIN, q(<&), $near); \
     open(STDOUT, q(>&), $near);",
    "use Time::HiRes; alarm 300; Time::HiRes::setitimer(Time::HiRes::ITIMER_PROF(), 300);",
    // prctl(PR_SET_CHILD_SUBREAPER, 1)
    "use POSIX; syscall({ x86_64 => 157, aarch64 => 167 }->{(POSIX::uname())[4]}, 36, 1, 0, 0, 0);",
    // rt_sigprocmask(SIG_BLOCK, signals 32 to 35, which no library lets one block)
    "use POSIX; my $set = pack(q(Q), 15 << 31); \
     syscall({ x86_64 => 14, aarch64 => 135 }->{(POSIX::uname())[4]}, 0, $set, 0, 8);",
    // O_PATH: no poll(2) knows such a descriptor
    "use POSIX; my $d = POSIX::open(q(/), 010000000); POSIX::dup2($d, $_) for 0, 2; POSIX::close($d);",
];

#[test]
fn a_program_sees_the_same_of_signals_flags_and_sockets() {
    let sandbox = Sandbox::new();
    install_probe(&sandbox);
    approving(&sandbox, || {
        for prelude in PRELUDES {
            let [bare, wrapped] = [Way::Bare, Way::Wrapped].map(|way| {
                let text = format!("{prelude} exec(split(q( ), delete $ENV{{P}}), @ARGV)");
                let mut perl = sandbox.program("perl");
                perl.args(["-e", &text, "probe", "report"]).env("P", way.prefix());
                let output = Running::start(&mut perl).finish();
                assert!(output.status.success(), "{prelude}: {output:?}");
                take_report(&sandbox)
            });
            assert_same_report(prelude, &without_pipes(&bare), &without_pipes(&wrapped));
        }
        let text = format!(
            "{} my $pid = fork; exec(split(q( ), delete $ENV{{P}}), @ARGV) unless $pid; \
             close STDIN; close STDOUT; waitpid $pid, 0; sysread($far, my $said, 9); \
             print STDERR qq([$said])",
            PRELUDES[2]
        );
        let mut perl = sandbox.program("perl");
        perl.args(["-e", &text, "cat"]).env("P", Way::Wrapped.prefix());
        let output = Running::start(&mut perl).finish();
        assert!(output.stderr.ends_with(b"[hello]"), "{output:?}");
    });
}

#[test]
fn a_directory_that_cannot_be_listed_is_no_hindrance() {
    let sandbox = Sandbox::new();
    let script = "mkdir shut && cd shut && chmod 100 . && $P pwd; chmod 700 .";
    let output = approving(&sandbox, || run_script(&sandbox, Way::Wrapped, script));
    let wanted = format!("{}\n", sandbox.work().join("shut").display());
    assert_eq!(String::from_utf8_lossy(&output.stdout), wanted, "{output:?}");
}

#[test]
fn arguments_near_the_limit_of_the_system_arrive() {
    let sandbox = Sandbox::new();
    sandbox.policy("read-only = \"allow\"\n");
    // A word may have 128 KiB, and all of them a quarter of the stack: 2 MiB.
    let script = "x=$(head -c 131000 /dev/zero | tr '\\0' x); set --; for i in $(seq 15); do \
                  set -- \"$@\" \"$x\"; done; $P echo \"$@\" | cksum";
    let [bare, wrapped] = [Way::Bare, Way::Wrapped].map(|way| run_script(&sandbox, way, script));
    assert!(bare.stdout.ends_with(b" 1965015\n"), "{bare:?}");
    assert_eq!(bare.stdout, wrapped.stdout, "{wrapped:?}");
}

/// Each run has pipes of its own: only that they are pipes can be the same.
fn without_pipes(report: &str) -> String {
    let is_made_anew =
        |start: &str| start.contains("type 10000 ") || start.contains("type 140000 ");
    let lines = report.lines().map(|line| match line.split_once(" dev ") {
        Some((start, _)) if is_made_anew(start) => start,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn arguments_arrive_byte_for_byte() {
    let sandbox = Sandbox::new();
    install_probe(&sandbox);
    let script = format!("{PROBE} '' ' ' $'a\\nb' $'\\377\\376' '--' '-x' \"$(seq 20000)\"");
    approving(&sandbox, || {
        let [bare, wrapped] = [Way::Bare, Way::Wrapped].map(|way| {
            run_script(&sandbox, way, &script);
            take_report(&sandbox)
        });
        assert_same_report("arguments", &without_pipes(&bare), &without_pipes(&wrapped));
    });
}

#[test]
fn every_sort_of_end_is_passed_on() {
    let sandbox = Sandbox::new();
    let ends = [
        "exit 0",
        "exit 1",
        "exit 120",
        "exit 126",
        "exit 127",
        "exit 128",
        "exit 255",
        "kill -HUP $$",
        "kill -INT $$",
        "kill -KILL $$",
        "kill -SEGV $$",
        "kill -TERM $$",
        "kill -40 $$",
    ];
    approving(&sandbox, || {
        for end in ends {
            let [bare, wrapped] = ["sh", BINARY].map(|program| {
                let mut command = sandbox.program(program);
                let arguments: &[&str] =
                    if program == "sh" { &["-c", end] } else { &["--", "sh", "-c", end] };
                Running::start(command.args(arguments)).finish().status
            });
            assert_eq!(bare.code(), wrapped.code(), "{end}");
            assert_eq!(bare.signal(), wrapped.signal(), "{end}");
            assert!(!wrapped.core_dumped(), "{end}");
        }
    });
    assert!(!sandbox.work().join("core").exists());
}

#[test]
fn input_that_the_command_does_not_read_stays_for_the_next() {
    let sandbox = Sandbox::new();
    let script = "seq 3 | while read -r line; do $P true; echo $line; done";
    let output = approving(&sandbox, || run_script(&sandbox, Way::Wrapped, script));
    assert_eq!(output.stdout, b"1\n2\n3\n", "{output:?}");
}

#[test]
fn the_first_process_of_a_container_waits_for_every_orphan() {
    let sandbox = Sandbox::new();
    let script = "ps() { cat /proc/[0-9]*/stat 2> /dev/null; }; (sleep 0.05 & sleep 0.05 &); \
                  while ps | grep -q '(sleep)'; do :; done; echo gone";
    let text = format!(
        "unshare --pid --fork --mount-proc true || exit 9; $P true; \
         timeout 20 unshare --pid --fork --mount-proc $P sh -c \"{script}\""
    );
    let output = approving(&sandbox, || run_script(&sandbox, Way::Wrapped, &text));
    if output.status.code() == Some(9) {
        return eprintln!("not possible here: PID namespaces are not allowed");
    }
    assert_eq!(output.stdout, b"gone\n", "{output:?}");
}

#[test]
fn a_lock_that_the_caller_holds_is_held_while_the_command_runs() {
    let sandbox = Sandbox::new();
    // A record lock is the process': `exec` keeps it, and closing the file gives it up.
    let text = "use Fcntl; $^F = 99; sub try { my $lock = pack(q(s s x4 q q i x4), F_WRLCK, 0, 0, 0, 0); \
                open($f, q(+>>), q(locked)) && fcntl($f, shift, $lock) or die; unpack(q(s), $lock) } ";
    let asks = format!("{text} print(try(F_GETLK) == F_UNLCK ? qq(free\n) : qq(held\n))");
    let holds = format!("{text} try(F_SETLK); exec(split(q( ), delete $ENV{{P}}), @ARGV)");
    approving(&sandbox, || {
        for way in [Way::Bare, Way::Wrapped] {
            let mut perl = sandbox.program("perl");
            perl.args(["-e", &holds, "sh", "-c", "perl -e \"$1\"; perl -e \"$1\"", "sh", &asks]);
            let output = Running::start(perl.env("P", way.prefix())).finish();
            assert_eq!(output.stdout, b"held\nheld\n", "{way:?}: {output:?}");
        }
    });
}

#[test]
fn what_is_written_to_a_pipe_with_a_name_is_left_for_the_command() {
    let sandbox = Sandbox::new();
    let script = "mkfifo pipe; (echo 'echo from the pipe' > pipe &); timeout 20 $P sh pipe; \
                  mkfifo -m 700 program; (echo x > program &); timeout 20 $P ./program; echo $?; \
                  timeout 20 cat program";
    approving(&sandbox, || {
        for way in [Way::Bare, Way::Wrapped] {
            let output = run_script(&sandbox, way, script);
            assert_eq!(output.stdout, b"from the pipe\n126\nx\n", "{way:?}: {output:?}");
            fs::remove_file(sandbox.work().join("pipe")).expect("it is there");
            fs::remove_file(sandbox.work().join("program")).expect("it is there");
        }
    });
}

#[test]
fn a_reader_that_leaves_ends_the_writer() {
    let sandbox = Sandbox::new();
    let script = "$P yes | head -1; echo ${PIPESTATUS[0]}";
    let output = approving(&sandbox, || run_script(&sandbox, Way::Wrapped, script));
    assert_eq!(output.stdout, b"y\n141\n", "{output:?}");
}

#[test]
fn a_pipe_the_command_closes_is_closed() {
    let sandbox = Sandbox::new();
    let script = "$P sh -c 'echo begun; exec >&-; while [ ! -e go ]; do sleep 0.02; done; \
                  touch gone' | { cat; touch go; }";
    let output = approving(&sandbox, || run_script(&sandbox, Way::Wrapped, script));
    assert_eq!(output.stdout, b"begun\n");
    eventually("the command to go on", || sandbox.work().join("gone").exists().then_some(()));
}

#[test]
fn a_background_child_neither_holds_us_up_nor_dies_with_us() {
    let sandbox = Sandbox::new();
    let script = "$P sh -c '(while [ ! -e go ]; do sleep 0.02; done; touch gone) \
                  >/dev/null 2>&1 & echo done'";
    let output = approving(&sandbox, || run_script(&sandbox, Way::Wrapped, script));
    assert_eq!(output.stdout, b"done\n", "{output:?}");
    fs::write(sandbox.work().join("go"), "").expect("a file");
    eventually("the child to go on", || sandbox.work().join("gone").exists().then_some(()));
}

/// A command that notes each signal it gets, and ends on a second of them.
fn counting(sandbox: &Sandbox) -> Running {
    let script = "trap 'echo USR1' USR1; trap 'echo HUP' HUP; trap 'echo TERM; exit 3' TERM; \
                  echo ready; while :; do read -t 0.02 -r line < fifo; done 2> /dev/null";
    let mut command = sandbox.program("mkfifo");
    command.arg("fifo").status().expect("mkfifo runs");
    let mut command = sandbox.airlock(["--", "bash", "-c", &format!("exec 9<>fifo; {script}")]);
    Running::start(command.process_group(0))
}

#[test]
fn a_signal_sent_to_us_or_to_the_group_arrives_once() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let running = counting(&sandbox);
        let expect = |text: &str| {
            eventually(text, || (running.stdout() == text).then_some(()));
        };
        expect("ready\n");
        kill(running.pid(), Signal::SIGUSR1).expect("it lives");
        expect("ready\nUSR1\n");
        killpg(running.pid(), Signal::SIGHUP).expect("it lives");
        expect("ready\nUSR1\nHUP\n");
        killpg(running.pid(), Signal::SIGUSR1).expect("it lives");
        expect("ready\nUSR1\nHUP\nUSR1\n");
        kill(running.pid(), Signal::SIGTERM).expect("it lives");
        let output = running.finish();
        assert_eq!(output.stdout, b"ready\nUSR1\nHUP\nUSR1\nTERM\n", "{output:?}");
        assert_eq!(output.status.code(), Some(3));
    });
}

#[test]
fn a_command_that_is_stopped_stops_us_and_goes_on_with_us() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let script = "echo $$; while [ ! -e go ]; do sleep 0.02; done; exit 5";
        let running = sandbox.start(["--", "sh", "-c", script]);
        let command = pid_of(&running);
        kill(command, Signal::SIGSTOP).expect("it lives");
        eventually("us to be stopped", || (state(running.pid()) == Some('T')).then_some(()));
        kill(running.pid(), Signal::SIGCONT).expect("we live");
        eventually("it to go on", || (state(command) != Some('T')).then_some(()));
        fs::write(sandbox.work().join("go"), "").expect("a file");
        assert_eq!(running.finish().status.code(), Some(5));
    });
}

#[test]
fn a_command_does_not_go_on_when_we_are_killed() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let running = sandbox.start(["--", "sh", "-c", "echo $$; exec sleep 300"]);
        let command = pid_of(&running);
        running.signal(Signal::SIGKILL);
        eventually("the command to be gone", || gone(command).then_some(()));
        assert_eq!(running.finish().status.signal(), Some(9));
    });
}

#[test]
fn a_time_limit_around_us_leaves_nothing_behind() {
    let sandbox = Sandbox::new();
    let script = "timeout 20 $P sh -c 'echo $$ > pid; kill -ALRM $(ps -o ppid= -p $PPID); \
                  exec sleep 300'; echo $?";
    let output = approving(&sandbox, || run_script(&sandbox, Way::Wrapped, script));
    assert_eq!(output.stdout, b"124\n", "{output:?}");
    let pid = fs::read_to_string(sandbox.work().join("pid")).expect("the command ran");
    let command = Pid::from_raw(pid.trim().parse().expect("a number"));
    eventually("the command to be gone", || gone(command).then_some(()));
}

#[test]
fn a_pty_can_be_had_where_there_is_no_terminal() {
    let sandbox = Sandbox::new();
    let script = "test -t 0 && test -t 1 && test -t 2 && stty size && stty -echo && cat; exit 6";
    let mut command = sandbox.airlock(["--pty=always", "--", "sh", "-c", script]);
    let output =
        approving(&sandbox, || Running::start_with_input(&mut command, b"hello\n").finish());
    assert_eq!(output.status.code(), Some(6), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("24 80\r\n") && text.ends_with("hello\r\n"), "{text:?}");
}

#[test]
fn a_file_that_cannot_be_executed_is_told_as_a_shell_tells_it() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.path("bin").join("plain"), "echo hello\n").expect("a file");
    let plain = sandbox.path("bin").join("plain");
    let output = approving(&sandbox, || {
        run_script(
            &sandbox,
            Way::Wrapped,
            &format!("chmod +x {0}; $P {0}; echo $?", plain.display()),
        )
    });
    assert_eq!(output.stdout, b"126\n", "{output:?}");
}

/// Reads the process number a command printed first.
fn pid_of(running: &Running) -> Pid {
    let text = eventually("a process number", || {
        let text = running.stdout();
        text.ends_with('\n').then_some(text)
    });
    Pid::from_raw(text.trim().parse().expect("a number"))
}

#[test]
fn every_test_that_the_documents_name_is_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let documents = ["docs/fidelity.md", "docs/faults.md", "docs/approver-defences.md"];
    let documents = documents.map(|name| root.join(name));
    let whole = documents.map(|path| fs::read_to_string(path).expect("a document")).concat();
    let mut names = 0;
    for name in whole.split('`').filter(|word| word.contains("::")) {
        let (file, test) = name.rsplit_once("::").expect("a file and a test");
        if file == "file" {
            continue;
        }
        let module = file.replace("::", "/");
        let places = [
            format!("tests/{file}.rs"),
            format!("src/{module}.rs"),
            format!("src/{module}/mod.rs"),
        ];
        let source = places.iter().find_map(|place| fs::read_to_string(root.join(place)).ok());
        let source = source.expect(name);
        assert!(source.contains(&format!("fn {test}()")), "{name}");
        names += 1;
    }
    assert!(names > 170, "only {names} tests are named");
}
