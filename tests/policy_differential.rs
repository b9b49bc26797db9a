//! Commands made of fragments, judged, and the allowed ones run under strace in a
//! repository that tries to get its own programs started: nothing starts and nothing
//! is written that the command does not say.
//!
//! `AIRLOCK_DIFFERENTIAL=5000` makes more of them, `AIRLOCK_DIFFERENTIAL_SEED=7` others.

mod support;

use serde_json::Value;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use support::{BINARY, Running, Sandbox};

/// A small generator of numbers: what matters is that a seed gives the same again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % u64::try_from(limit).expect("small")).expect("small")
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// Programs, and the words they are tried with, between `~`: harmless ones and others.
const PROGRAMS: &[(&str, &str)] = &[
    (
        "git",
        "status~diff~log~show~blame~grep~branch~stash~rev-parse~commit~--short~-p~-v~--stat~HEAD~a.txt~two~list~-a~--show-toplevel~--output=out~--ext-diff~--textconv~-O./evil~-ccore.pager=./evil~-c~core.fsmonitor=./evil~--no-pager~new~-m~x~config~--list~--get~describe~--format=%G?~--format=%+G?~:a.txt~HEAD:a.txt~--contains~--~-S~one~ls-files~-o~-C~sub~shortlog~for-each-ref~tag~checkout~worktree~remote",
    ),
    ("sort", "a.txt~-u~-o~out~-uo~-k1~--compress-program=./evil~-S~1k~-T~.~-r"),
    ("uniq", "a.txt~-c~out~-d"),
    ("xxd", "a.txt~-p~-ps~-r~out~-l~4~-c4~-s"),
    (
        "find",
        ".~-name~*.txt~-type~f~-exec~./evil~{}~;~-delete~-fprint~out~-ls~-newer~a.txt~-ok~-print0~-maxdepth~1",
    ),
    (
        "sed",
        "-n~p~1,2p~w out~1e ./evil~s/o/.\\/evil/e~s/o/x/w out~s/o/x/g~a.txt~-i~s|[^]|a|;s,]*|./evil|e;#,q,~-e~s/[[:alpha:]]*$//~-s~--in-place~-f~evil.sed~y/a/b/~$!N;P;D",
    ),
    (
        "awk",
        "{print}~{print $1}~BEGIN{system(\"./evil\")}~{print > \"out\"}~{print | \"./evil\"}~a.txt~-F,~-f~evil.awk~-v~x=1~\"./evil\" | getline~$1 == \"one\"",
    ),
    ("grep", "-r~one~.~-n~-l~a.txt~-f~--include=*.txt~-P"),
    ("cat", "a.txt~-n~sub/b.txt~-"),
    ("head", "-2~a.txt~-n~1~-c3"),
    ("tail", "-2~a.txt~-n~+2"),
    ("wc", "-l~a.txt~--files0-from=a.txt"),
    ("ls", "-la~sub~.~--color~-R"),
    ("cut", "-c1~-d,~-f1~a.txt"),
    ("tr", "a~b~-d"),
    ("diff", "a.txt~sub/b.txt~-u~-r~--to-file=a.txt~-l"),
    ("stat", "a.txt~-c~%s"),
    ("date", "+%s~-u~0101~-s~now"),
    ("echo", "a~-n~$HOME~b c"),
    ("printf", "%s~%n~PATH~-v~x~a"),
    ("test", "-f~a.txt~-v~a[$(./evil)]~=~x"),
    ("tee", "out"),
    ("touch", "out"),
    ("cp", "a.txt~out"),
    ("env", "./evil~X=1~ls"),
    ("xargs", "./evil~ls"),
    ("make", "-n~all"),
    ("npm", "ls~test~--version"),
    ("node", "--version~-e~1"),
    ("python3", "--version~-c~1~-m~pytest"),
    ("tar", "cf~out~a.txt~--to-command=./evil"),
    ("tree", "-o~out~."),
    ("which", "ls~-a"),
    ("type", "ls~-P"),
    ("command", "-v~ls~./evil"),
    ("sha256sum", "a.txt~-c"),
    ("od", "-c~a.txt"),
    ("base64", "a.txt~-d"),
    ("jq", ".~-n~env~-f~a.txt"),
    ("cd", "sub~..~/"),
    ("./evil", ""),
    ("sh", "-c~./evil~evil~ls"),
    ("bash", "--version~-c~./evil"),
    ("less", "a.txt"),
];

const JOINTS: &[&str] = &[" | ", " && ", "; ", " || ", " | ", " && ", "\n", " & "];
const ENDS: &[&str] = &[
    " &>/dev/null ./evil",
    " &>/dev/null",
    "",
    "",
    "",
    "",
    " 2>&1",
    " >/dev/null",
    " > out",
    " >> out",
    " # x",
    " < a.txt",
    " $(./evil)",
];
const STARTS: &[&str] =
    &["", "", "", "", "", "NO_COLOR=1 ", "PAGER=./evil ", "PATH=. ", "! ", "time "];

/// A command, and the programs it says.
struct Generated {
    words: Vec<String>,
    programs: BTreeSet<String>,
}

impl Generated {
    fn simple(dice: &mut Dice) -> Self {
        let (program, pool) = dice.one_of(PROGRAMS);
        let pool: Vec<&str> = pool.split('~').filter(|word| !word.is_empty()).collect();
        let mut words = vec![program.to_owned()];
        // The first words of a pool are those that are harmless most of the time.
        for at in 0..dice.below(4) {
            if pool.is_empty() {
                break;
            }
            let narrow = if at == 0 { pool.len().min(6) } else { pool.len() };
            words.push(dice.one_of(&pool[..narrow]).to_owned());
        }
        let mut programs = BTreeSet::from([program.to_owned()]);
        if matches!(program, "sh" | "bash") {
            // Its text is one of the words.
            programs.extend(words.iter().cloned());
        }
        Self { words, programs }
    }

    /// Makes each program with each two neighbours of its words: those that say something
    /// together, such as `-o out`, stand side by side.
    fn neighbours() -> Vec<Self> {
        let mut made = Vec::new();
        for (program, pool) in PROGRAMS {
            let pool: Vec<&str> = pool.split('~').collect();
            let programs = BTreeSet::from([(*program).to_owned()]);
            let pairs = pool.windows(2).skip(1);
            made.extend(pairs.map(|pair| Self {
                words: [*program, pool[0], pair[0], pair[1]].map(str::to_owned).to_vec(),
                programs: programs.clone(),
            }));
        }
        made
    }

    fn make(dice: &mut Dice) -> Self {
        if dice.below(2) == 0 {
            return Self::simple(dice);
        }
        let shell = dice.one_of(&["sh", "bash"]);
        let mut text = String::new();
        let mut programs = BTreeSet::from([shell.to_owned()]);
        for at in 0..=dice.below(3) {
            let simple = Self::simple(dice);
            if at > 0 {
                text.push_str(dice.one_of(JOINTS));
            }
            text.push_str(dice.one_of(STARTS));
            // `$` and globs live or die by quotes: both are tried.
            text.push_str(&match dice.below(3) {
                0 => simple.words.join(" "),
                _ => shell_words::join(&simple.words),
            });
            text.push_str(dice.one_of(ENDS));
            programs.extend(simple.programs);
        }
        Self { words: vec![shell.to_owned(), "-c".to_owned(), text], programs }
    }
}

/// A repository in which everything that could be configured to run something is.
fn trap(sandbox: &Sandbox) {
    let work = sandbox.work();
    let git = |arguments: &[&str]| {
        let output = Running::start(sandbox.program("git").args(arguments)).finish();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    };
    for name in ["sub", "planted"] {
        fs::create_dir(work.join(name)).expect("a directory");
    }
    for (name, text) in [
        ("a.txt", "one\ntwo\n"),
        ("sub/b.txt", "one\nthree\n"),
        (
            ".npmrc",
            "script-shell=./evil\nnode-options=--require ./evil.js\nonload-script=./evil.js\n",
        ),
        ("package.json", "{\"scripts\":{\"test\":\"./evil\"}}"),
        ("evil.js", "require('fs').writeFileSync('out','x')"),
        ("Makefile", "X := $(shell ./evil)\nall:\n\t./evil\n"),
        (".ripgreprc", "--pre=./evil\n"),
        ("evil.sed", "w out\n"),
        ("evil.awk", "BEGIN{system(\"./evil\")}"),
    ] {
        fs::write(work.join(name), text).expect("written");
    }
    let evil = work.join("evil");
    fs::write(&evil, "#!/bin/sh\n>out\n").expect("written");
    fs::set_permissions(&evil, Permissions::from_mode(0o755)).expect("executable");
    for name in ["planted/git-lfs", "planted/pager", "planted/gpg", "planted/sort-helper"] {
        fs::copy(&evil, work.join(name)).expect("copied");
    }
    git(&["init", "-q"]);
    git(&["config", "user.name", "me"]);
    git(&["config", "user.email", "me@example.com"]);
    git(&["add", "a.txt"]);
    git(&["commit", "-q", "-m", "first"]);
    fs::write(work.join("a.txt"), "one\ntwo\nthree\n").expect("written");
    for setting in [
        "core.hooksPath .",
        "core.fsmonitor ./evil",
        "core.pager ./evil",
        "core.editor ./evil",
        "alias.status !./evil",
        "log.showSignature true",
        "gpg.program ./evil",
        "core.sshCommand ./evil",
        "credential.helper !./evil",
        "sequence.editor ./evil",
        "pager.log ./evil",
        "submodule.recurse true",
        "status.submoduleSummary true",
        "diff.submodule diff",
        "log.diffMerges remerge",
        "merge.x.driver ./evil",
        "branch.sort signature",
        "tag.sort signature",
    ] {
        let words: Vec<&str> = setting.splitn(2, ' ').collect();
        git(&["config", words[0], words[1]]);
    }
    for hook in ["post-index-change", "pre-commit", "fsmonitor-watchman", "reference-transaction"] {
        fs::copy(&evil, work.join(hook)).expect("copied");
    }
    let _ = fs::remove_file(work.join("out"));
}

/// Returns what strace saw that the command does not say.
fn uncovered(trace: &str, sandbox: &Sandbox, programs: &BTreeSet<String>) -> Vec<String> {
    let ours = ["state", "cache", "run", "config", "data"].map(|name| sandbox.path(name));
    let mut complaints = Vec::new();
    for line in trace.lines() {
        let line = line.trim_start_matches(|each: char| each.is_ascii_digit() || each == ' ');
        let is_call = line.starts_with(|each: char| each.is_ascii_lowercase());
        if !is_call || line.contains(" = -1 ") || line.contains("resumed>") && !line.contains("= 0")
        {
            continue;
        }
        let path = line.split('"').nth(1).unwrap_or_default();
        let name = Path::new(path).file_name().unwrap_or_default().to_string_lossy();
        if line.starts_with("execve") {
            let in_system =
                ["/bin/", "/usr/bin/", "/usr/local/bin/"].iter().any(|d| path.starts_with(d));
            let is_said = in_system && (programs.contains(&*name) || is_alias(&name, programs));
            let is_git = programs.contains("git") && path.contains("/git-core/");
            if !(path == BINARY
                || path.contains("/proc/self/fd/")
                || path.is_empty()
                || is_said
                || is_git)
            {
                complaints.push(line.to_owned());
            }
            continue;
        }
        let opens = line.starts_with("open");
        let writes =
            ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"].iter().any(|flag| line.contains(flag));
        if opens && !writes || path.starts_with("/dev/") || path.starts_with("/proc/") {
            continue;
        }
        if !ours.iter().any(|each| Path::new(path).starts_with(each)) {
            complaints.push(line.to_owned());
        }
    }
    complaints
}

/// Debian's alternatives: what is called awk is mawk.
fn is_alias(name: &str, programs: &BTreeSet<String>) -> bool {
    let awk = ["mawk", "gawk", "original-awk"].contains(&name) && programs.contains("awk");
    awk || name == "dash" && programs.contains("sh")
}

#[test]
fn what_is_allowed_starts_and_writes_nothing_that_it_does_not_say() {
    let number = |name: &str, usual: u64| {
        #[expect(
            clippy::disallowed_methods,
            reason = "how much to try is for whoever runs the tests"
        )]
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let (count, seed) =
        (number("AIRLOCK_DIFFERENTIAL", 100), number("AIRLOCK_DIFFERENTIAL_SEED", 1));
    let sandbox = Sandbox::new();
    sandbox.policy("");
    trap(&sandbox);
    let path = format!("/usr/local/bin:/usr/bin:/bin:{}", sandbox.work().join("planted").display());
    let trace = sandbox.path("trace");
    let mut dice = Dice(seed);
    let (mut allowed, mut complaints) = (0, Vec::new());
    let mut commands = Generated::neighbours();
    commands.extend((0..count).map(|_| Generated::make(&mut dice)));
    let count = commands.len();
    for Generated { words, programs } in commands {
        let check = ["policy", "check", "--json", "--"].into_iter().map(String::from);
        let mut command = sandbox.airlock(check.chain(words.clone()));
        let output = Running::start(command.env("PATH", &path)).finish();
        let judged: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        if judged["decision"] != "allow" {
            continue;
        }
        allowed += 1;
        let calls = "trace=execve,execveat,open,openat,creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,\
                     mkdirat,symlink,symlinkat,link,linkat,chmod,fchmodat,truncate,mknod,mknodat";
        let mut command = sandbox.program("strace");
        command.args(["-f", "-qq", "-s", "4096", "-e", calls, "-o"]).arg(&trace);
        let run = ["--wait", "1s", "--"].map(OsString::from);
        command.arg(BINARY).args(run).args(&words).env("PATH", &path);
        let output = Running::start(&mut command).finish();
        assert!(!output.stderr.starts_with(b"strace:"), "strace must work here: {output:?}");
        let trace = fs::read_to_string(&trace).expect("a trace");
        assert!(trace.contains("execve"), "{words:?}: {trace}");
        let mut found = uncovered(&trace, &sandbox, &programs);
        if sandbox.work().join("out").exists() {
            found.push("the file `out` was written".to_owned());
            fs::remove_file(sandbox.work().join("out")).expect("removed");
        }
        if !found.is_empty() {
            complaints.push(format!("{words:?}\n  {}", found.join("\n  ")));
        }
    }
    assert!(complaints.is_empty(), "seed {seed}:\n{}", complaints.join("\n"));
    assert!(allowed * 10 > count, "only {allowed} of {count} were allowed: that tries too little");
    println!("{allowed} of {count} commands were allowed and run");
}
