# The daily things. `just` alone lists them.

_list:
    @just --list --unsorted

# Build and look at everything but the tests
check:
    cargo fmt --all -- --check
    cargo clippy --locked --all-targets -- -D warnings

# All tests, or one file: just test shims
test file="":
    ./tests/run {{ if file == "" { "" } else { "--test " + file } }}

# One room's own tests: just room policy
room name:
    cargo nextest run --lib '{{ name }}::'

# What every change must pass
ci:
    bash .ci/run

# Install for yourself
install:
    ./install.sh

# Write what is generated from the code
generate:
    cargo run --quiet -- config reference > docs/configuration.md
    cargo run --quiet -- policy reference > docs/policy-reference.md

# Instructions of the allowed path, on a release build
instructions:
    benches/instructions
