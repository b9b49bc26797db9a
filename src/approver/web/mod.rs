//! The page of an approver: plain files, served as they are.
//!
//! The page is an approver of its own. Its keys are made in the browser and stay there;
//! it opens, canonicalises, hashes and signs by itself, and asks the gateway for nothing
//! but what is sealed. There is no build step and nothing comes from anywhere else:
//! `card` draws a request, `display` makes text safe to show, `arming` keeps approval out
//! of reach until a person can have read, `seal` and `keys` are the cryptography.

/// A file of the page.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub text: &'static str,
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// All files of the page; `index.html` is the page itself.
        pub const FILES: &[File] = &[$(File { name: $name, text: include_str!($name) }),*];
    };
}

files![
    "index.html",
    "page.css",
    "main.js",
    "bytes.js",
    "json.js",
    "keys.js",
    "seal.js",
    "vault.js",
    "gateway.js",
    "stream.js",
    "follow.js",
    "outcome.js",
    "desk.js",
    "history.js",
    "display.js",
    "confusables.js",
    "fields.js",
    "values.js",
    "warnings.js",
    "words.js",
    "block.js",
    "card.js",
    "number.js",
    "passkey.js",
    "enrol.js",
    "answer.js",
    "reach.js",
    "arming.js",
    "pairing.js",
    "standing.js",
    "browser.js",
    "notice.js",
    "element.js",
];

impl File {
    /// Returns its media type.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        match self.name.rsplit_once('.') {
            Some((_, "html")) => "text/html; charset=utf-8",
            Some((_, "css")) => "text/css; charset=utf-8",
            _ => "text/javascript; charset=utf-8",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_is_imported_is_there() {
        for file in FILES {
            for part in file.text.split(" from './").skip(1) {
                let name = part.split('\'').next().expect("a name");
                assert!(FILES.iter().any(|known| known.name == name), "{}: {name}", file.name);
            }
        }
    }

    #[test]
    fn nothing_makes_markup_of_text_or_asks_anybody_else() {
        let forbidden = [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "DOMParser",
            "localStorage",
            "sessionStorage",
            "document.cookie",
            "https://",
            "//cdn",
            "style=",
            "onclick=",
        ];
        for file in FILES {
            for word in forbidden {
                assert!(!file.text.contains(word), "{}: {word}", file.name);
            }
        }
    }
}
