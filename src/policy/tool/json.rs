//! Programs that read structured data.

use super::Operands::Any;
use super::{Tool, reads, tool};

// The value behind the name of --arg is read as an operand.
const JQ: &str = "-r -c -n -s -e -S -a -j -M -C -R -f= --arg= --argjson= --slurpfile= --rawfile= \
    --args --jsonargs --tab --indent= --raw-output --raw-input --compact-output --null-input \
    --slurp --exit-status --sort-keys --ascii-output --join-output --color-output \
    --monochrome-output --from-file= --seq --stream --unbuffered --version --help";

pub(super) const TOOLS: &[Tool] = &[tool(&["jq"], &[reads(&[], JQ, Any)])];
