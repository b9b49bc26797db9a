# shellcheck shell=bash
# What the benchmarks share: a home with a policy, a repository, an environment.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)

fail() {
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    exit 1
}

# Prints the binary to measure: the argument, or where cargo and install.sh put it.
find_binary() {
    local candidate
    if [[ -n ${1:-} ]]; then
        [[ -x $1 ]] || fail "$1 is no program"
        realpath -- "$1"
        return
    fi
    for candidate in "$root/target/x86_64-unknown-linux-musl/release/airlock-exec" \
        "$root/target/release/airlock-exec"; do
        if [[ -x $candidate ]]; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    fail "there is no release build: run ./install.sh, or name a binary"
}

# Makes a home, a repository with a commit, and a real environment of 45 variables.
# Not in a directory that anybody can write: the project must be an ordinary one.
make_scene() {
    scene=$1
    mkdir -p "$scene/home/.config/airlock-exec" "$scene/repository"
    chmod 700 "$scene/home" "$scene/home/.config" "$scene/home/.config/airlock-exec"
    (
        cd -- "$scene/repository" || exit
        export GIT_CONFIG_GLOBAL=/dev/null
        git init -q .
        git config user.name bench
        git config user.email bench@example.com
        echo text >file
        git add file
        git commit -qm first
        git remote add origin https://example.com/bench.git
    )
    environment=(
        HOME="$scene/home" USER=me LOGNAME=me SHELL=/bin/bash LANG=C.UTF-8 LC_ALL=C.UTF-8
        PATH="$scene/home/.local/bin:$scene/home/.cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        PWD="$scene/repository" OLDPWD=/tmp TERM=xterm-256color COLORTERM=truecolor TZ=UTC
        EDITOR=vim PAGER=less LESS=-FRX HISTSIZE=1000 HISTCONTROL=ignoreboth SHLVL=2
        SSH_AUTH_SOCK=/tmp/agent SSH_TTY=/dev/pts/1 SSH_CLIENT=192.0.2.1 SSH_CONNECTION=192.0.2.1
        XDG_SESSION_ID=3 XDG_SESSION_TYPE=tty XDG_DATA_DIRS=/usr/share XDG_RUNTIME_DIR="$scene/run"
        DBUS_SESSION_BUS_ADDRESS=unix:path=/run/bus MAIL=/var/mail/me LS_COLORS='di=01;34'
        CLAUDECODE=1 CLAUDE_CODE_ENTRYPOINT=cli NVM_DIR=/home/me/.nvm NVM_BIN=/home/me/.nvm/bin
        NODE_VERSION=22 CARGO_HOME=/home/me/.cargo GOPATH=/home/me/go VIRTUAL_ENV=/home/me/venv
        PYTHONUNBUFFERED=1 TMUX=/tmp/tmux TMUX_PANE=%1 TERM_PROGRAM=tmux GIT_EDITOR=true
        NO_COLOR=1 CI=1 _=/usr/bin/env
    )
}

# Writes a policy of so many rules; of none, there is no file.
write_policy() {
    local rules=$1 number policy=$scene/home/.config/airlock-exec/policy.toml
    rm -f -- "$policy"
    ((rules > 0)) || return 0
    {
        for ((number = 1; number < rules; number++)); do
            case $((number % 4)) in
                0) printf '[[rule]]\nargv = ["git", "sub-%d"]\ndecision = "allow"\n' "$number" ;;
                1) printf '[[rule]]\nargv = ["tool-%d"]\ndecision = "allow"\n' "$number" ;;
                2) printf '[[rule]]\nargv = ["tool-%d", ["push", "apply"]]\ndecision = "deny"\nreason = "not here"\n' "$number" ;;
                3) printf '[[rule]]\nargv = ["kubectl", "verb-%d", "--all"]\ndecision = "ask"\n' "$number" ;;
            esac
        done
        printf '[[rule]]\nargv = ["true"]\ndecision = "allow"\n'
    } >"$policy"
    chmod 600 "$policy"
}

in_scene() {
    (cd -- "$scene/repository" && exec env -i "${environment[@]}" "$@" </dev/null)
}

# Runs a command through the binary until its policy is compiled: that takes until the
# file system would show another change of the file.
compile_policy() {
    local binary=$1 deadline=$((SECONDS + 20))
    [[ -e $scene/home/.config/airlock-exec/policy.toml ]] || return 0
    rm -rf -- "$scene/home/.local/state/airlock-exec/policy"
    until compgen -G "$scene/home/.local/state/airlock-exec/policy/*" >/dev/null; do
        ((SECONDS < deadline)) || fail "the policy is never compiled"
        in_scene timeout 10 "$binary" -- git status >/dev/null
    done
}

# Makes what measures a pty there: the program `relay`, 30 MB of `text`, and `ready`, which
# a command writes before it is typed to.
make_relay() {
    local directory=$1
    cc -O2 -o "$directory/relay" "$root/benches/relay.c" -lutil
    head -c 22500000 /dev/urandom | base64 >"$directory/text"
    truncate -s 30000000 "$directory/text"
    printf '!' >"$directory/ready"
}

# Prints a column of a file, sorted.
column() {
    cut -d ' ' -f "$2" "$1" | sort -n
}

# Prints the one in the middle of a column.
median() {
    column "$1" "$2" | awk '{ each[NR] = $0 } END { print each[int(NR / 2) + 1] }'
}
