//! Setting up, and finding what does not work.

mod account_support;
mod support;

use account_support::{Front, OpenIdProvider, OwnGateway, Reply, federated, settings};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::Arc;
use support::{BINARY, Refused, Running, Sandbox, Terminal, Tmux, eventually};

#[test]
fn init_sets_up_a_gateway_keeps_the_rest_and_doctor_finds_what_is_left() {
    let sandbox = Sandbox::new();
    let gateway = OwnGateway::start(&sandbox);
    let config = sandbox.path("config/airlock-exec/config.toml");
    fs::write(&config, "# mine\nworkspace = \"w\"\n").expect("settings");
    let words = ["init", "--gateway", &gateway.url, "--pat-stdin"];
    let init = || {
        let token = gateway.token.as_bytes();
        Running::start_with_input(&mut sandbox.airlock(words), token).finish()
    };
    assert!(init().status.success());
    let once = fs::read_to_string(&config).expect("settings");
    assert!(once.starts_with("# mine\nworkspace = \"w\"\n"), "{once}");
    assert!(init().status.success());
    assert_eq!(fs::read_to_string(&config).expect("settings"), once);
    let unpaired = sandbox.start(["doctor", "--json"]).finish();
    assert_eq!(unpaired.status.code(), Some(1), "{unpaired:?}");
    assert_eq!(bad(&unpaired), ["pairing"]);
    gateway.pair(&sandbox);
    let paired = sandbox.start(["doctor", "--json"]).finish();
    assert_eq!(paired.status.code(), Some(0), "{paired:?}");
    let status = sandbox.start(["status", "--json"]).finish();
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).expect("JSON");
    assert_eq!(status["gateway"], gateway.url.as_str());
    assert_eq!(status["signIn"], "personal access token");
    assert_eq!(status["approvers"].as_array().map(Vec::len), Some(1));
    // The approver of this test lives in the same home.
    assert_eq!(status["protection"], "cooperative");
}

#[test]
fn init_takes_back_what_would_not_work() {
    let sandbox = Sandbox::new();
    let config = sandbox.path("config/airlock-exec/config.toml");
    let before = "mode = \"local\"\n";
    fs::write(&config, before).expect("settings");
    let output = sandbox.start(["init", "--hosted", "--origin", "https://app.example"]).finish();
    Refused::of_subcommand(&output).assert_says(&["gateway.client_id"]);
    assert_eq!(fs::read_to_string(&config).expect("settings"), before);
    let nowhere = sandbox.start(["init"]).finish();
    Refused::of_subcommand(&nowhere).assert_says(&["--local, --hosted or --gateway"]);
}

#[test]
fn doctor_names_what_others_can_read_and_what_does_not_answer() {
    let sandbox = Sandbox::new();
    settings(&sandbox, "http://127.0.0.1:1", "");
    fs::create_dir_all(sandbox.path("state/airlock-exec")).expect("a directory");
    let loose = fs::Permissions::from_mode(0o755);
    fs::set_permissions(sandbox.path("state/airlock-exec"), loose).expect("chmod");
    let output = sandbox.start(["doctor", "--json"]).finish();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(bad(&output), ["files", "gateway", "pairing"]);
    fs::write(sandbox.path("config/airlock-exec/config.toml"), "mdoe = 1\n").expect("settings");
    let output = sandbox.start(["doctor", "--json"]).finish();
    assert_eq!(bad(&output), ["settings", "files"]);
}

/// A shell in a window of that many columns that knows `airlock-exec`.
fn window(sandbox: &Sandbox, columns: u16) -> Tmux<'_> {
    let link = sandbox.path("bin/airlock-exec");
    if !link.exists() {
        symlink(BINARY, link).expect("a link");
    }
    let tmux = Tmux::start(sandbox);
    tmux.resize(columns, 50);
    tmux
}

#[test]
fn init_asks_until_it_can_be_used_and_offers_what_holds() {
    let sandbox = Sandbox::new();
    let config = sandbox.path("config/airlock-exec/config.toml");
    let tmux = window(&sandbox, 80);
    tmux.line("airlock-exec init");
    tmux.wait_for("1, 2 or 3 [1]:");
    tmux.line("five");
    tmux.wait_for("answer 1, 2 or 3");
    tmux.line("3");
    tmux.wait_for("its address");
    tmux.line("http://example.org");
    tmux.wait_for("is not a gateway address");
    tmux.line("http://127.0.0.1:9");
    tmux.wait_for("client id");
    tmux.line("my app");
    tmux.wait_for("visible ASCII");
    assert!(!config.exists(), "nothing is written before the end");
    tmux.line("");
    tmux.wait_for("next: airlock-exec sign-in");
    let once = fs::read_to_string(&config).expect("settings");
    assert!(once.contains("mode = \"own\"") && once.contains("127.0.0.1:9"), "{once}");
    tmux.blank();
    tmux.line("airlock-exec init");
    tmux.wait_for("(as now)");
    tmux.line("");
    tmux.wait_for("[http://127.0.0.1:9]");
    tmux.line("");
    tmux.wait_for("client id of your app, if you have one [none]");
    tmux.line("");
    tmux.wait_for("written: ");
    assert_eq!(fs::read_to_string(&config).expect("settings"), once);
}

#[test]
fn init_that_is_given_up_changes_nothing() {
    let sandbox = Sandbox::new();
    let tmux = window(&sandbox, 80);
    for key in ["C-c", "C-d"] {
        tmux.blank();
        tmux.line("airlock-exec init; echo \"ended=$?\"");
        tmux.wait_for("1, 2 or 3 [1]:");
        tmux.key(key);
        let screen = tmux.wait_for(if key == "C-c" { "^C" } else { "ended=125" });
        assert!(key == "C-c" || screen.contains("nothing was changed"), "{screen}");
    }
    assert!(!sandbox.path("config/airlock-exec/config.toml").exists());
}

#[test]
fn a_token_that_is_typed_is_not_shown_and_the_terminal_is_put_right() {
    let sandbox = Sandbox::new();
    settings(&sandbox, "http://127.0.0.1:9", "");
    let tmux = window(&sandbox, 80);
    // A shell that is not interactive leaves the terminal as it finds it.
    let line = "sh -c 'sh -c \"echo \\$\\$ > pid; exec airlock-exec sign-in --pat\"; stty -a > modes; echo over'";
    let end = |key: Option<&str>| {
        tmux.blank();
        tmux.line(&format!("rm -f modes; {line}"));
        tmux.wait_for("personal access token for http://127.0.0.1:9");
        tmux.typed("s3cr3t-token");
        match key {
            Some(key) => tmux.key(key),
            None => tmux.other("kill -TERM $(cat pid)"),
        }
        let screen = tmux.wait_for("over\n");
        assert!(!screen.contains("s3cr3t"), "{screen}");
        let modes = fs::read_to_string(sandbox.work().join("modes")).expect("modes");
        for off in ["-echo ", "-icanon", "-isig"] {
            assert!(!modes.contains(off), "{key:?}: {off} in {modes}");
        }
        screen
    };
    assert!(end(Some("C-c")).contains("not signed in: interrupted"));
    assert!(end(Some("Enter")).contains("no answer from"));
    end(None);
}

#[test]
fn a_sign_in_shows_address_code_and_a_qr_code_where_there_is_room() {
    let sandbox = Sandbox::new();
    let gateway = OwnGateway::start(&sandbox);
    let provider = Arc::new(OpenIdProvider::start());
    let front = federated(&gateway, &provider, &provider.issuer);
    settings(&sandbox, &front.url, "");
    let tmux = window(&sandbox, 80);
    for (columns, variables, drawn) in [
        (60, "", true),
        (200, "NO_COLOR=1", true),
        (40, "", false),
        (80, "LC_ALL=C", false),
        (80, "TERM=dumb", false),
    ] {
        tmux.blank();
        tmux.resize(columns, 60);
        // tmux tells the terminal its size a little later.
        let sized = format!("until stty size | grep -q ' {columns}$'; do sleep 0.1; done");
        tmux.line(&format!("{sized}; {variables} airlock-exec sign-in"));
        let screen = tmux.wait_for("waiting up to");
        assert!(screen.contains("to sign in, open: http://127.0.0.1:"), "{screen}");
        assert!(screen.contains("and enter:"), "{screen}");
        assert_eq!(screen.contains('▄'), drawn, "{columns} {variables}: {screen}");
        tmux.key("C-c");
        tmux.wait_for("^C");
    }
    tmux.blank();
    tmux.resize(80, 60);
    tmux.line("airlock-exec sign-in");
    let screen = tmux.wait_for("waiting up to");
    let code = screen.split_once("and enter:").expect("a code").1;
    let code = code.split_whitespace().next().expect("a code").to_owned();
    assert_eq!(provider.play("approve", &code).0, 200);
    tmux.wait_for("signed in at");
}

#[test]
fn a_provider_that_goes_away_while_it_is_asked_is_told_about_once() {
    let sandbox = Sandbox::new();
    let gateway = OwnGateway::start(&sandbox);
    let provider = Arc::new(OpenIdProvider::start());
    let front = federated(&gateway, &provider, &provider.issuer);
    settings(&sandbox, &front.url, "");
    let mut running = sandbox.start(["sign-in"]);
    eventually("a code", || running.stdout().contains("waiting up to").then_some(()));
    provider.play("die", "");
    running.wait_for_stderr("asking again for up to 10 min");
    // The second time it is asked again, and nothing is said.
    let start = std::time::Instant::now();
    let long = std::time::Duration::from_secs(5);
    eventually("another try", || (start.elapsed() > long).then_some(()));
    assert!(!running.has_ended());
    assert_eq!(running.stderr().matches("no answer from").count(), 1, "{}", running.stderr());
    running.signal(nix::sys::signal::Signal::SIGINT);
    running.finish();
}

#[test]
fn the_canary_finds_what_is_caught_and_what_is_not() {
    let sandbox = Sandbox::new();
    let fired = || {
        let output = sandbox.start(["doctor", "--canary", "--json"]).finish();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let rows = report["canary"].as_array().expect("rows").clone();
        let state = move |form: &str| {
            let row = rows.iter().find(|row| row["form"] == form).expect(form);
            (row["state"].as_str().expect("a state").to_owned(), row["by"].clone())
        };
        (output.status.code(), state)
    };
    let (status, state) = fired();
    assert_eq!(status, Some(1), "nothing is caught");
    assert_eq!(state("bash -c").0, "not caught");
    assert_eq!(state("env -i bash -c").0, "cannot be caught here");
    assert_eq!(state("$SHELL -c").0, "not here");
    // A shell on PATH that asks, as a wrapper would.
    sandbox.script("zsh", &format!("exec {BINARY} -- /bin/sh \"$@\""));
    let (status, state) = fired();
    assert_eq!(status, Some(0));
    assert_eq!(state("zsh -c"), ("caught".to_owned(), "prefix".into()));
    assert_eq!(state("bash -c").0, "not caught");
    assert!(sandbox.pending_now().is_empty(), "nobody is asked about a canary");
}

#[test]
fn the_canary_comes_through_every_surface_that_is_installed() {
    let sandbox = Sandbox::new();
    assert!(sandbox.program("git").args(["init", "-q"]).status().expect("git").success());
    for words in [
        &["shim", "install", "touch"][..],
        &["hook", "install", "--git"],
        &["hook", "install", "--agent", "claude-code"],
        &["hook", "install", "--agent", "cline"],
        &["hook", "install", "--agent", "copilot"],
        &["hook", "install", "--agent", "opencode"],
    ] {
        assert!(sandbox.output(words).status.success(), "{words:?}");
    }
    let mut path = sandbox.path("data/airlock-exec/shims").into_os_string();
    path.push(":/usr/local/bin:/usr/bin:/bin");
    let mut session = sandbox.airlock(["session", "--", BINARY, "doctor", "--canary", "--json"]);
    let output = Running::start(session.env("PATH", path)).finish();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let rows = report["canary"].as_array().expect("rows");
    let row = |form: &str, what: &str| {
        let found = rows.iter().find(|row| row["form"] == form && row["what"] == what);
        let row = found.unwrap_or_else(|| panic!("{form} {what} is not in {report:#}"));
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        (text("state"), text("by"), text("why"))
    };
    for shell in ["sh", "bash", "dash", "zsh", "fish"] {
        for agent in ["Claude Code", "Copilot CLI, VS Code"] {
            let (state, by, _) = row(agent, &format!("its hook, by {shell}"));
            assert_eq!((&*state, &*by), ("caught", "agent hook"), "{agent} {shell}");
        }
    }
    for hook in ["commit-msg", "pre-push", "reference-transaction"] {
        let (state, by, _) = row("git", &format!("hook {hook}"));
        assert_eq!((&*state, &*by), ("caught", "git hook"), "{hook}");
    }
    for form in ["bash -c", "bash -lc", "zsh -c", "zsh -lc", "zsh -ic", "fish -c", "fish -lc"] {
        assert_eq!(row(form, "any command").0, "caught", "{form}");
    }
    for form in ["sh -c", "bash -ic", "bash <text", "make", "python shell=True", "perl system"] {
        let (state, _, why) = row(form, "any command");
        assert_eq!(state, "cannot be caught here", "{form}");
        assert!(!why.is_empty(), "{form}");
        assert_eq!(row(form, "touch").1, "shim", "{form}: the shim sees the program");
    }
    for way in ["command -p", "another PATH"] {
        assert_eq!(row(way, "touch").0, "cannot be caught here", "{way}");
    }
    assert_eq!(row("Cline", "its hook").1, "agent hook");
    assert_eq!(row("opencode", "its hook").0, "not tried");
    assert!(sandbox.pending_now().is_empty(), "nobody is asked about a canary");
}

#[test]
fn the_canary_variable_only_ever_refuses() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let mut command = sandbox.airlock(canary.arguments());
    let output = Running::start(command.env("AIRLOCK_EXEC_CANARY", "x")).finish();
    Refused::with_status(&output, 121).assert_says(&["canary x caught by the prefix"]);
    canary.assert_absent();
}

#[test]
fn a_pairing_that_is_interrupted_leaves_nobody_paired() {
    let sandbox = Sandbox::new();
    let gateway = OwnGateway::start(&sandbox);
    let front = Front::before(&gateway.url, None, |_| Reply::Pass);
    settings(&sandbox, &front.url, "");
    let mut command = sandbox.airlock(["sign-in", "--pat"]);
    let signed = Running::start_with_input(&mut command, gateway.token.as_bytes()).finish();
    assert!(signed.status.success(), "{signed:?}");
    // Before anybody answered.
    let mut early = Terminal::airlock(&sandbox, ["pair"]);
    early.expect("waiting for the approver");
    early.send("\x03");
    let (status, said) = early.finish();
    assert_eq!(status.exit_code(), 125, "{said}");
    assert!(said.contains("not paired: interrupted"), "{said}");
    // At the question whether the fingerprints are the same.
    let mut late = Terminal::airlock(&sandbox, ["pair"]);
    late.expect("waiting for the approver");
    let said = late.output();
    let code = said.split_once("code: ").expect("a code").1;
    let code = code.split_whitespace().next().expect("a code");
    gateway.approver(&sandbox, &["pair", code, "--wait", "0s"]);
    late.expect("[y/N] ");
    late.send("\x03");
    let (_, said) = late.finish();
    assert!(said.contains("not paired: interrupted"), "{said}");
    assert_eq!(front.calls("/v1/pairing/revoke").len(), 1, "the approver is told");
    assert!(sandbox.stored_pairings().is_empty());
}

#[test]
fn a_program_reads_a_pairing_as_events() {
    let sandbox = Sandbox::new();
    let gateway = OwnGateway::start(&sandbox);
    settings(&sandbox, &gateway.url, "");
    let mut command = sandbox.airlock(["sign-in", "--pat"]);
    Running::start_with_input(&mut command, gateway.token.as_bytes()).finish();
    let event = |line: &str| -> serde_json::Value { serde_json::from_str(line).expect("JSON") };
    let running = sandbox.start(["pair", "--json", "--yes", "--name", "phone"]);
    let first = eventually("an event", || running.stdout().lines().next().map(event));
    assert_eq!(first["event"], "code");
    assert!(first["expiresAt"].is_string(), "{first}");
    gateway.approver(&sandbox, &["pair", first["code"].as_str().expect("a code")]);
    let output = running.finish();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let last = event(said.lines().last().expect("a line"));
    assert_eq!((&last["event"], &last["name"]), (&"paired".into(), &"phone".into()));
    assert!(last["fingerprint"].is_string() && last["cipher"].is_string(), "{last}");
    // There is no question that a program could answer.
    let mut asked = Terminal::airlock(&sandbox, ["pair", "--json"]);
    asked.expect("no terminal to compare");
    let (_, said) = asked.finish();
    assert!(!said.contains("\"event\""), "{said}");
}

#[test]
fn config_show_says_whether_the_app_has_a_secret_and_who_we_are() {
    let sandbox = Sandbox::new();
    let gateway = OwnGateway::start(&sandbox);
    settings(&sandbox, &gateway.url, "");
    let row = |name: &str| {
        let output = sandbox.start(["config", "show", "--json"]).finish();
        assert!(!String::from_utf8_lossy(&output.stdout).contains("s3cr3t"), "{output:?}");
        let shown: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let rows = shown["settings"].as_array().expect("settings").clone();
        rows.into_iter().find(|row| row["name"] == name).expect("a row")
    };
    assert!(row("gateway.client_secret")["value"].is_null());
    assert!(row("enforcer.id")["value"].is_null());
    let mut command = sandbox.airlock(["config", "set", "gateway.client_secret"]);
    Running::start_with_input(&mut command, b"s3cr3t").finish();
    let mut command = sandbox.airlock(["sign-in", "--pat"]);
    Running::start_with_input(&mut command, gateway.token.as_bytes()).finish();
    gateway.pair(&sandbox);
    let secret = row("gateway.client_secret");
    assert_eq!((&secret["value"], &secret["layer"]), (&"(set)".into(), &"state".into()));
    let source = secret["source"].as_str().expect("a source");
    assert!(source.contains("/account/app-"), "{source}");
    assert!(row("enforcer.id")["value"].is_string());
}

/// Returns which checks found something to mend.
fn bad(output: &std::process::Output) -> Vec<String> {
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let findings = report["findings"].as_array().expect("findings").clone();
    let name = |each: &serde_json::Value| each["check"].as_str().expect("a name").to_owned();
    findings.iter().filter(|each| each["state"] == "mend").map(name).collect()
}
