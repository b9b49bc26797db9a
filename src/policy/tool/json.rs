//! Programs that read structured data.

use super::Operands::Any;
use super::{Seen, Tool, reads, tool};

// The value behind the name of --arg is read as an operand.
const JQ: &str = "-r -c -n -s -e -S -a -j -M -C -R -f= --arg= --argjson= --slurpfile= --rawfile= \
    --args --jsonargs --tab --indent= --raw-output --raw-input --compact-output --null-input \
    --slurp --exit-status --sort-keys --ascii-output --join-output --color-output \
    --monochrome-output --from-file= --seq --stream --unbuffered --version --help";

pub(super) const TOOLS: &[Tool] = &[tool(&["jq"], &[reads(&[], JQ, Any).checked(no_environment)])];

/// `env` and `$ENV` are the environment, `.env` is a key.
fn no_environment(seen: &Seen<'_>) -> Result<(), &'static str> {
    const NAMED: [&str; 4] = ["--arg", "--argjson", "--slurpfile", "--rawfile"];
    // Their values are operands here, and the program may stand behind them.
    let named = seen.options.iter().filter(|(option, _)| NAMED.contains(option)).count();
    let harmless = |program: &[u8]| !shows_environment(program);
    if seen.operands.iter().take(named + 1).all(|word| word.known().is_some_and(harmless)) {
        return Ok(());
    }
    Err("the program can show the environment")
}

fn shows_environment(program: &[u8]) -> bool {
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let mut before = b' ';
    program.split_inclusive(|byte| !is_of_name(byte)).any(|part| {
        let end = part.iter().position(|byte| !is_of_name(byte)).unwrap_or(part.len());
        let is_key = matches!(before, b'.' | b'"');
        before = part.last().copied().unwrap_or(before);
        !is_key && matches!(&part[..end], b"env" | b"ENV")
    })
}
