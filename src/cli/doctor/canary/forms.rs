//! The forms in which programs start a shell, as data.

/// One form.
#[derive(Debug)]
pub(super) struct Form {
    /// How a person writes it.
    pub(super) name: &'static str,
    /// Program and arguments; the text of the command follows.
    pub(super) words: &'static [&'static str],
    /// Why nothing that lies in a shell's start can catch it, when nothing can.
    pub(super) beyond: Option<&'static str>,
}

const READS_NOTHING: &str = "this shell reads no file before a text";
const CLEARED: &str = "the environment is cleared, and with it every gate";
const SWITCHED_OFF: &str = "the option switches off what the shell reads first";
const INTERACTIVE: &str = "an interactive bash reads no BASH_ENV";
const NO_TEXT: &str = "the shell is not told the text before it reads it";
const BY_PATH: &str = "it starts /bin/sh by its path";

const fn form(
    name: &'static str,
    words: &'static [&'static str],
    beyond: Option<&'static str>,
) -> Form {
    Form { name, words, beyond }
}

/// Every form that is tried. Measured: what each shell reads before a text, and which
/// shell programs start.
pub(super) const FORMS: &[Form] = &[
    form("sh -c", &["sh", "-c"], Some(READS_NOTHING)),
    form("dash -c", &["dash", "-c"], Some(READS_NOTHING)),
    form("busybox sh -c", &["busybox", "sh", "-c"], Some(READS_NOTHING)),
    form("bash -c", &["bash", "-c"], None),
    form("bash -lc", &["bash", "-lc"], None),
    form("bash -o pipefail -c", &["bash", "-o", "pipefail", "-c"], None),
    form("bash -ic", &["bash", "-ic"], Some(INTERACTIVE)),
    form("bash --posix -c", &["bash", "--posix", "-c"], Some(SWITCHED_OFF)),
    form("bash -p -c", &["bash", "-p", "-c"], Some(SWITCHED_OFF)),
    form("bash <text", &["sh", "-c", "printf '%s\\n' \"$1\" | bash", "sh"], Some(NO_TEXT)),
    form("zsh -c", &["zsh", "-c"], None),
    form("zsh -lc", &["zsh", "-lc"], None),
    form("zsh -ic", &["zsh", "-ic"], None),
    form("zsh -f -c", &["zsh", "-f", "-c"], Some(SWITCHED_OFF)),
    form("fish -c", &["fish", "-c"], None),
    form("fish -lc", &["fish", "-lc"], None),
    form("fish --no-config -c", &["fish", "--no-config", "-c"], Some(SWITCHED_OFF)),
    form("$SHELL -c", &["$SHELL", "-c"], None),
    form("$SHELL -lc", &["$SHELL", "-lc"], None),
    form("env -i bash -c", &["env", "-i", "bash", "-c"], Some(CLEARED)),
    form(
        "make",
        &["sh", "-c", "printf 'x:\\n\\t@%s\\n' \"$1\" | make -s -f - x", "sh"],
        Some(BY_PATH),
    ),
    form(
        "python shell=True",
        &["python3", "-c", "import subprocess, sys; subprocess.run(sys.argv[1], shell=True)"],
        Some(BY_PATH),
    ),
    form(
        "node exec",
        &["node", "-e", "require('child_process').execSync(process.argv[1], {stdio: 'inherit'})"],
        Some(BY_PATH),
    ),
    form("perl system", &["perl", "-e", "system(\"$ARGV[0];\")"], Some(BY_PATH)),
    form("git alias", &["git", "-c", "alias.x=!f() { eval \"$1\"; }; f", "x"], Some(BY_PATH)),
];

/// How a program behind a shim is reached without it.
#[derive(Debug)]
pub(super) struct WayAround {
    /// How a person writes it.
    pub(super) name: &'static str,
    /// A text that prints what is found instead; the name of a shim comes in place of `@`.
    pub(super) text: &'static str,
    /// Why no shim can catch it.
    pub(super) why: &'static str,
}

/// Every way around a shim that is tried.
pub(super) const WAYS_AROUND: &[WayAround] = &[
    WayAround {
        name: "command -p",
        text: "command -pv @",
        why: "the shell looks along a path of its own",
    },
    WayAround {
        name: "another PATH",
        text: "PATH=/usr/local/bin:/usr/bin:/bin; command -v @",
        why: "who sets the path chooses the program; so do env -i and sudo",
    },
    WayAround {
        name: "git's own path",
        text: "git -c 'alias.x=!command -v @ #' x",
        why: "git puts its own directory first, for hooks and aliases too",
    },
];
