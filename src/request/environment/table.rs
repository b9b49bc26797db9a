//! The names of variables that change what runs, sorted.
//!
//! That of the threat study: loaders, shells, lookup, git and ssh, pagers and
//! editors, languages, build tools, proxies and trust. Names are compared byte for
//! byte by two binary searches, so that asking costs a policy next to nothing.

/// Tells whether a variable of that name changes what runs.
#[must_use]
pub fn changes_what_runs(name: &[u8]) -> bool {
    let is_name = EXACT.binary_search_by(|known| known.as_bytes().cmp(name)).is_ok();
    is_name || has_known_prefix(name) || is_ssh_command(name)
}

/// None of the prefixes starts another, so only the last that sorts before the
/// name can be one of it.
fn has_known_prefix(name: &[u8]) -> bool {
    let after = PREFIXES.partition_point(|prefix| prefix.as_bytes() <= name);
    after.checked_sub(1).is_some_and(|last| name.starts_with(PREFIXES[last].as_bytes()))
}

/// `SSH_ORIGINAL_COMMAND` and its like.
fn is_ssh_command(name: &[u8]) -> bool {
    name.starts_with(b"SSH_") && name.ends_with(b"COMMAND")
}

const PREFIXES: &[&str] = &[
    "AWS_",
    "BASH_FUNC_",
    "BUN_",
    "CARGO_",
    "CGO_",
    "CMAKE_",
    "CORECLR_",
    "DENO_",
    "DOCKER_",
    "DYLD_",
    "FZF_DEFAULT_",
    "GEM_",
    "GIT_",
    "JULIA_",
    "LD_",
    "LESSKEY",
    "LUA_",
    "MALLOC_",
    "NPM_CONFIG_",
    "OPENSSL_",
    "PERL5",
    "PIP_",
    "PKG_CONFIG_",
    "PNPM_",
    "PYTHON",
    "R_PROFILE",
    "SSL_CERT_",
    "TERMINFO",
    "UV_",
    "XDG_DATA_",
    "XZ_",
    "YARN_",
    "_RLD",
    "npm_config_",
];

const EXACT: &[&str] = &[
    "ACK_OPTIONS",
    "ALL_PROXY",
    "ANT_OPTS",
    "AR",
    "AWKLIBPATH",
    "AWKPATH",
    "BASHOPTS",
    "BASH_ENV",
    "BASH_LOADABLES_PATH",
    "BAT_PAGER",
    "BROWSER",
    "BUNDLE_GEMFILE",
    "CC",
    "CDPATH",
    "CFLAGS",
    "CLASSPATH",
    "CPATH",
    "CURL_CA_BUNDLE",
    "CURL_HOME",
    "CVS_RSH",
    "CXX",
    "DOTNET_STARTUP_HOOKS",
    "EDITOR",
    "EMACSLOADPATH",
    "ENV",
    "EXINIT",
    "FCEDIT",
    "FPATH",
    "GCONV_PATH",
    "GLIBC_TUNABLES",
    "GLOBIGNORE",
    "GNUPGHOME",
    "GOBIN",
    "GOENV",
    "GOFLAGS",
    "GOINSECURE",
    "GONOSUMDB",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOPATH",
    "GOPROXY",
    "GOROOT",
    "GOSUMDB",
    "GOTOOLCHAIN",
    "GRADLE_OPTS",
    "GREP_OPTIONS",
    "GZIP",
    "HGRCPATH",
    "HISTFILE",
    "HOME",
    "HOSTALIASES",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "IFS",
    "INPUTRC",
    "JAVA_HOME",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "KUBECONFIG",
    "LD",
    "LDFLAGS",
    "LESS",
    "LESSCLOSE",
    "LESSEDIT",
    "LESSOPEN",
    "LIBPATH",
    "LIBRARY_PATH",
    "LOCALDOMAIN",
    "LOCPATH",
    "MAKEFILES",
    "MAKEFLAGS",
    "MANOPT",
    "MANPAGER",
    "MANPATH",
    "MANROFFOPT",
    "MAVEN_OPTS",
    "MFLAGS",
    "NLSPATH",
    "NODE_EXTRA_CA_CERTS",
    "NODE_OPTIONS",
    "NODE_PATH",
    "NODE_TLS_REJECT_UNAUTHORIZED",
    "NO_PROXY",
    "NULLCMD",
    "OLDPWD",
    "PAGER",
    "PATH",
    "PATH_LOCALE",
    "PERLIO_DEBUG",
    "PERLLIB",
    "PHPRC",
    "PHP_INI_SCAN_DIR",
    "PROMPT_COMMAND",
    "PS0",
    "PS4",
    "PWD",
    "READNULLCMD",
    "REQUESTS_CA_BUNDLE",
    "RES_OPTIONS",
    "RIPGREP_CONFIG_PATH",
    "RSYNC_RSH",
    "RUBYLIB",
    "RUBYOPT",
    "RUSTC",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
    "RUSTUP_TOOLCHAIN",
    "R_ENVIRON",
    "R_HOME",
    "SHELL",
    "SHELLOPTS",
    "SHLIB_PATH",
    "SSH_ASKPASS",
    "SSH_AUTH_SOCK",
    "SSH_SK_PROVIDER",
    "SSLKEYLOGFILE",
    "SUDO_EDITOR",
    "SVN_SSH",
    "SYSTEMD_PAGER",
    "TAPE",
    "TAR_OPTIONS",
    "TERMCAP",
    "TMPDIR",
    "TMPPREFIX",
    "UNZIP",
    "VIMINIT",
    "VIRTUAL_ENV",
    "VISUAL",
    "WGETRC",
    "XDG_CONFIG_HOME",
    "XDG_RUNTIME_DIR",
    "ZDOTDIR",
    "ZIPOPT",
    "_JAVA_OPTIONS",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_sorted_and_says_nothing_twice() {
        assert!(PREFIXES.is_sorted_by(|one, next| one < next && !next.starts_with(one)));
        assert!(EXACT.is_sorted_by(|one, next| one < next));
        let covered = |name: &&&str| has_known_prefix(name.as_bytes());
        assert_eq!(EXACT.iter().find(covered), None);
    }

    #[test]
    fn knows_names_and_prefixes_and_nothing_like_them() {
        for name in ["PATH", "LD_PRELOAD", "_RLD_LIST", "BASH_FUNC_x%%", "npm_config_x", "IFS"] {
            assert!(changes_what_runs(name.as_bytes()), "{name}");
        }
        assert!(changes_what_runs(b"SSH_ORIGINAL_COMMAND"));
        for name in ["", "PAT", "PATHS", "LD", "ld_preload", "COLUMNS", "ZZZ", "SSH_TTY"] {
            assert_eq!(changes_what_runs(name.as_bytes()), name == "LD", "{name}");
        }
    }
}
