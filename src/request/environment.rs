//! Variables that change what runs, as the reviewer sees them.
//!
//! The table is that of the threat study: loaders, shells, lookup, git and ssh,
//! pagers and editors, languages, build tools, proxies and trust.

use super::text::{Fidelity, lossy};
use crate::process::Environment;
use std::ffi::OsStr;

/// A variable that changes what runs.
#[derive(Debug, PartialEq, Eq)]
pub struct ShownVariable {
    /// Its name; not UTF-8 parts are quoted.
    pub name: String,
    /// Its value, as far as it may be shown.
    pub value: ShownValue,
}

/// A value, as far as it may be shown.
#[derive(Debug, PartialEq, Eq)]
pub enum ShownValue {
    /// The whole value.
    Clear(String),
    /// A secret: only its length.
    Masked {
        /// Length in bytes.
        length: usize,
    },
}

/// Returns the variables of the environment that change what runs, in its order.
#[must_use]
pub fn changing_variables(environment: &Environment) -> Vec<ShownVariable> {
    environment
        .iter()
        .filter_map(|(name, value)| {
            let (text, _) = lossy(name);
            changes_what_runs(&text)
                .then(|| ShownVariable { value: shown(&text, value), name: text.into_owned() })
        })
        .collect()
}

fn changes_what_runs(name: &str) -> bool {
    EXACT.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

fn shown(name: &str, value: &OsStr) -> ShownValue {
    let (text, fidelity) = lossy(value);
    if fidelity == Fidelity::Exact && (is_secret_name(name) || holds_user_info(&text)) {
        return ShownValue::Masked { length: value.len() };
    }
    ShownValue::Clear(text.into_owned())
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    SECRET_PARTS.iter().any(|part| name.contains(part))
}

/// Tells whether the value is a URL with a user name or password in it.
fn holds_user_info(value: &str) -> bool {
    value.split_once("://").is_some_and(|(_, rest)| {
        rest.split(['/', '?', '#']).next().is_some_and(|authority| authority.contains('@'))
    })
}

const SECRET_PARTS: &[&str] =
    &["TOKEN", "SECRET", "PASSW", "APIKEY", "API_KEY", "CREDENTIAL", "PRIVATE", "AUTH"];

const PREFIXES: &[&str] = &[
    // Loader and libc.
    "LD_",
    "DYLD_",
    "_RLD",
    "MALLOC_",
    "BASH_FUNC_",
    "TERMINFO",
    // Git and ssh.
    "GIT_",
    "XDG_DATA_",
    // Languages.
    "PYTHON",
    "PERL5",
    "GEM_",
    "NPM_CONFIG_",
    "npm_config_",
    "YARN_",
    "PNPM_",
    "DENO_",
    "BUN_",
    "CORECLR_",
    "R_PROFILE",
    "JULIA_",
    "LUA_",
    // Build.
    "CGO_",
    "CARGO_",
    "CMAKE_",
    "PKG_CONFIG_",
    "PIP_",
    "UV_",
    // Tools.
    "XZ_",
    "FZF_DEFAULT_",
    "DOCKER_",
    "AWS_",
    // Trust.
    "SSL_CERT_",
    "OPENSSL_",
];

const EXACT: &[&str] = &[
    "LIBPATH",
    "SHLIB_PATH",
    "GLIBC_TUNABLES",
    "GCONV_PATH",
    "LOCPATH",
    "NLSPATH",
    "PATH_LOCALE",
    "HOSTALIASES",
    "LOCALDOMAIN",
    "RES_OPTIONS",
    "BASH_ENV",
    "ENV",
    "SHELLOPTS",
    "BASHOPTS",
    "PS4",
    "PROMPT_COMMAND",
    "IFS",
    "CDPATH",
    "GLOBIGNORE",
    "ZDOTDIR",
    "FPATH",
    "NULLCMD",
    "READNULLCMD",
    "TMPPREFIX",
    "HISTFILE",
    "SHELL",
    "INPUTRC",
    "TERMCAP",
    "PATH",
    "PWD",
    "OLDPWD",
    "HOME",
    "TMPDIR",
    "XDG_CONFIG_HOME",
    "SSH_ASKPASS",
    "SSH_AUTH_SOCK",
    "SSH_SK_PROVIDER",
    "HGRCPATH",
    "SVN_SSH",
    "CVS_RSH",
    "RSYNC_RSH",
    "PAGER",
    "MANPAGER",
    "BAT_PAGER",
    "SYSTEMD_PAGER",
    "LESS",
    "LESSOPEN",
    "LESSCLOSE",
    "LESSKEYIN",
    "LESSEDIT",
    "MANOPT",
    "MANROFFOPT",
    "EDITOR",
    "VISUAL",
    "FCEDIT",
    "SUDO_EDITOR",
    "BROWSER",
    "VIMINIT",
    "EXINIT",
    "PERLLIB",
    "PERLIO_DEBUG",
    "RUBYOPT",
    "RUBYLIB",
    "BUNDLE_GEMFILE",
    "NODE_OPTIONS",
    "NODE_PATH",
    "NODE_EXTRA_CA_CERTS",
    "JAVA_TOOL_OPTIONS",
    "_JAVA_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "CLASSPATH",
    "MAVEN_OPTS",
    "GRADLE_OPTS",
    "DOTNET_STARTUP_HOOKS",
    "PHPRC",
    "PHP_INI_SCAN_DIR",
    "CC",
    "CXX",
    "LD",
    "AR",
    "CFLAGS",
    "LDFLAGS",
    "GOFLAGS",
    "GOENV",
    "GOPROXY",
    "GOTOOLCHAIN",
    "GOROOT",
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
    "RUSTDOCFLAGS",
    "RUSTUP_TOOLCHAIN",
    "MAKEFLAGS",
    "MFLAGS",
    "MAKEFILES",
    "LIBRARY_PATH",
    "CPATH",
    "VIRTUAL_ENV",
    "TAR_OPTIONS",
    "TAPE",
    "RIPGREP_CONFIG_PATH",
    "GREP_OPTIONS",
    "GZIP",
    "ZIPOPT",
    "UNZIP",
    "CURL_HOME",
    "WGETRC",
    "AWKPATH",
    "AWKLIBPATH",
    "ACK_OPTIONS",
    "KUBECONFIG",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSLKEYLOGFILE",
    "NODE_TLS_REJECT_UNAUTHORIZED",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsString;

    fn shown(variables: &[(&str, &str)]) -> Vec<ShownVariable> {
        let environment: Environment =
            variables.iter().map(|(n, v)| (OsString::from(n), OsString::from(v))).collect();
        changing_variables(&environment)
    }

    fn clear(name: &str, value: &str) -> ShownVariable {
        ShownVariable { name: name.to_owned(), value: ShownValue::Clear(value.to_owned()) }
    }

    #[test]
    fn shows_what_changes_execution_and_nothing_else() {
        assert_eq!(
            shown(&[("LD_PRELOAD", "/x.so"), ("COLUMNS", "80"), ("PATH", "/bin")]),
            [clear("LD_PRELOAD", "/x.so"), clear("PATH", "/bin")]
        );
    }

    #[test]
    fn masks_secrets_by_name_and_by_form() {
        let masked = shown(&[
            ("AWS_SECRET_ACCESS_KEY", "abcd"),
            ("npm_config__authToken", "x"),
            ("HTTPS_PROXY", "http://u:p@proxy:1/"),
        ]);
        assert!(masked.iter().all(|each| matches!(each.value, ShownValue::Masked { .. })));
        assert_eq!(masked[0].value, ShownValue::Masked { length: 4 });
        assert_eq!(shown(&[("GIT_DIR", "/r@x/.git")]), [clear("GIT_DIR", "/r@x/.git")]);
    }
}
