//! Libraries that stand between one process and its system: loaded with `LD_PRELOAD`.

use super::Sandbox;
use std::path::{Path, PathBuf};
use std::process::Command;

impl Sandbox {
    /// Returns the library that is made of `tests/support/NAME.c`.
    #[expect(clippy::disallowed_methods, reason = "tests start programs")]
    pub(crate) fn library(&self, name: &str) -> PathBuf {
        let library = self.path(format!("{name}.so"));
        if !library.exists() {
            let source = format!("tests/support/{name}.c");
            let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(source);
            let mut compiler = Command::new("cc");
            compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(&source);
            let output = compiler.output().expect("cc; tests/run installs it");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        library
    }
}
