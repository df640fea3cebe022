//! What all credentials that are verified as a `C` have in common, written once.

/// Makes of `struct Name<.., C>(pub Arc<C>, ..)`, which is a [`Credential`](super::Credential), an extractor that
/// dereferences to `C`. With `authenticate by hand`, [`Authenticate`](super::Authenticate) is left to the file.
macro_rules! verified_as {
    ($name:ident<$($parameter:ident),+> $(by $marker:ident: $bound:path)?) => {
        $crate::credential::verified::verified_as!($name<$($parameter),+> $(by $marker: $bound)?, authenticate by hand);

        impl<S, $($parameter),+> $crate::credential::Authenticate<S> for $name<$($parameter),+>
        where
            S: Sync,
            $($marker: $bound,)?
            C: $crate::credential::FromCredential<<Self as $crate::credential::Credential>::Read, S>,
        {
            async fn authenticate(
                head: &mut http::request::Parts,
                state: &S,
            ) -> Result<Option<Self>, $crate::problem::Problem> {
                Ok($crate::credential::authenticate::verified::<Self, C, S>(head, state).await?.map(Self::of))
            }
        }
    };
    ($name:ident<$($parameter:ident),+> $(by $marker:ident: $bound:path)?, authenticate by hand) => {
        impl<$($parameter),+> $name<$($parameter),+> {
            fn of(verified: std::sync::Arc<C>) -> Self {
                Self(verified $(, std::marker::PhantomData::<fn() -> $marker>)?)
            }
        }

        impl<$($parameter),+> Clone for $name<$($parameter),+> {
            fn clone(&self) -> Self {
                Self::of(self.0.clone())
            }
        }

        impl<$($parameter),+> std::ops::Deref for $name<$($parameter),+> {
            type Target = C;

            fn deref(&self) -> &C {
                &self.0
            }
        }

        impl<$($parameter),+> std::fmt::Debug for $name<$($parameter),+>
        where
            C: std::fmt::Debug,
        {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.0).finish()
            }
        }

        impl<S, $($parameter),+> axum::extract::FromRequestParts<S> for $name<$($parameter),+>
        where
            S: Sync,
            Self: $crate::credential::Authenticate<S>,
        {
            type Rejection = $crate::problem::Problem;

            async fn from_request_parts(
                head: &mut http::request::Parts,
                state: &S,
            ) -> Result<Self, $crate::problem::Problem> {
                let credential = <Self as $crate::credential::Authenticate<S>>::authenticate(head, state).await?;
                credential.ok_or_else(|| $crate::denied::Denied::not_authenticated().into())
            }
        }

        impl<S, $($parameter),+> axum::extract::OptionalFromRequestParts<S> for $name<$($parameter),+>
        where
            S: Sync,
            Self: $crate::credential::Authenticate<S>,
        {
            type Rejection = $crate::problem::Problem;

            async fn from_request_parts(
                head: &mut http::request::Parts,
                state: &S,
            ) -> Result<Option<Self>, $crate::problem::Problem> {
                <Self as $crate::credential::Authenticate<S>>::authenticate(head, state).await
            }
        }

        impl<S, $($parameter),+> $crate::describe::Describe<S> for $name<$($parameter),+>
        where
            $($marker: $bound,)?
        {
            fn describe(description: &mut $crate::describe::Description<'_>) {
                description.credential($crate::credential::Scheme::of::<Self>());
            }
        }
    };
}

pub(crate) use verified_as;
