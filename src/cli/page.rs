//! The approver's page, as a gateway serves it.

use crate::approver::web::{FILES, File};
use crate::crypto::{Signature, VerifyingKey};
use crate::gateway::{Page, PageAsset};
use std::sync::LazyLock;

static ASSETS: LazyLock<Vec<PageAsset>> = LazyLock::new(|| FILES.iter().map(asset).collect());

/// Returns the page, and the check that a gateway cannot do by itself.
pub(super) fn page() -> Page {
    Page { assets: &ASSETS, proves }
}

fn asset(file: &File) -> PageAsset {
    PageAsset { name: file.name, media_type: file.media_type(), bytes: file.text.as_bytes() }
}

fn proves(key: &str, message: &[u8], signature: &str) -> bool {
    let (Ok(key), Ok(signature)) = (key.parse::<VerifyingKey>(), signature.parse::<Signature>())
    else {
        return false;
    };
    key.verify_strict(message, &signature).is_ok()
}
