#!/bin/sh
# Builds airlock-exec from this checkout and installs it for this user.
# Everything is in functions, so that a file cut short does nothing.
set -eu

usage() {
    cat <<'END'
usage: ./install.sh [--prefix DIR] [--demo [--decide approve|reject] [--reason TEXT]]
       ./install.sh [--prefix DIR] --uninstall

Builds airlock-exec and installs it to DIR/bin (default: ~/.local/bin).
Needs no root, edits no shell files, may be run again at any time.

  --prefix DIR   install below DIR
  --demo         then run `airlock-exec demo`: a real command waits for you
  --decide D     the demo's decision, where nobody sits at a terminal
  --reason TEXT  the reason that goes with it
  --uninstall    remove what this script installed, with the shims and hooks that
                 call it; your data stays
  --help         show this
END
}

main() {
    action=install prefix='' decide='' reason=''
    while [ $# -gt 0 ]; do
        case $1 in
            --prefix | --decide | --reason)
                [ $# -ge 2 ] || wrong_usage "$1 needs a value"
                case $1 in
                    --prefix) prefix=$2 ;;
                    --decide) decide=$2 ;;
                    --reason) reason=$2 ;;
                esac
                shift
                ;;
            --demo) action=demo ;;
            --uninstall) action=uninstall ;;
            --help | -h)
                usage
                exit 0
                ;;
            *) wrong_usage "unknown option: $1" ;;
        esac
        shift
    done
    if [ "$action" != demo ] && [ -n "$decide$reason" ]; then
        wrong_usage "--decide and --reason go with --demo"
    fi

    choose_places
    case $action in
        uninstall) uninstall ;;
        install) install_binary ;;
        demo)
            install_binary
            run_demo
            ;;
    esac
}

choose_places() {
    if [ -z "$prefix" ]; then
        [ -n "${HOME:-}" ] || fail "HOME is not set" "set it, or give --prefix DIR"
        prefix=$HOME/.local
    fi
    case $prefix in
        /*) ;;
        *) prefix=$PWD/$prefix ;;
    esac
    bin=$prefix/bin
    target=$bin/airlock-exec
    # What was installed, so that --uninstall removes that and nothing else.
    receipts=$prefix/share/airlock-exec
    receipt=$receipts/installed
    extras=$receipts/extras
}

# --- install -----------------------------------------------------------------

install_binary() {
    source=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
    grep -q '^name = "airlock-exec"' "$source/Cargo.toml" 2>/dev/null ||
        fail "$source is not a checkout of airlock-exec" "run the install.sh that lies in one"
    check_tools
    check_places
    build
    place
    say "installed $target ($linkage)"
    place_extras
    explain_path
}

check_tools() {
    command -v cargo >/dev/null 2>&1 ||
        fail "cargo is missing" "install Rust with rustup (https://rustup.rs), open a new shell, and try again"
    found=$(cargo --version 2>&1) ||
        fail "cargo does not start: $found" "with rustup: rustup default stable"
    found=$(printf '%s\n' "$found" | sed -n 's/^cargo \([0-9]*\.[0-9]*\).*/\1/p')
    wanted=$(sed -n 's/^rust-version = "\([0-9]*\.[0-9]*\).*/\1/p' "$source/Cargo.toml")
    not_older "$found" "$wanted" ||
        fail "cargo is $found, and $wanted or newer is needed" "with rustup: rustup update stable"
    command -v cc >/dev/null 2>&1 ||
        fail "there is no C compiler (cc), and SQLite and ring are built from C" \
            "on Debian: apt-get install build-essential"
}

# Tells whether version $1 (major.minor) is $2 or newer.
not_older() {
    [ -n "$1" ] || return 1
    [ "${1%%.*}" -gt "${2%%.*}" ] ||
        { [ "${1%%.*}" -eq "${2%%.*}" ] && [ "${1#*.}" -ge "${2#*.}" ]; }
}

# Tries every place before the long build, by writing: root may, modes or not.
check_places() {
    [ ! -d "$target" ] || fail "$target is a directory" "move it away and try again"
    writable "$bin" ||
        fail "cannot write to $bin" "make it writable for you, or give --prefix DIR for a place that is"
    # Only this user's business: airlock-exec refuses a data directory open to others.
    { writable "$prefix/share" && (umask 077 && writable "$receipts"); } ||
        fail "cannot write to $receipts" "make it writable for you, or give --prefix DIR for a place that is"
    build_dir=${CARGO_TARGET_DIR:-$source/target}
    case $build_dir in
        /*) ;;
        *) build_dir=$PWD/$build_dir ;;
    esac
    writable "$build_dir" ||
        fail "cannot write to $build_dir, where the build goes" "set CARGO_TARGET_DIR to a directory of yours"
}

writable() {
    (mkdir -p -- "$1" && : >"$1/.airlock-exec.$$" && rm -f -- "$1/.airlock-exec.$$") 2>/dev/null
}

build() {
    host=$(rustc -vV | sed -n 's/^host: //p')
    choose_target
    say "building airlock-exec, $linkage; the first time takes some minutes"
    commit=$(git -C "$source" describe --always --dirty --abbrev=12 2>/dev/null) || commit=unknown
    (cd -- "$source" && AIRLOCK_EXEC_COMMIT=$commit cargo build --release --locked --bin airlock-exec \
        --target "$triple" --target-dir "$build_dir") || {
        check_space "$build_dir"
        fail "the build failed" "cargo's message above says why; without network it cannot fetch crates"
    }
    built=$build_dir/$triple/release/airlock-exec
    found=$("$built" --version) ||
        fail "$built does not start" "what was installed before is as it was; see the message above"
    # It knows best: flags in the environment can change how it is linked.
    case $found in
        *', dynamic,'*) linkage="linked to this system's C library" ;;
        *', static,'*) [ "$triple" != "$host" ] || linkage=static ;;
    esac
}

# A static binary runs on every Linux, and starts sooner. Where none can be made this says
# what is missing, before the long build, which goes on without.
choose_target() {
    triple=$host linkage="linked to this system's C library"
    case $host in
        *-linux-gnu) musl=${host%-gnu}-musl ;;
        *) return 0 ;;
    esac
    # As .cargo/config.toml has it, which flags of the environment replace: not
    # position-independent, so that it starts without 30,000 relocations, which are
    # 400,000 instructions; and without asking the processor what one command does not need.
    export RUSTFLAGS="${RUSTFLAGS:-} -C relocation-model=static"
    case $host in
        x86_64-*)
            RUSTFLAGS="$RUSTFLAGS --cfg chacha20_backend=\"sse2\" --cfg poly1305_backend=\"soft\""
            RUSTFLAGS="$RUSTFLAGS --cfg curve25519_dalek_backend=\"serial\" --cfg httparse_disable_simd=\"1\""
            ;;
    esac
    # For what is C in it; a compiler that somebody named for it is taken.
    variable=CC_$(printf '%s' "$musl" | tr - _)
    compiler=
    eval "compiler=\${$variable:-musl-gcc}"

    library=$(rustc --print target-libdir --target "$musl" 2>/dev/null) || library=
    add_library="rustup target add $musl        (rustup: https://rustup.rs)"
    add_compiler="apt-get install musl-tools        (on Debian; it has musl-gcc)"
    [ ! -d "$library" ] || add_library=
    ! command -v "${compiler%% *}" >/dev/null 2>&1 || add_compiler=
    if [ -n "$add_library$add_compiler" ]; then
        say "note: a static binary would start sooner; it needs:"
        [ -z "$add_library" ] || say "    $add_library"
        [ -z "$add_compiler" ] || say "    $add_compiler"
    elif ! try_musl; then
        say "note: a static binary would start sooner, but a trial build for $musl failed:"
        say "    $reason"
        say "    $remedy"
    else
        triple=$musl linkage="static, with musl"
    fi
}

# Builds and starts a program that is made as ours is, with a part in C, in some seconds.
# Sets `reason` and `remedy` where that fails.
try_musl() {
    export "$variable=$compiler"
    trial=$build_dir/trial
    said=$trial/said
    rm -rf -- "$trial"
    mkdir -p -- "$trial"
    cat >"$trial/Cargo.toml" <<'END'
[package]
name = "trial"
edition = "2024"
[[bin]]
name = "trial"
path = "trial.rs"
[profile.release]
lto = "fat"
panic = "abort"
[workspace]
END
    cat >"$trial/trial.rs" <<'END'
#[link(name = "part", kind = "static")]
unsafe extern "C" {
    fn part_in_c() -> i32;
}
fn main() {
    std::process::exit(unsafe { part_in_c() });
}
END
    cat >"$trial/part.c" <<'END'
#include <stdlib.h>
int part_in_c(void) { return atoi("0"); }
END
    reason='' remedy="with rustup, to put it in order: rustup target remove $musl && rustup target add $musl"
    # shellcheck disable=SC2086 # It may have arguments, as for the crates.
    if ! { $compiler -O2 -c -o "$trial/part.o" "$trial/part.c" &&
        ar rc "$trial/libpart.a" "$trial/part.o"; } >"$said" 2>&1; then
        reason="$compiler: $(first_error)"
        remedy="on Debian: apt-get install --reinstall musl-dev musl-tools"
    elif ! build_trial; then
        reason="cargo: $(first_error)"
    elif ! "$trial/$musl/release/trial" >"$said" 2>&1; then
        reason="the program of the trial does not run: $(first_error)"
    elif build_trial -C "link-arg=-T$source/packaging/path.ld" && "$trial/$musl/release/trial"; then
        # What runs before a command lies side by side, by names that this linker knows.
        # Ours is linked where Cargo.toml lies.
        RUSTFLAGS="$RUSTFLAGS -C symbol-mangling-version=v0 -C link-arg=-Tpackaging/path.ld"
    fi
    rm -rf -- "$trial"
    [ -z "$reason" ]
}

build_trial() {
    (cd -- "$source" && cargo rustc --release --target "$musl" --target-dir "$trial" \
        --manifest-path "$trial/Cargo.toml" -- -L "$trial" "$@") >"$said" 2>&1
}

# The line of the trial that says most: rustc numbers the error that others follow from,
# and what the linker has to say comes after "linking failed".
first_error() {
    for words in 'error\[' ': cannot find \|: unable to find ' 'undefined reference' error .; do
        ! grep -m 1 -e "$words" "$said" || return 0
    done | sed 's/^[ =]*//'
}

# Replaces the binary in one step: whoever starts it gets the old one or the new.
place() {
    fresh=$bin/.airlock-exec.$$
    trap 'rm -f "$fresh" "$receipt.$$"' EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    if ! (cp -- "$built" "$fresh" && chmod 755 "$fresh" && umask 077 &&
        { digest "$fresh" && previous_digest; } >"$receipt.$$"); then
        check_space "$bin"
        fail "cannot write to $bin" "see the message above"
    fi
    # The receipt names the old binary and the new one, so that an install cut
    # short between these two lines can still be removed.
    mv -f -- "$receipt.$$" "$receipt"
    mv -f -- "$fresh" "$target"
    trap - EXIT HUP INT TERM
}

# Completions and manual pages, where shells and man look for a user's own. They are
# listed, so that --uninstall removes these and nothing else.
place_extras() {
    remove_extras
    share=$prefix/share
    bash=$share/bash-completion/completions/airlock-exec
    zsh=$share/zsh/site-functions/_airlock-exec
    fish=$share/fish/vendor_completions.d/airlock-exec.fish
    if mkdir -p -- "${bash%/*}" "${zsh%/*}" "${fish%/*}" "$share/man/man1" &&
        "$target" completions bash >"$bash" &&
        "$target" completions zsh >"$zsh" &&
        "$target" completions fish >"$fish" &&
        "$target" man --dir "$share/man/man1" &&
        (umask 077 && printf '%s\n' "$bash" "$zsh" "$fish" "$share"/man/man1/airlock-exec*.1 >"$extras"); then
        return 0
    fi
    say "note: completions and manual pages could not be written to $share"
}

remove_extras() {
    [ -e "$extras" ] || return 0
    while IFS= read -r file; do
        case $file in
            "$prefix"/share/*airlock-exec*) rm -f -- "$file" ;;
        esac
    done <"$extras"
    rm -f -- "$extras"
}

previous_digest() {
    [ ! -e "$receipt" ] || sed -n 1p "$receipt"
}

check_space() {
    free=$(df -Pk "$1" 2>/dev/null | awk 'NR == 2 { print int($4 / 1024) }')
    [ "${free:-9999}" -ge 200 ] ||
        fail "the disk of $1 is full: $free MB free" "free 2 GB (the build needs it) and try again"
}

digest() {
    if command -v sha256sum >/dev/null 2>&1; then
        sha256sum <"$1"
    else
        shasum -a 256 <"$1"
    fi
}

# --- what the person does next -----------------------------------------------

explain_path() {
    found=$(command -v airlock-exec 2>/dev/null || :)
    [ "$found" != "$target" ] || return 0
    case ":$PATH:" in
        *":$bin:"*)
            [ -z "$found" ] || say "note: your PATH finds $found first"
            return 0
            ;;
    esac
    say "your PATH does not have $bin; add it with this line:"
    case ${SHELL:-} in
        */fish) say "    fish_add_path '$bin'        (once, in any fish)" ;;
        */zsh) say "    export PATH=\"$bin:\$PATH\"        (in ~/.zshrc)" ;;
        */bash) say "    export PATH=\"$bin:\$PATH\"        (in ~/.bashrc)" ;;
        *) say "    export PATH=\"$bin:\$PATH\"        (in ~/.profile)" ;;
    esac
}

run_demo() {
    set -- demo
    [ -z "$decide" ] || set -- "$@" --decide "$decide"
    [ -z "$reason" ] || set -- "$@" --reason "$reason"
    exec "$target" "$@"
}

# --- uninstall ---------------------------------------------------------------

uninstall() {
    if [ ! -e "$receipt" ]; then
        if [ -e "$target" ]; then
            fail "$target was not installed by this script" "if you want it gone: rm '$target'"
        fi
        say "nothing is installed in $prefix"
        return 0
    fi
    if [ -e "$target" ] && ! grep -qxF -- "$(digest "$target")" "$receipt"; then
        fail "$target is not what this script installed" "if you want it gone: rm '$target' '$receipt'"
    fi
    # Links that would lead nowhere let nothing through: they go first.
    if [ -x "$target" ] && [ -d "${XDG_DATA_HOME:-${HOME:-}/.local/share}/airlock-exec/shims" ]; then
        "$target" shim remove --all || say "the shims stay: see ${XDG_DATA_HOME:-${HOME:-}/.local/share}/airlock-exec/shims"
    fi
    # What they would call is gone then: an agent would be stopped, or ask nobody.
    if [ -x "$target" ]; then
        "$target" hook uninstall --all ||
            fail "$target stays, because hooks that call it do" "mend what is said above and try again; or leave them: rm '$target' '$receipt'"
    fi
    rm -f -- "$target" "$receipt" || fail "cannot remove $target" "see the message above"
    remove_extras
    rmdir -- "$receipts" 2>/dev/null || :
    say "removed $target"
    home=${HOME:-/nonexistent}
    for data in "${XDG_CONFIG_HOME:-$home/.config}/airlock-exec" \
        "${XDG_STATE_HOME:-$home/.local/state}/airlock-exec" \
        "${XDG_DATA_HOME:-$home/.local/share}/airlock-exec"; do
        [ ! -d "$data" ] || say "your data stays in $data"
    done
}

say() { printf '%s\n' "$*"; }

fail() {
    printf 'install.sh: %s\n    %s\n' "$1" "$2" >&2
    exit 1
}

wrong_usage() {
    printf 'install.sh: %s\n    ./install.sh --help shows what there is\n' "$1" >&2
    exit 2
}

main "$@"
