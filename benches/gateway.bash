# shellcheck shell=bash
# A gateway of one's own, with TLS before it, and one approver paired with it.
# Sourced behind lib.bash; make_gateway BINARY DIRECTORY does it all.

started=()

# Ends what was started here, and nothing else.
stop_all() {
    local each
    for each in "${started[@]}"; do
        kill "$each" 2>/dev/null || :
        wait "$each" 2>/dev/null || :
    done
}

# Waits until a file has a line that begins so, and prints what stands behind.
line_of() {
    local file=$1 begin=$2 line deadline=$((SECONDS + 20))
    while ((SECONDS < deadline)); do
        line=$(grep -m1 -- "^$begin" "$file" 2>/dev/null) && {
            printf '%s\n' "${line#"$begin"}"
            return
        }
        sleep 0.02
    done
    fail "nothing in $file begins with: $begin"
}

in_home() {
    env -i -C "$home" HOME="$home" PATH="$PATH" XDG_RUNTIME_DIR="$home/run" "$@" </dev/null
}

# An authority of our own and a certificate for loopback.
make_certificates() {
    local options=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2)
    openssl req -x509 "${options[@]}" -subj '/CN=Example CA' -keyout "$tls/ca.key" \
        -out "$tls/ca.pem" 2>/dev/null
    openssl req "${options[@]}" -subj '/CN=gateway' -keyout "$tls/key.pem" \
        -out "$tls/request.pem" 2>/dev/null
    openssl x509 -req -in "$tls/request.pem" -CA "$tls/ca.pem" -CAkey "$tls/ca.key" \
        -set_serial 2 -days 2 -out "$tls/certificate.pem" 2>/dev/null \
        -extfile <(printf 'subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n')
}

# Sets: home, tls_url, approver (a command that decides).
make_gateway() {
    local binary=$1 directory=$2 plain_url enforcer port code pairing
    home=$directory/home tls=$directory/tls
    mkdir -p "$tls" "$home/.config/airlock-exec" "$home/run"
    chmod 700 "$home" "$home/.config" "$home/.config/airlock-exec" "$home/run"
    make_certificates
    local data=(--data "$directory/data")
    enforcer=$(in_home "$binary" gateway token create --role enforcer "${data[@]}" 2>/dev/null)
    (umask 077 && in_home "$binary" gateway token create --role approver "${data[@]}" 2>/dev/null >"$directory/token")
    # Executed, so that what is started is the gateway and not a shell before it.
    (exec env -i -C "$home" HOME="$home" PATH="$PATH" XDG_RUNTIME_DIR="$home/run" \
        "$binary" gateway --listen 127.0.0.1:0 "${data[@]}" </dev/null >"$directory/gateway" 2>&1) &
    started+=($!)
    plain_url=http$(line_of "$directory/gateway" http)
    port=${plain_url##*:}
    python3 "${root:?lib.bash first}/benches/tls-front.py" "${port%/}" "$directory/calls" \
        "$tls/certificate.pem" "$tls/key.pem" >"$directory/front" &
    started+=($!)
    until [[ -s $directory/front ]]; do sleep 0.02; done
    tls_url=https://127.0.0.1:$(cat "$directory/front")
    approver=("$binary" approver --gateway "$plain_url" --token-file "$directory/token")
    use_gateway "$tls_url"
    printf '%s' "$enforcer" | env -i HOME="$home" PATH="$PATH" XDG_RUNTIME_DIR="$home/run" \
        "$binary" sign-in --pat >"$directory/sign-in" 2>&1 || fail "cannot sign in: $(cat "$directory/sign-in")"
    in_home "$binary" pair --yes >"$directory/pairing" 2>&1 &
    pairing=$!
    code=$(line_of "$directory/pairing" 'code: ')
    in_home "${approver[@]}" pair "$code" >/dev/null
    wait "$pairing" || fail "not paired: $(cat "$directory/pairing")"
}

# Writes the settings that name a gateway.
use_gateway() {
    printf 'mode = "own"\n[gateway]\nurl = "%s"\ntls_roots = "%s"\n' "$1" "$tls/ca.pem" \
        >"$home/.config/airlock-exec/config.toml"
    chmod 600 "$home/.config/airlock-exec/config.toml"
}

# Sets home and port: one who is signed in and paired with the approver that says yes at
# once. Uses what is called binary, immediate and work of whoever calls.
prepare_immediate() {
    local directory=$1
    home=$directory/home tls=$directory
    mkdir -p "$home/.config/airlock-exec" "$home/run"
    chmod 700 "$home" "$home/.config" "$home/.config/airlock-exec" "$home/run"
    ("${immediate:?}" serve "$directory" </dev/null >"$directory/served" 2>&1) &
    started+=($!)
    until [[ -s $directory/port ]]; do sleep 0.02; done
    port=$(cat "$directory/port")
    use_gateway "https://127.0.0.1:$port"
    # As many questions as a person would never be asked.
    printf '[limits]\nper_minute = 100000\n' >>"$home/.config/airlock-exec/config.toml"
    printf 'token' | env -i HOME="$home" PATH="$PATH" XDG_RUNTIME_DIR="$home/run" \
        "${binary:?}" sign-in --pat >"$directory/sign-in" 2>&1 || fail "cannot sign in: $(cat "$directory/sign-in")"
    in_home "$binary" pair --yes >"$directory/pairing" 2>&1 || fail "not paired: $(cat "$directory/pairing")"
    in_home "$binary" -- "${work:?}/started" >/dev/null 2>"$directory/tried" || fail "it does not run: $(cat "$directory/tried")"
}
