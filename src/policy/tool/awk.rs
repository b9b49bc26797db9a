//! awk: programs that neither start a program nor write a file, and read no other files
//! than the command names.

use super::Operands::Any;
use super::{Seen, Tool, reads, tool};

pub(super) const TOOLS: &[Tool] = &[tool(
    &["awk", "gawk", "mawk", "nawk"],
    &[reads(&[], "-F= -v=", Any).checked(harmless_program)],
)];

/// What can run, load, read or write: no part of it may occur, not even in a string.
///
/// `ARGV` and `ARGC` say which files are read, under names that a program can put
/// together, and `SYMTAB` has every variable by its name.
const REFUSED: &[&str] = &[
    "system",
    "getline",
    "extension",
    "close",
    "fflush",
    "@",
    ">",
    "ARGV",
    "ARGC",
    "SYMTAB",
    "ENVIRON",
];

fn harmless_program(seen: &Seen<'_>) -> Result<(), &'static str> {
    let program = seen.operands.first().and_then(|word| word.known());
    let program = program.ok_or("the program is not known before it runs")?;
    let text = std::str::from_utf8(program).map_err(|_| "the program is not UTF-8")?;
    // `||` is a choice, `|` a pipe.
    if text.replace("||", " ").contains('|') || REFUSED.iter().any(|part| text.contains(part)) {
        return Err("the program could start another, write a file or choose what it reads");
    }
    // gawk connects to what is called so.
    if seen.operands.iter().any(|word| word.text().starts_with(b"/inet")) {
        return Err("a file of the network");
    }
    Ok(())
}
