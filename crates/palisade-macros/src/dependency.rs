//! `#[dependency]`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{
    Attribute, Error, Expr, FnArg, GenericArgument, Ident, Item, ItemFn, ItemImpl, PathArguments, ReturnType,
    Type, parse::Parser, parse2, spanned::Spanned,
};

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> Result<TokenStream, Error> {
    let said = Said::parse(arguments)?;
    match parse2::<Item>(item)? {
        Item::Fn(function) => from_function(&said, &function),
        Item::Impl(by_hand) if said.requires.is_none() => from_impl(&by_hand),
        Item::Impl(by_hand) => Err(Error::new(
            by_hand.span(),
            "a dependency written by hand says what it requires in its `Describe`: `description.requires::<Self>(..)`",
        )),
        _ => Err(Error::new(
            Span::call_site(),
            "`#[dependency]` goes on an `async fn` or on an `impl Dependency<S> for T`",
        )),
    }
}

/// What stands in the attribute's parentheses.
#[derive(Default)]
struct Said {
    /// `state = App`
    state: Option<Type>,
    /// `requires = scope("ledger:read")`
    requires: Option<Expr>,
}

impl Said {
    fn parse(arguments: TokenStream) -> Result<Self, Error> {
        let mut said = Self::default();
        let parser = syn::meta::parser(|meta| {
            if meta.path.is_ident("state") {
                said.state = Some(meta.value()?.parse()?);
                Ok(())
            } else if meta.path.is_ident("requires") {
                said.requires = Some(meta.value()?.parse()?);
                Ok(())
            } else {
                Err(meta.error("`#[dependency]` takes `state = YourState` and `requires = a_requirement()`"))
            }
        });
        parser.parse2(arguments)?;
        Ok(said)
    }
}

fn from_function(said: &Said, function: &ItemFn) -> Result<TokenStream, Error> {
    let state = said.state.as_ref();
    let signature = &function.sig;
    if signature.asyncness.is_none() {
        return Err(Error::new(signature.fn_token.span(), "a dependency is an `async fn`"));
    }
    if let Some(generics) = signature.generics.params.first() {
        return Err(Error::new(
            generics.span(),
            "a dependency has no parameters of its own: it makes one type",
        ));
    }
    let Made { value, error } = Made::of(&signature.output)?;
    let arguments = argument_types(signature.inputs.iter())?;
    let names: Vec<_> = (0..arguments.len()).map(|index| format_ident!("argument_{index}")).collect();
    let name = &signature.ident;
    let called = match error {
        Some(error) => {
            quote_spanned! { error => ::palisade::macros::made(#name(#(#names),*).await) }
        }
        None => quote! { ::core::result::Result::Ok(#name(#(#names),*).await) },
    };
    let at = At {
        item: value.span(),
        cfg: function.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect(),
    };
    let (generics, state_type) = match state {
        Some(state) => (quote! {}, quote! { #state }),
        None => {
            // The compiler names it when the result is a type of another crate.
            let state = Ident::new("__NameTheStateForAForeignType", value.span());
            (quote! { <#state> }, quote! { #state })
        }
    };
    let head = quote_spanned! { value.span() => ::palisade::Dependency<#state_type> };
    let read = arguments.iter().map(|argument| {
        quote_spanned! { argument.span() => ::palisade::macros::argument::<#argument, #state_type> }
    });
    let admitted = said.requires.as_ref().map(|_| quote! { ::palisade::macros::admitted::<Self>(__head)?; });
    let requires = said.requires.as_ref().map(|requirement| {
        quote_spanned! { requirement.span() => __description.requires::<Self>(#requirement); }
    });
    let resolve = quote! {
        async fn resolve(
            __head: &mut ::palisade::macros::Parts,
            __state: &#state_type,
        ) -> ::core::result::Result<Self, ::palisade::Problem> {
            #admitted
            #(let #names = #read(__head, __state).await?;)*
            #called
        }
    };
    let described = arguments.iter().map(|argument| {
        quote_spanned! { argument.span() => <#argument as ::palisade::Describe<#state_type>>::describe }
    });
    let describe = quote! {
        fn describe(__description: &mut ::palisade::Description<'_>) {
            #(#described(__description);)*
            #requires
        }
    };
    // Resolving rests on resolving and describing on describing. Were one to rest on both, a cycle of dependencies would
    // branch at each turn, and the compiler follow all branches.
    let generic = state.is_none();
    let extract = quote! { ::palisade::macros::FromRequestParts<#state_type> + ::core::marker::Send };
    let to_resolve = bounds(generic, &state_type, &arguments, &extract);
    let to_describe = bounds(generic, &state_type, &arguments, &quote! { ::palisade::Describe<#state_type> });
    let resolve = at.implements(&generics, &head, &value, &to_resolve, &resolve);
    let head = quote! { ::palisade::Describe<#state_type> };
    let describe = at.implements(&generics, &head, &value, &to_describe, &describe);
    let extractors = extractors(&at, &generics, &state_type, &value, generic);
    Ok(quote! {
        #function
        #resolve
        #describe
        #extractors
    })
}

/// What a generated implementation asks of a generic state: that each argument can be had from it.
fn bounds(generic: bool, state: &TokenStream, arguments: &[Type], bound: &TokenStream) -> TokenStream {
    if !generic {
        return quote! {};
    }
    let each = arguments.iter().map(|argument| quote_spanned! { argument.span() => #argument: #bound, });
    quote! {
        #state: ::core::marker::Send + ::core::marker::Sync + 'static,
        #(#each)*
    }
}

fn from_impl(by_hand: &ItemImpl) -> Result<TokenStream, Error> {
    let Some((_, path, _)) = &by_hand.trait_ else {
        return Err(Error::new(by_hand.span(), "write `impl<S> Dependency<S> for T`"));
    };
    let last = path.segments.last().filter(|segment| segment.ident == "Dependency");
    let state = last.and_then(|segment| match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => {
            arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(state) => Some(state),
                _ => None,
            })
        }
        _ => None,
    });
    let Some(state) = state else {
        return Err(Error::new(path.span(), "write `impl<S> Dependency<S> for T`"));
    };
    let generics = &by_hand.generics;
    let generic = !generics.params.is_empty();
    let (generics, _, _) = generics.split_for_impl();
    let cfg = by_hand.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect();
    let at = At { item: by_hand.self_ty.span(), cfg };
    let extractors = extractors(&at, &quote! { #generics }, &quote! { #state }, &by_hand.self_ty, generic);
    Ok(quote! {
        #by_hand

        #extractors
    })
}

/// Where the implementations are written for: the compiler's messages about them point there, and they are there when
/// the item is.
struct At<'a> {
    item: Span,
    cfg: Vec<&'a Attribute>,
}

impl At<'_> {
    fn implements(
        &self,
        generics: &TokenStream,
        of: &TokenStream,
        value: &Type,
        bounds: &TokenStream,
        body: &TokenStream,
    ) -> TokenStream {
        let cfg = &self.cfg;
        let head = quote_spanned! { self.item => impl #generics #of for #value };
        quote! {
            #(#cfg)*
            #head
            where
                #bounds
            {
                #body
            }
        }
    }
}

fn extractors(
    at: &At<'_>,
    generics: &TokenStream,
    state: &TokenStream,
    value: &Type,
    generic: bool,
) -> TokenStream {
    let bounds = if generic {
        quote! {
            #state: ::core::marker::Send + ::core::marker::Sync + 'static,
            Self: ::palisade::Dependency<#state>,
        }
    } else {
        quote! {}
    };
    let extract = |result: &TokenStream, resolve: &TokenStream| {
        quote! {
            type Rejection = ::palisade::Problem;

            async fn from_request_parts(
                __head: &mut ::palisade::macros::Parts,
                __state: &#state,
            ) -> ::core::result::Result<#result, ::palisade::Problem> {
                #resolve(__head, __state).await
            }
        }
    };
    let required = extract(&quote! { Self }, &quote! { ::palisade::resolve });
    let optional =
        extract(&quote! { ::core::option::Option<Self> }, &quote! { ::palisade::resolve_optional });
    [
        (quote! { ::palisade::macros::FromRequestParts<#state> }, required),
        (quote! { ::palisade::macros::OptionalFromRequestParts<#state> }, optional),
    ]
    .iter()
    .map(|(of, body)| at.implements(generics, of, value, &bounds, body))
    .collect()
}

fn argument_types<'a>(inputs: impl Iterator<Item = &'a FnArg>) -> Result<Vec<Type>, Error> {
    inputs
        .map(|input| match input {
            FnArg::Receiver(receiver) => {
                Err(Error::new(receiver.span(), "a dependency is a function, not a method"))
            }
            FnArg::Typed(typed) => match &*typed.ty {
                Type::Reference(_) => Err(Error::new(
                    typed.ty.span(),
                    "a dependency owns its arguments: take an extractor by value",
                )),
                Type::ImplTrait(_) => Err(Error::new(
                    typed.ty.span(),
                    "a dependency names its arguments' types: write an extractor",
                )),
                argument => Ok(argument.clone()),
            },
        })
        .collect()
}

/// What a dependency's function gives.
struct Made {
    value: Type,
    /// Where its error type stands, if it can fail.
    error: Option<Span>,
}

impl Made {
    /// `T` and the error of `Result<T, E>`; of any other type, that type.
    fn of(output: &ReturnType) -> Result<Self, Error> {
        let ReturnType::Type(_, result) = output else {
            return Err(Error::new(
                Span::call_site(),
                "a dependency makes a value: write `-> T` or `-> Result<T, Denied>`",
            ));
        };
        let made = Self::of_result(result).unwrap_or_else(|| Self { value: (**result).clone(), error: None });
        match &made.value {
            Type::ImplTrait(_) => Err(Error::new(made.value.span(), "a dependency names the type it makes")),
            Type::Reference(_) | Type::Tuple(_) => Err(Error::new(
                made.value.span(),
                "a dependency makes a type of your own, by which it is asked for: `struct Name(..)` around this",
            )),
            _ => Ok(made),
        }
    }

    fn of_result(result: &Type) -> Option<Self> {
        let Type::Path(path) = result else { return None };
        let last = path.path.segments.last().filter(|last| last.ident == "Result")?;
        let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
        let mut types = arguments.args.iter().filter_map(|argument| match argument {
            GenericArgument::Type(argument) => Some(argument),
            _ => None,
        });
        let value = types.next()?.clone();
        // `Result<T>` may be an alias that names the error itself.
        let error = types.next().map_or_else(|| result.span(), Spanned::span);
        Some(Self { value, error: Some(error) })
    }
}
