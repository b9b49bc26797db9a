//! Nobody can tell, or is told why not: processes of ours that are stopped or killed,
//! limits that are reached, and what the system does not have.

mod fidelity_support;

use fidelity_support::support::{BINARY, Sandbox, Terminal, eventually};
use fidelity_support::{Way, approving, children, gone, parent, script, state};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid};
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};

/// A command on a terminal that repeats lines, and the processes around it.
struct Scene {
    terminal: Terminal,
    supervisor: Pid,
    monitor: Pid,
    command: Pid,
}

impl Scene {
    /// Starts it below a shell that says how it ended and whether the terminal is as
    /// it was.
    fn start(sandbox: &Sandbox) -> Self {
        let text = "before=$(stty -g); $P sh -c 'echo $PPID $$ > pids; echo ready; exec cat'; \
                    echo status $?; \
                    while [ \"$(stty -g)\" != \"$before\" ]; do sleep 0.02; done; echo restored";
        let mut terminal = script(sandbox, Way::Wrapped, text);
        terminal.expect("ready");
        let pids = fs::read_to_string(sandbox.work().join("pids")).expect("it says who it is");
        let (monitor, command) = pids.trim().split_once(' ').expect("two numbers");
        let pid = |text: &str| Pid::from_raw(text.parse().expect("a number"));
        let (monitor, command) = (pid(monitor), pid(command));
        Self { terminal, supervisor: parent(monitor), monitor, command }
    }

    fn witness(&self) -> Pid {
        let ours = children(self.supervisor);
        ours.into_iter().find(|pid| *pid != self.monitor).expect("a witness")
    }

    fn repeats(&mut self, line: &str) {
        self.terminal.send(format!("{line}\n"));
        self.terminal.expect(&format!("{line}\r\n{line}\r\n"));
    }

    fn ends_with(&mut self, status: u8) {
        self.terminal.expect(&format!("status {status}"));
        self.terminal.expect("restored");
        let command = self.command;
        eventually("the command to be gone", || gone(command).then_some(()));
    }
}

fn send(pid: Pid, signal: Signal) {
    kill(pid, signal).expect("it lives");
}

fn stop(pid: Pid) {
    send(pid, Signal::SIGSTOP);
}

#[test]
fn who_is_stopped_beside_us_holds_nothing_up() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let mut scene = Scene::start(&sandbox);
        stop(scene.monitor);
        stop(scene.witness());
        scene.repeats("one");
        scene.terminal.send("\x04");
        scene.ends_with(0);
    });
}

#[test]
fn we_go_on_where_we_were_stopped() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let mut scene = Scene::start(&sandbox);
        stop(scene.supervisor);
        let supervisor = scene.supervisor;
        eventually("us to be stopped", || (state(supervisor) == Some('T')).then_some(()));
        scene.terminal.send("meanwhile\n");
        send(scene.supervisor, Signal::SIGCONT);
        scene.terminal.expect("meanwhile\r\nmeanwhile\r\n");
        scene.repeats("later");
        scene.terminal.send("\x04");
        scene.ends_with(0);
    });
}

#[test]
fn a_command_without_its_monitor_does_not_go_on() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let mut scene = Scene::start(&sandbox);
        send(scene.monitor, Signal::SIGKILL);
        scene.ends_with(137);
    });
}

#[test]
fn a_command_without_us_does_not_go_on_though_its_monitor_was_stopped() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let mut scene = Scene::start(&sandbox);
        // Not long enough for us to notice and have it go on, or the kernel does.
        stop(scene.supervisor);
        stop(scene.monitor);
        send(scene.supervisor, Signal::SIGKILL);
        scene.ends_with(137);
    });
}

#[test]
fn a_command_that_is_stopped_does_not_stay_when_we_are_killed() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let mut scene = Scene::start(&sandbox);
        stop(scene.command);
        let supervisor = scene.supervisor;
        eventually("us to be stopped", || (state(supervisor) == Some('T')).then_some(()));
        send(scene.supervisor, Signal::SIGKILL);
        scene.ends_with(137);
    });
}

#[test]
fn signals_arrive_without_the_witness() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let mut scene = Scene::start(&sandbox);
        send(scene.witness(), Signal::SIGKILL);
        scene.repeats("alone");
        send(scene.supervisor, Signal::SIGTERM);
        scene.ends_with(143);
    });
}

#[test]
fn a_time_limit_around_us_leaves_nothing_behind_on_a_terminal() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let text = "timeout 20 $P sh -c 'trap \"echo TERM >> terms; exit\" TERM; echo $$ > pid; \
                    while :; do sleep 0.02; done' & \
                    while [ ! -s pid ]; do sleep 0.02; done; kill -ALRM $!; wait $!; echo status $?";
        let mut terminal = script(&sandbox, Way::Wrapped, text);
        terminal.expect("status 124");
        let pid = fs::read_to_string(sandbox.work().join("pid")).expect("the command ran");
        let command = Pid::from_raw(pid.trim().parse().expect("a number"));
        eventually("the command to be gone", || gone(command).then_some(()));
        let terms = fs::read_to_string(sandbox.work().join("terms")).expect("it was told");
        assert_eq!(terms, "TERM\n", "told once, though we and our group were told");
    });
}

#[test]
fn a_command_that_ignores_hangups_outlives_its_terminal() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let text = "nohup $P sh -c 'echo ready > ready; while [ ! -e go ]; do sleep 0.02; done; \
                    echo done > done'; true";
        let terminal = script(&sandbox, Way::Wrapped, text);
        let exists = |name: &str| sandbox.work().join(name).exists().then_some(());
        eventually("it to start", || exists("ready"));
        drop(terminal);
        fs::write(sandbox.work().join("go"), "").expect("a file");
        eventually("it to go on", || exists("done"));
    });
}

#[test]
fn output_that_a_key_holds_up_goes_on_with_the_other_key() {
    let sandbox = Sandbox::new();
    approving(&sandbox, || {
        let text = "$P sh -c 'echo ready; read -r line; touch read; echo after'; echo finis";
        let mut terminal = script(&sandbox, Way::Wrapped, text);
        terminal.expect("ready");
        terminal.send("\x13line\n");
        eventually("the line to be read", || {
            let read = sandbox.work().join("read");
            read.exists().then_some(())
        });
        assert!(!terminal.output().contains("after"), "{}", terminal.output());
        terminal.send("\x11");
        terminal.expect("after");
        terminal.expect("finis");
    });
}

/// Runs a script on a terminal in which `try` runs a command that needs nobody's
/// consent on a pty, and says whether the terminal is as it was.
fn trying(sandbox: &Sandbox, text: &str) -> String {
    sandbox.policy("read-only = \"allow\"\n");
    fs::write(sandbox.work().join("file"), "content\n").expect("a file");
    let text = format!(
        "before=$(stty -g); try() {{ {BINARY} --pty=always -- cat file; echo status $?; \
         test \"$(stty -g)\" = \"$before\" && echo same; }}; {text}; echo finis"
    );
    let mut terminal = script(sandbox, Way::Bare, &text);
    terminal.expect("finis");
    terminal.output()
}

/// Every refusal says that nothing ran, and leaves the terminal as it was.
fn assert_refused(output: &str, times: usize) {
    assert_eq!(output.matches("nothing was executed").count(), times, "{output}");
    assert_eq!(output.matches("status 125").count(), times, "{output}");
}

#[test]
fn too_few_descriptors_are_said_and_nothing_runs() {
    let sandbox = Sandbox::new();
    // Below five, the loader itself gives up.
    let text = "for n in $(seq 5 40); do (ulimit -n $n; try) 2>&1; done";
    let output = trying(&sandbox, text);
    assert_eq!(output.matches("same\r\n").count(), 36, "{output}");
    let ran = output.matches("content\r\nstatus 0").count();
    assert!(ran > 0 && ran < 36, "{output}");
    assert_eq!(output.matches("content").count(), ran, "{output}");
    // The monitor needs three of its own: to hear of signals, and a pipe to the command.
    assert_eq!(output.matches("prepare the command's process").count(), 3, "{output}");
    assert_refused(&output, 36 - ran);
    assert!(output.contains("ulimit -n"), "{output}");
}

#[test]
fn too_few_processes_are_said_and_nothing_runs() {
    let sandbox = Sandbox::new();
    // The limit does not hold for root.
    let user = if Uid::effective().is_root() {
        let somebody = 61_234;
        let open = |path: &std::path::Path| {
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("chmod");
        };
        fs::copy(BINARY, sandbox.path("bin/airlock")).expect("a copy");
        open(&sandbox.path("."));
        open(&sandbox.path("bin"));
        for name in ["home", "work", "config", "config/airlock-exec", "state", "run", "data", "tmp"]
        {
            chown(sandbox.path(name), Some(somebody), Some(somebody)).expect("chown");
        }
        sandbox.policy("read-only = \"allow\"\n");
        let policy = sandbox.path("config/airlock-exec/policy.toml");
        chown(policy, Some(somebody), Some(somebody)).expect("chown");
        format!("setpriv --reuid={somebody} --regid={somebody} --clear-groups")
    } else {
        fs::copy(BINARY, sandbox.path("bin/airlock")).expect("a copy");
        String::new()
    };
    let text = format!(
        "for n in 1 2; do prlimit --nproc=$n {user} airlock --pty=always -- cat file 2>&1; \
         echo status $?; done"
    );
    let output = trying(&sandbox, &text);
    assert!(!output.contains("content"), "{output}");
    assert_refused(&output, 2);
    assert!(output.contains("ulimit -u"), "{output}");
}

#[test]
fn a_system_without_ptys_is_said_and_nothing_runs() {
    let sandbox = Sandbox::new();
    let text = "unshare --mount true || echo impossible; \
                export -f try; export before; \
                unshare --mount bash -c 'mount --bind /dev/null /dev/ptmx; try; \
                umount /dev/ptmx; try' 2>&1";
    let output = trying(&sandbox, text);
    if output.contains("impossible") {
        return eprintln!("not possible here: mount namespaces are not allowed");
    }
    assert_eq!(output.matches("same\r\n").count(), 2, "{output}");
    assert_refused(&output, 1);
    assert!(output.contains("/dev/ptmx") && output.contains("--pty=never"), "{output}");
    assert!(output.contains("content\r\nstatus 0"), "{output}");
}
