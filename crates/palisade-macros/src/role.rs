//! `#[derive(Role)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    Data, DeriveInput, Error, Fields, Ident, LitStr, Token, Variant, parse::Parse, parse2, spanned::Spanned,
};

pub(crate) fn expand(item: TokenStream) -> Result<TokenStream, Error> {
    let input: DeriveInput = parse2(item)?;
    let Data::Enum(data) = &input.data else {
        return Err(Error::new(input.span(), "a role type is an enum"));
    };
    if let Some(variant) = data.variants.iter().find(|variant| !matches!(variant.fields, Fields::Unit)) {
        return Err(Error::new(variant.span(), "a role has no fields"));
    }
    let variants: Vec<&Ident> = data.variants.iter().map(|variant| &variant.ident).collect();
    let said = data.variants.iter().map(Said::of).collect::<Result<Vec<_>, _>>()?;
    let names = said.iter().map(|said| &said.name);
    let includes = said.iter().map(|said| {
        let included = &said.includes;
        quote! { &[#(Self::#included),*] }
    });
    let scopes = said.iter().map(|said| {
        let bundled = &said.scopes;
        quote! { &[#(#bundled),*] }
    });
    let name = &input.ident;
    Ok(quote! {
        impl ::palisade::Role for #name {
            const ALL: &'static [Self] = &[#(Self::#variants),*];

            fn name(self) -> &'static str {
                match self { #(Self::#variants => #names),* }
            }

            fn includes(self) -> &'static [Self] {
                match self { #(Self::#variants => #includes),* }
            }

            fn scopes(self) -> &'static [&'static str] {
                match self { #(Self::#variants => #scopes),* }
            }
        }
    })
}

/// What a variant says of its role.
struct Said {
    name: String,
    includes: Vec<Ident>,
    scopes: Vec<LitStr>,
}

impl Said {
    fn of(variant: &Variant) -> Result<Self, Error> {
        let name = dashed(&variant.ident.to_string());
        let mut said = Self { name, includes: Vec::new(), scopes: Vec::new() };
        for attribute in variant.attrs.iter().filter(|attribute| attribute.path().is_ident("role")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("name") {
                    said.name = meta.value()?.parse::<LitStr>()?.value();
                    Ok(())
                } else if meta.path.is_ident("includes") {
                    meta.parse_nested_meta(|included| {
                        said.includes.push(included.path.require_ident()?.clone());
                        Ok(())
                    })
                } else if meta.path.is_ident("scopes") {
                    let scopes;
                    syn::parenthesized!(scopes in meta.input);
                    said.scopes.extend(scopes.parse_terminated(<LitStr as Parse>::parse, Token![,])?);
                    Ok(())
                } else {
                    Err(meta
                        .error("`#[role(..)]` takes `name = \"..\"`, `includes(..)` and `scopes(\"..\")`"))
                }
            })?;
        }
        Ok(said)
    }
}

/// `SiteAdmin` as `site-admin`.
fn dashed(variant: &str) -> String {
    let mut name = String::new();
    for letter in variant.chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.extend(letter.to_lowercase());
    }
    name
}
