//! The files of the package.

use std::fs;
use std::path::{Path, PathBuf};

/// One source file: its path below the directory that was asked for, its text.
pub(crate) struct SourceFile {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// Returns every `.rs` file below that directory of the package, sorted.
pub(crate) fn rust_files(directory: &str) -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

fn collect(root: &Path, directory: &Path, files: &mut Vec<SourceFile>) {
    let entries = fs::read_dir(directory)
        .unwrap_or_else(|error| panic!("cannot list {}: {error}", directory.display()));
    for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path)
                .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
            let path = path.strip_prefix(root).map_or(path.clone(), Path::to_path_buf);
            files.push(SourceFile { path, text });
        }
    }
}

/// Fails with every complaint on a line of its own.
pub(crate) fn report(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n\n  {}\n", complaints.join("\n  "));
}
