//! No command runs without a permit, and a permit cannot be made up or copied.

use syn::{FnArg, ImplItem, Item, Pat, Type, Visibility};

/// Returns a complaint for each public function of `run` that takes no permit.
///
/// Methods with a receiver are left out: who has the value went through here. So
/// are functions of numbers alone, such as dying of a signal: they name no command.
///
/// # Errors
///
/// `syn`'s error when the text is not Rust.
pub(crate) fn functions_without_permit(source: &str) -> syn::Result<Vec<String>> {
    let mut complaints = Vec::new();
    for item in syn::parse_file(source)?.items {
        match item {
            Item::Fn(function) if is_public(&function.vis) => {
                complaints.extend(unless_consumes_permit(&function.sig));
            }
            Item::Impl(block) if block.trait_.is_none() => {
                for member in block.items {
                    if let ImplItem::Fn(method) = member
                        && is_public(&method.vis)
                        && method.sig.receiver().is_none()
                    {
                        complaints.extend(unless_consumes_permit(&method.sig));
                    }
                }
            }
            _ => {}
        }
    }
    Ok(complaints)
}

/// Returns a complaint for each way in which `Permit` could be forged or copied.
///
/// # Errors
///
/// `syn`'s error when the text is not Rust.
pub(crate) fn forgeable_permit(source: &str) -> syn::Result<Vec<String>> {
    let mut complaints = Vec::new();
    let mut found = false;
    for item in syn::parse_file(source)?.items {
        match item {
            Item::Struct(item) if item.ident == "Permit" => {
                found = true;
                if item.fields.iter().any(|field| !matches!(field.vis, Visibility::Inherited)) {
                    complaints.push("a field of `Permit` is visible: make it private".to_owned());
                }
                if item.attrs.iter().any(derives_copying) {
                    complaints.push(
                        "`Permit` derives Clone, Copy or Default: a permit is one run".to_owned(),
                    );
                }
            }
            Item::Impl(block) => {
                let implemented = block.trait_.as_ref().and_then(|(path, _)| path.segments.last());
                if let Some(name) = implemented
                    && is_permit(&block.self_ty)
                    && ["Clone", "Copy", "Default"].iter().any(|banned| name.ident == banned)
                {
                    complaints
                        .push(format!("`Permit` implements {}: a permit is one run", name.ident));
                }
            }
            _ => {}
        }
    }
    if !found {
        complaints.push("there is no `struct Permit` in src/review/permit.rs".to_owned());
    }
    Ok(complaints)
}

fn unless_consumes_permit(signature: &syn::Signature) -> Option<String> {
    let consumes = signature.inputs.iter().any(|argument| match argument {
        FnArg::Typed(typed) => is_permit(&typed.ty) && !matches!(*typed.pat, Pat::Wild(_)),
        FnArg::Receiver(_) => false,
    });
    let numbers_only = !signature.inputs.is_empty() && signature.inputs.iter().all(is_number);
    (!consumes && !numbers_only).then(|| {
        format!(
            "`pub fn {}` in run takes no `Permit` by value: take one, or make it pub(super)",
            signature.ident
        )
    })
}

fn is_number(argument: &FnArg) -> bool {
    let FnArg::Typed(typed) = argument else { return false };
    let Type::Path(kind) = &*typed.ty else { return false };
    ["i32", "u8", "Signal", "Exit"].iter().any(|name| kind.path.is_ident(name))
}

fn is_permit(kind: &Type) -> bool {
    matches!(kind, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Permit"))
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn derives_copying(attribute: &syn::Attribute) -> bool {
    let mut found = false;
    if attribute.path().is_ident("derive") {
        let _ = attribute.parse_nested_meta(|meta| {
            found |= ["Clone", "Copy", "Default"].iter().any(|name| meta.path.is_ident(name));
            Ok(())
        });
    }
    found
}
