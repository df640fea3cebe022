//! `#[dependency]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{
    Error, FnArg, GenericArgument, Item, ItemFn, ItemImpl, PathArguments, ReturnType, Type, parse::Parser,
    parse2, spanned::Spanned,
};

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> Result<TokenStream, Error> {
    let state = state_argument(arguments)?;
    match parse2::<Item>(item)? {
        Item::Fn(function) => from_function(state.as_ref(), &function),
        Item::Impl(by_hand) => from_impl(&by_hand),
        other => Err(Error::new(
            other.span(),
            "`#[dependency]` goes on an `async fn` or on an `impl Dependency<S> for T`",
        )),
    }
}

/// `state = App`, if it is there.
fn state_argument(arguments: TokenStream) -> Result<Option<Type>, Error> {
    let mut state = None;
    let parser = syn::meta::parser(|meta| {
        if meta.path.is_ident("state") {
            state = Some(meta.value()?.parse()?);
            Ok(())
        } else {
            Err(meta.error("`#[dependency]` takes only `state = YourState`"))
        }
    });
    parser.parse2(arguments)?;
    Ok(state)
}

fn from_function(state: Option<&Type>, function: &ItemFn) -> Result<TokenStream, Error> {
    let signature = &function.sig;
    if signature.asyncness.is_none() {
        return Err(Error::new(signature.span(), "a dependency is an `async fn`"));
    }
    if let Some(generics) = signature.generics.params.first() {
        return Err(Error::new(generics.span(), "a dependency has no type parameters: it makes one type"));
    }
    let result = result_type(&signature.output)?;
    let arguments = argument_types(signature.inputs.iter())?;
    let names: Vec<_> = (0..arguments.len()).map(|index| format_ident!("argument_{index}")).collect();
    let name = &signature.ident;
    let called = if result.fallible {
        quote! { #name(#(#names),*).await.map_err(::core::convert::Into::into) }
    } else {
        quote! { ::core::result::Result::Ok(#name(#(#names),*).await) }
    };
    let value = result.value;
    let (generics, state_type) = match state {
        Some(state) => (quote! {}, quote! { #state }),
        None => (quote! { <__State> }, quote! { __State }),
    };
    let bounds = bounds(state.is_some(), &state_type, &arguments);
    let extractors = extractors(&generics, &state_type, &value, &bounds);
    Ok(quote! {
        #function

        impl #generics ::palisade::Dependency<#state_type> for #value
        where
            #bounds
        {
            async fn resolve(
                __head: &mut ::palisade::macros::Parts,
                __state: &#state_type,
            ) -> ::core::result::Result<Self, ::palisade::Problem> {
                #(let #names = ::palisade::macros::argument::<#arguments, #state_type>(__head, __state).await?;)*
                #called
            }

            fn describe(__description: &mut ::palisade::Description<'_>) {
                #(<#arguments as ::palisade::Describe<#state_type>>::describe(__description);)*
            }
        }

        #extractors
    })
}

/// What the generated implementations ask of the state. For a generic state, that each argument can be made from it.
fn bounds(concrete: bool, state: &TokenStream, arguments: &[Type]) -> TokenStream {
    if concrete {
        return quote! {};
    }
    quote! {
        #state: ::core::marker::Send + ::core::marker::Sync + 'static,
        #(#arguments: ::palisade::macros::FromRequestParts<#state> + ::palisade::Describe<#state> + ::core::marker::Send,)*
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
    let (generics, _, condition) = by_hand.generics.split_for_impl();
    let given = condition.map(|condition| &condition.predicates);
    let bounds = quote! {
        #state: ::core::marker::Send + ::core::marker::Sync + 'static,
        #given
    };
    let extractors = extractors(&quote! { #generics }, &quote! { #state }, &by_hand.self_ty, &bounds);
    Ok(quote! {
        #by_hand

        #extractors
    })
}

fn extractors(
    generics: &TokenStream,
    state: &TokenStream,
    value: &Type,
    bounds: &TokenStream,
) -> TokenStream {
    quote! {
        impl #generics ::palisade::Describe<#state> for #value
        where
            #bounds
        {
            fn describe(__description: &mut ::palisade::Description<'_>) {
                <Self as ::palisade::Dependency<#state>>::describe(__description)
            }
        }

        impl #generics ::palisade::macros::FromRequestParts<#state> for #value
        where
            #bounds
        {
            type Rejection = ::palisade::Problem;

            async fn from_request_parts(
                __head: &mut ::palisade::macros::Parts,
                __state: &#state,
            ) -> ::core::result::Result<Self, ::palisade::Problem> {
                ::palisade::resolve(__head, __state).await
            }
        }

        impl #generics ::palisade::macros::OptionalFromRequestParts<#state> for #value
        where
            #bounds
        {
            type Rejection = ::palisade::Problem;

            async fn from_request_parts(
                __head: &mut ::palisade::macros::Parts,
                __state: &#state,
            ) -> ::core::result::Result<::core::option::Option<Self>, ::palisade::Problem> {
                ::palisade::resolve_optional(__head, __state).await
            }
        }
    }
}

fn argument_types<'a>(inputs: impl Iterator<Item = &'a FnArg>) -> Result<Vec<Type>, Error> {
    inputs
        .map(|input| match input {
            FnArg::Typed(typed) => Ok((*typed.ty).clone()),
            FnArg::Receiver(receiver) => {
                Err(Error::new(receiver.span(), "a dependency is a function, not a method"))
            }
        })
        .collect()
}

/// What a dependency's function gives.
struct Made {
    value: Type,
    fallible: bool,
}

/// `T` and whether there is an error, of `Result<T, E>`; of any other type, that type.
fn result_type(output: &ReturnType) -> Result<Made, Error> {
    let ReturnType::Type(_, result) = output else {
        return Err(Error::new(output.span(), "a dependency makes a value: write `-> Result<T, Denied>`"));
    };
    if let Type::Path(path) = &**result
        && let Some(last) = path.path.segments.last()
        && last.ident == "Result"
        && let PathArguments::AngleBracketed(arguments) = &last.arguments
        && let Some(GenericArgument::Type(value)) = arguments.args.first()
    {
        return Ok(Made { value: value.clone(), fallible: true });
    }
    Ok(Made { value: (**result).clone(), fallible: false })
}
