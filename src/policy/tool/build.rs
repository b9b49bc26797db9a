//! Tool chains: they run the project's own code, so a rule must allow them.
//!
//! The options here keep to what the rule said: no other project, no other
//! program for a step, no file written somewhere else.

use super::Operands::{Any, None};
use super::{Family, Seen, Tool, acts, reads, tool};

const CARGO: &str = "-q -v --quiet --verbose -p= --package= --lib --bins --bin= --test= --tests \
    --examples --example= --benches --all-targets --all --workspace --exclude= --features= -F= \
    --all-features --no-default-features --release -r -j= --jobs= --profile= --locked --offline \
    --frozen --no-run --no-fail-fast --keep-going --doc --message-format= --color=";
const GO_TEST: &str = "single -run= -v -count= -race -cover -short -timeout= -bench= -benchtime= \
    -benchmem -failfast -json -list= -parallel= -p= -cpu= -shuffle= -tags= -skip= -vet=";
const PYTEST: &str = "-q -v -x -s -l -k= -m= -r= --lf --ff --maxfail= --tb= --durations= \
    --collect-only --co --no-header --no-summary --last-failed --failed-first --exitfirst \
    --verbose --quiet --color= --strict-markers";
const MAKE: &str = "-j? -k -s -B -n --jobs? --keep-going --silent --quiet --always-make --dry-run \
    --no-print-directory";
const NPM: &str = "-s --silent";

pub(super) const TOOLS: &[Tool] = &[
    tool(
        &["cargo"],
        &[
            acts(&["test"], CARGO, Any),
            acts(&["build"], CARGO, None),
            acts(&["check"], CARGO, None),
            // Behind two dashes stand options of rustc, and it starts linkers.
            acts(&["clippy"], CARGO, None),
            acts(&["doc"], "-q -v --no-deps --offline --locked -p=", None),
            acts(&["fmt"], "-q -v --all --check", None),
            acts(&["tree"], "-e= -i= -d -p= --depth= --offline --locked --workspace", None),
            acts(&["metadata"], "--format-version= --no-deps --offline --locked", None),
            acts(&["--version"], "", None),
        ],
    )
    .family(Family::Build),
    tool(
        &["go"],
        &[
            acts(&["test"], GO_TEST, Any).checked(in_this_project),
            acts(&["vet"], "single -v -json -tags=", Any).checked(in_this_project),
            acts(&["list"], "single -m -json -f= -deps -tags=", Any).checked(in_this_project),
            acts(&["doc"], "single -all -short -src -u", Any),
            acts(&["version"], "single", None),
        ],
    )
    .family(Family::Build),
    tool(
        &["npm"],
        &[
            acts(&["test"], NPM, Any),
            acts(&["t"], NPM, Any),
            acts(&["run"], NPM, Any),
            acts(&["run-script"], NPM, Any),
            // Each use writes logs where the project's .npmrc says, and before npm 7
            // loads the script that it names.
            acts(&["ls"], "--depth= --json --long -l --all -a --omit= --parseable", Any),
            acts(&["list"], "--depth= --json --long -l --all -a --omit= --parseable", Any),
            acts(&["--version"], "", None),
        ],
    )
    .family(Family::Build),
    // Agents ask a shell for it before they use one.
    tool(&["bash", "zsh", "fish"], &[reads(&["--version"], "", None)]).family(Family::Build),
    tool(&["node", "nodejs"], &[reads(&["--version"], "", None), reads(&["-v"], "", None)])
        .family(Family::Build),
    tool(
        &["python3", "python"],
        &[
            reads(&["--version"], "", None),
            reads(&["-V"], "", None),
            acts(&["-m", "pytest"], PYTEST, Any).checked(tests_in_this_project),
        ],
    )
    .family(Family::Build),
    tool(&["pytest"], &[acts(&[], PYTEST, Any).checked(tests_in_this_project)])
        .family(Family::Build),
    tool(
        &["make", "gmake"],
        &[acts(&[], MAKE, Any).checked(no_variables), reads(&["--version"], "", None)],
    )
    .family(Family::Build),
];

/// Another project's tests are another project's code.
fn in_this_project(seen: &Seen<'_>) -> Result<(), &'static str> {
    let here = |path: &[u8]| {
        !path.starts_with(b"/") && path.split(|byte| *byte == b'/').all(|part| part != b"..")
    };
    if seen.operands.iter().all(|word| word.known().is_some_and(here)) {
        return Ok(());
    }
    Err("names something outside of this project")
}

/// `pytest @FILE` takes options from the file, wherever the word stands.
fn tests_in_this_project(seen: &Seen<'_>) -> Result<(), &'static str> {
    let is_file = |word: &[u8]| word.starts_with(b"@");
    let mut values = seen.options.iter().filter_map(|(_, value)| *value);
    if values.any(is_file) || seen.operands.iter().any(|word| is_file(word.text())) {
        return Err("takes options from a file");
    }
    in_this_project(seen)
}

/// `make SHELL=...` says what runs the recipes.
fn no_variables(seen: &Seen<'_>) -> Result<(), &'static str> {
    let plain = |word: &[u8]| !word.iter().any(|byte| b"=:$".contains(byte));
    if seen.operands.iter().all(|word| word.known().is_some_and(plain)) {
        return Ok(());
    }
    Err("sets a variable of the makefile")
}
