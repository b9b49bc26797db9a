//! `install.sh` around the build: places, receipts, refusals.
//!
//! The compiler is a fake that makes a small script, because a release build
//! takes minutes; `.ci/run` installs the real binary the same way.

mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Output;
use support::{Running, Sandbox};

/// A checkout with a fake compiler, on a PATH that has nothing else.
struct Checkout {
    sandbox: Sandbox,
}

impl Checkout {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        for name in ["install.sh", "Cargo.toml"] {
            let original = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
            fs::copy(original, sandbox.work().join(name)).expect("copied");
        }
        for tool in [
            "awk",
            "cat",
            "chmod",
            "cp",
            "df",
            "dirname",
            "grep",
            "mkdir",
            "mv",
            "rm",
            "rmdir",
            "sed",
            "sh",
            "sha256sum",
            "touch",
            "tr",
        ] {
            let found = which::which_in(tool, Some("/usr/bin:/bin"), "/").expect(tool);
            symlink(found, sandbox.path("bin").join(tool)).expect("linked");
        }
        let checkout = Self { sandbox };
        checkout.compiler("1.999.0", "first");
        checkout
    }

    /// Makes a cargo of that version, whose binary says `word` and its arguments.
    fn compiler(&self, version: &str, word: &str) {
        self.sandbox.script("cc", "exit 0");
        self.sandbox.script(
            "rustc",
            "case $1 in -vV) echo 'host: riscv64gc-unknown-none-elf' ;; *) exit 1 ;; esac",
        );
        self.sandbox.script("cargo", &cargo(version, word));
    }

    /// Makes a compiler of this system that has a library for musl, and a musl-gcc.
    fn with_musl(&self) {
        let library = self.sandbox.path("library");
        fs::create_dir_all(&library).expect("a directory");
        let answers = format!(
            "case $1 in -vV) echo 'host: x86_64-unknown-linux-gnu' ;; *) echo '{}' ;; esac",
            library.display()
        );
        self.sandbox.script("rustc", &answers);
        self.sandbox.script("musl-gcc", "exit 0");
        self.sandbox.script("ar", "exit 0");
    }

    /// Tells what the build was called with: target, compiler for musl, flags.
    fn called(&self) -> String {
        fs::read_to_string(self.home().join("cargo-was-called")).expect("built")
    }

    fn install(&self, arguments: &[&str]) -> Output {
        self.run(&self.sandbox.work().join("install.sh"), arguments)
    }

    fn run(&self, script: &Path, arguments: &[&str]) -> Output {
        let mut command = self.sandbox.program("/bin/sh");
        command.arg(script).args(arguments).env("PATH", self.sandbox.path("bin"));
        Running::start(&mut command).finish()
    }

    fn home(&self) -> PathBuf {
        self.sandbox.path("home")
    }

    fn binary(&self) -> PathBuf {
        self.home().join(".local/bin/airlock-exec")
    }

    fn refuses(&self, arguments: &[&str], words: &[&str]) {
        let output = self.install(arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{arguments:?} passed");
        for word in words {
            assert!(error.contains(word), "{word:?} is not in: {error}");
        }
        assert!(!self.home().join("cargo-was-called").exists(), "refused only after a build");
    }
}

/// Returns the script of a cargo of that version, whose binary says `word` and its arguments.
fn cargo(version: &str, word: &str) -> String {
    format!(
        r#"[ "$1" = --version ] && {{ echo "cargo {version} (fake)"; exit 0; }}
name=airlock-exec
[ "$1" != rustc ] || name=trial
while [ $# -gt 0 ]; do
    case $1 in --target) triple=$2 ;; --target-dir) built=$2/$triple/release ;; esac
    shift
done
[ "$name" = trial ] || echo "$triple $CC_x86_64_unknown_linux_musl$RUSTFLAGS" >"$HOME/cargo-was-called"
mkdir -p "$built"
printf '#!/bin/sh\necho {word} "$@"\n' >"$built/$name"
chmod +x "$built/$name""#
    )
}

/// What a build for this processor is given, whatever it is linked with.
const FLAGS: &str = concat!(
    r#"-C relocation-model=static --cfg chacha20_backend="sse2" --cfg poly1305_backend="soft""#,
    r#" --cfg curve25519_dalek_backend="serial" --cfg httparse_disable_simd="1""#,
);

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn installs_for_this_user_and_tells_what_path_needs() {
    let checkout = Checkout::new();
    let shown = text(&checkout.install(&[]));
    let mode = checkout.binary().metadata().expect("installed").permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
    assert!(shown.contains(".local/bin:$PATH"), "{shown}");
    let receipts = checkout.home().join(".local/share/airlock-exec");
    let mode = receipts.metadata().expect("a directory").permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "airlock-exec refuses a data directory open to others");
    let mut found: Vec<_> = fs::read_dir(checkout.home())
        .expect("listed")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    found.sort();
    assert_eq!(found, [".local", "cargo-was-called"], "no shell file is written");
}

#[test]
fn installs_again_in_one_step_and_removes_what_it_installed() {
    let checkout = Checkout::new();
    text(&checkout.install(&[]));
    let first = checkout.binary().metadata().expect("installed").ino();
    checkout.compiler("1.999.0", "second");
    text(&checkout.install(&[]));
    let second = checkout.binary().metadata().expect("installed").ino();
    assert_ne!(first, second, "replaced by rename, never written over");
    assert_eq!(text(&checkout.run(&checkout.binary(), &["hello"])), "second hello\n");

    let extra = checkout.home().join(".local/share/bash-completion/completions/airlock-exec");
    assert_eq!(fs::read_to_string(&extra).expect("completions"), "second completions bash\n");
    let data = checkout.sandbox.path("state").join("airlock-exec");
    fs::create_dir(&data).expect("a directory");
    let shown = text(&checkout.install(&["--uninstall"]));
    assert!(!checkout.binary().exists() && !extra.exists());
    assert!(data.exists() && shown.contains(&data.display().to_string()), "{shown}");
    assert!(!checkout.home().join(".local/share/airlock-exec").exists());
    assert!(text(&checkout.install(&["--uninstall"])).contains("nothing is installed"));
}

#[test]
fn takes_the_hooks_out_first_and_stays_when_some_do() {
    let checkout = Checkout::new();
    // A binary that fails to take its hooks out.
    checkout.compiler("1.999.0", r#""$@"; [ "$1" != hook ] #"#);
    text(&checkout.install(&[]));
    let output = checkout.install(&["--uninstall"]);
    assert!(!output.status.success() && checkout.binary().exists(), "{output:?}");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(error.contains("hooks that call it") && error.contains("rm '"), "{error}");
    checkout.compiler("1.999.0", "first");
    text(&checkout.install(&[]));
    let shown = text(&checkout.install(&["--uninstall"]));
    assert!(shown.starts_with("first hook uninstall --all\n"), "{shown}");
    assert!(!checkout.binary().exists());
}

#[test]
fn removes_after_an_install_that_was_cut_short() {
    let checkout = Checkout::new();
    text(&checkout.install(&[]));
    let old = fs::read(checkout.binary()).expect("installed");
    checkout.compiler("1.999.0", "second");
    text(&checkout.install(&[]));
    // The receipt of the second install beside the binary of the first.
    fs::write(checkout.binary(), old).expect("put back");
    text(&checkout.install(&["--uninstall"]));
    assert!(!checkout.binary().exists());
}

#[test]
fn leaves_a_binary_that_it_did_not_install() {
    let checkout = Checkout::new();
    fs::create_dir_all(checkout.home().join(".local/bin")).expect("a directory");
    fs::write(checkout.binary(), "somebody else's").expect("written");
    checkout.refuses(&["--uninstall"], &["was not installed by this script", "rm '"]);
    text(&checkout.install(&[]));
    fs::write(checkout.binary(), "changed since").expect("written");
    let output = checkout.install(&["--uninstall"]);
    assert!(!output.status.success() && checkout.binary().exists());
}

#[test]
fn builds_for_musl_where_that_is_there_and_works() {
    let checkout = Checkout::new();
    checkout.with_musl();
    let shown = text(&checkout.install(&[]));
    assert!(shown.contains("airlock-exec (static, with musl)\n"), "{shown}");
    assert!(!shown.contains("note:"), "{shown}");
    let flags = format!("{FLAGS} -C symbol-mangling-version=v0 -C link-arg=-Tpackaging/path.ld");
    assert_eq!(checkout.called(), format!("x86_64-unknown-linux-musl musl-gcc {flags}\n"));
    assert!(!checkout.sandbox.work().join("target/trial").exists());
}

#[test]
fn leaves_functions_where_they_are_if_the_linker_cannot_order_them() {
    let checkout = Checkout::new();
    checkout.with_musl();
    let cannot = "case $* in *link-arg=-T*) echo 'error: no scripts' >&2; exit 1 ;; esac";
    checkout.sandbox.script("cargo", &format!("{cannot}\n{}", cargo("1.999.0", "first")));
    let shown = text(&checkout.install(&[]));
    assert!(shown.contains("airlock-exec (static, with musl)\n"), "{shown}");
    assert!(!shown.contains("note:"), "{shown}");
    assert_eq!(checkout.called(), format!("x86_64-unknown-linux-musl musl-gcc {FLAGS}\n"));
}

/// The linker is that of a build for musl, which no test makes.
#[cfg(target_os = "linux")]
#[test]
fn a_linker_orders_functions_whatever_hash_their_names_hold() {
    let sandbox = Sandbox::new();
    let source = sandbox.work().join("main.c");
    let on_the_path = ".text._RNvNtCs1aB2cD3eF4g_12airlock_exec3cli3run";
    let text = format!(
        "__attribute__((section(\"{on_the_path}\"), noinline)) int on_the_path(void) {{ return 0; }}\n\
         int main(void) {{ return on_the_path(); }}\n"
    );
    fs::write(&source, text).expect("written");
    let program = sandbox.work().join("main");
    let order = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/path.ld");
    let mut compiler = sandbox.program("cc");
    compiler.args(["-ffunction-sections", "-fuse-ld=bfd", "-no-pie", "-Wl,--gc-sections", "-T"]);
    let linked = Running::start(compiler.arg(order).arg(source).arg("-o").arg(&program)).finish();
    assert!(linked.status.success(), "{linked:?}");
    assert!(Running::start(&mut sandbox.program(&program)).finish().status.success());
    let sections = Running::start(sandbox.program("readelf").arg("-SW").arg(&program)).finish();
    let sections = String::from_utf8_lossy(&sections.stdout).into_owned();
    let ours = sections.lines().find(|line| line.contains(" .text.path "));
    let size = ours.and_then(|line| line.split_whitespace().rev().nth(5)).map(str::to_owned);
    assert!(
        size.as_deref().is_some_and(|size| size.bytes().any(|digit| digit != b'0')),
        "{sections}"
    );
}

#[test]
fn says_what_a_static_binary_takes_and_installs_another() {
    let checkout = Checkout::new();
    checkout.with_musl();
    let (library, compiler) = ("rustup target add x86_64-unknown-linux-musl", "musl-tools");
    fs::remove_file(checkout.sandbox.path("bin/musl-gcc")).expect("removed");
    let shown = text(&checkout.install(&[]));
    assert!(shown.contains(compiler) && !shown.contains(library), "{shown}");
    assert!(shown.contains("airlock-exec (linked to this system's C library)\n"), "{shown}");
    assert_eq!(checkout.called(), format!("x86_64-unknown-linux-gnu  {FLAGS}\n"));
    fs::remove_dir(checkout.sandbox.path("library")).expect("removed");
    let shown = text(&checkout.install(&[]));
    assert!(shown.contains(compiler) && shown.contains(library), "{shown}");
}

#[test]
fn says_why_musl_does_not_work_and_installs_another() {
    let checkout = Checkout::new();
    checkout.with_musl();
    let cargo = checkout.sandbox.path("bin/cargo");
    let works = fs::read_to_string(&cargo).expect("a script");
    let broken =
        "[ \"$1\" != rustc ] || { echo \"error: can't find crate for core\" >&2; exit 101; }";
    checkout.sandbox.script("cargo", &format!("{broken}\n{works}"));
    let shown = text(&checkout.install(&[]));
    assert!(shown.contains("    cargo: error: can't find crate for core\n"), "{shown}");
    assert!(shown.contains("airlock-exec (linked to this system's C library)\n"), "{shown}");
    fs::write(&cargo, works).expect("written");
    checkout.sandbox.script("musl-gcc", "echo 'error: no stdlib.h' >&2; exit 1");
    let shown = text(&checkout.install(&[]));
    assert!(shown.contains("    musl-gcc: error: no stdlib.h\n"), "{shown}");
    assert!(checkout.called().starts_with("x86_64-unknown-linux-gnu "));
}

#[test]
fn a_binary_that_does_not_start_replaces_nothing() {
    let checkout = Checkout::new();
    text(&checkout.install(&[]));
    checkout.compiler("1.999.0", "second; exit 1;");
    let output = checkout.install(&[]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("does not start"), "{output:?}");
    assert_eq!(text(&checkout.run(&checkout.binary(), &["still"])), "first still\n");
}

#[test]
fn runs_the_demo_with_what_was_decided() {
    let checkout = Checkout::new();
    let shown = text(&checkout.install(&["--demo", "--decide", "reject", "--reason", "not now"]));
    assert!(shown.ends_with("first demo --decide reject --reason not now\n"), "{shown}");
}

#[test]
fn installs_below_another_prefix() {
    let checkout = Checkout::new();
    let prefix = checkout.sandbox.path("a place/of mine");
    text(&checkout.install(&["--prefix", prefix.to_str().expect("text")]));
    assert!(prefix.join("bin/airlock-exec").exists());
    assert!(!checkout.binary().exists());
    text(&checkout.install(&["--prefix", prefix.to_str().expect("text"), "--uninstall"]));
    assert!(!prefix.join("bin/airlock-exec").exists());
}

#[test]
fn refuses_wrong_usage() {
    let checkout = Checkout::new();
    checkout.refuses(&["--frobnicate"], &["unknown option: --frobnicate", "--help"]);
    checkout.refuses(&["--prefix"], &["--prefix needs a value"]);
    checkout.refuses(&["--decide", "approve"], &["go with --demo"]);
    assert!(text(&checkout.install(&["--help"])).contains("--uninstall"));
}

#[test]
fn refuses_a_missing_and_an_old_compiler() {
    let checkout = Checkout::new();
    checkout.compiler("1.63.0", "old");
    checkout.refuses(&[], &["cargo is 1.63", "or newer is needed", "rustup update"]);
    fs::remove_file(checkout.sandbox.path("bin/cargo")).expect("removed");
    checkout.refuses(&[], &["cargo is missing", "rustup"]);
    checkout.compiler("1.999.0", "new");
    fs::remove_file(checkout.sandbox.path("bin/cc")).expect("removed");
    checkout.refuses(&[], &["no C compiler", "build-essential"]);
}

#[test]
fn refuses_places_it_cannot_write_before_it_builds() {
    let checkout = Checkout::new();
    let file = checkout.sandbox.path("file");
    fs::write(&file, "").expect("written");
    let prefix = file.join("below").display().to_string();
    checkout.refuses(&["--prefix", &prefix], &["cannot write to", "--prefix DIR"]);
    fs::create_dir_all(checkout.binary()).expect("a directory in the way");
    checkout.refuses(&[], &["is a directory", "move it away"]);
    let mut homeless = checkout.sandbox.program("/bin/sh");
    homeless.arg("install.sh").env("PATH", checkout.sandbox.path("bin")).env_remove("HOME");
    let output = Running::start(&mut homeless).finish();
    assert!(String::from_utf8_lossy(&output.stderr).contains("HOME is not set"), "{output:?}");
}

#[test]
fn a_failed_build_leaves_what_was_installed() {
    let checkout = Checkout::new();
    text(&checkout.install(&[]));
    checkout.sandbox.script("cargo", "[ \"$1\" = --version ] && echo 'cargo 1.999.0' || exit 101");
    let output = checkout.install(&[]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("the build failed"), "{output:?}");
    assert_eq!(text(&checkout.run(&checkout.binary(), &["still"])), "first still\n");
}

#[test]
fn a_script_cut_short_does_nothing() {
    let checkout = Checkout::new();
    let whole = fs::read_to_string(checkout.sandbox.work().join("install.sh")).expect("a script");
    let cut = checkout.sandbox.work().join("cut.sh");
    for (line, _) in whole.match_indices('\n').filter(|(at, _)| at + 1 < whole.len()) {
        fs::write(&cut, &whole[..line]).expect("written");
        fs::set_permissions(&cut, Permissions::from_mode(0o755)).expect("executable");
        checkout.run(&cut, &[]);
    }
    assert!(!checkout.home().join("cargo-was-called").exists());
    assert!(!checkout.home().join(".local").exists());
}
