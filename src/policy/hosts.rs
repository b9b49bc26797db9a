//! Whom a program that uses credentials asks, through whom, and whom it believes.

use super::trust::{is_fixed, is_of_the_system};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Tells whether a variable could have such a program send credentials somewhere else.
pub(super) fn disturbs(variable: &[u8], value: &[u8], name: &[u8]) -> bool {
    is_of_hosts(variable)
        || name == b"kubectl" && is_proxy(variable)
        || disturbs_trust(variable, value)
}

/// Tells whether a variable says whom to ask.
fn is_of_hosts(variable: &[u8]) -> bool {
    variable.starts_with(b"DOCKER_")
        || matches!(
            variable,
            b"KUBECONFIG"
                | b"GH_HOST"
                | b"GH_REPO"
                | b"GH_CONFIG_DIR"
                | b"GH_FORCE_TTY"
                // It is sent to any host but github.com.
                | b"GH_ENTERPRISE_TOKEN"
                | b"GITHUB_ENTERPRISE_TOKEN"
        )
}

/// Tells whether a variable says through whom a cluster is reached, which may be one
/// whose certificate is not verified.
fn is_proxy(variable: &[u8]) -> bool {
    let names: [&[u8]; 3] = [b"HTTPS_PROXY", b"HTTP_PROXY", b"ALL_PROXY"];
    names.iter().any(|name| variable.eq_ignore_ascii_case(name))
}

/// Tells whether a variable has others believed than whom the system believes.
///
/// A company's machines set it for good, to a file that root has put there.
fn disturbs_trust(variable: &[u8], value: &[u8]) -> bool {
    let is_roots = |path: &[u8]| {
        let path = Path::new(OsStr::from_bytes(path));
        is_fixed(path) && (path.starts_with("/etc") || is_of_the_system(path))
    };
    matches!(variable, b"SSL_CERT_FILE" | b"SSL_CERT_DIR")
        && !value.is_empty()
        && !value.split(|byte| *byte == b':').all(is_roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_to_believe_matters_where_credentials_are_sent() {
        let disturbs = |name: &str, variable: &str, value: &str| {
            disturbs(variable.as_bytes(), value.as_bytes(), name.as_bytes())
        };
        for (variable, value) in [
            ("SSL_CERT_FILE", "./c.pem"),
            ("SSL_CERT_FILE", "/home/me/c.pem"),
            ("SSL_CERT_FILE", "/etc/../tmp/c.pem"),
            ("SSL_CERT_DIR", "/etc/ssl/certs:/tmp"),
        ] {
            assert!(disturbs("gh", variable, value), "{value}");
            assert!(disturbs("kubectl", variable, value), "{value}");
        }
        for (variable, value) in [
            ("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"),
            ("SSL_CERT_DIR", "/etc/ssl/certs:/usr/share/certs"),
            ("SSL_CERT_FILE", ""),
        ] {
            assert!(!disturbs("gh", variable, value), "{value}");
        }
        for variable in ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"] {
            assert!(disturbs("gh", variable, "x"), "{variable}");
        }
        assert!(!disturbs("gh", "GH_TOKEN", "x"));
        for variable in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY"] {
            assert!(disturbs("kubectl", variable, "http://proxy:3128"), "{variable}");
            assert!(!disturbs("docker", variable, "http://proxy:3128"), "{variable}");
            assert!(!disturbs("gh", variable, "http://proxy:3128"), "{variable}");
        }
    }
}
