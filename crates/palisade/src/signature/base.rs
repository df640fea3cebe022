//! The signature base: the text that is signed (RFC 9421, section 2.5).

use super::{
    Refused,
    component::{Component, Message},
};

/// The base of a signature over `components` of the request, whose parameters are `parameters` as they stand in
/// `Signature-Input`: the list of components, and what follows it.
pub(super) fn base(
    components: &[Component],
    parameters: &str,
    message: &Message<'_>,
) -> Result<String, Refused> {
    let mut base = String::new();
    for component in components {
        // A name has no character that a string would escape, and a value no line break.
        base.push('"');
        base.push_str(component.name());
        base.push_str("\": ");
        base.push_str(&message.value(component)?);
        base.push('\n');
    }
    base.push_str("\"@signature-params\": ");
    base.push_str(parameters);
    Ok(base)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::{super::component::UriScheme, *};
    use crate::api_key::{PublicKey, Seed};

    /// The request of RFC 9421, appendix B.2.
    fn request() -> Request<()> {
        Request::post("/foo?param=Value&Pet=dog")
            .header("host", "example.com")
            .header("date", "Tue, 20 Apr 2021 02:07:55 GMT")
            .header("content-type", "application/json")
            .header("content-length", "18")
            .body(())
            .unwrap()
    }

    fn base_of(names: &[&str], parameters: &str) -> Result<String, Refused> {
        let components: Vec<_> = names.iter().map(|name| Component::parse(name).unwrap()).collect();
        let (head, ()) = request().into_parts();
        base(&components, parameters, &Message::of(&head, UriScheme::Https))
    }

    #[test]
    fn appendix_b_2_6_signs_as_the_standard_prints() {
        let parameters = "(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \"content-length\")\
            ;created=1618884473;keyid=\"test-key-ed25519\"";
        let names = ["date", "@method", "@path", "@authority", "content-type", "content-length"];
        let base = base_of(&names, parameters).unwrap();
        let expected = format!(
            "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@method\": POST\n\"@path\": /foo\n\"@authority\": example.com\n\
             \"content-type\": application/json\n\"content-length\": 18\n\"@signature-params\": {parameters}"
        );
        assert_eq!(base, expected);

        let seed = bytes("n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU=");
        let public = bytes("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=");
        let signature =
            bytes("wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==");
        let seed = Seed::from_slice(&seed).unwrap();
        assert_eq!(seed.sign(base.as_bytes()).to_vec(), signature);
        let public = PublicKey::from_bytes(public.try_into().unwrap());
        assert_eq!(seed.public_key(), public);
        assert!(public.verifies(base.as_bytes(), &signature));
    }

    #[test]
    fn the_parts_of_the_target_are_those_of_the_standard() {
        let base = base_of(&["@target-uri", "@query"], "()").unwrap();
        let expected = "\"@target-uri\": https://example.com/foo?param=Value&Pet=dog\n\"@query\": ?param=Value&Pet=dog\n\
             \"@signature-params\": ()";
        assert_eq!(base, expected);
    }

    #[test]
    fn a_field_that_is_not_there_cannot_be_covered() {
        assert_eq!(base_of(&["x-missing"], "()"), Err(Refused::Uncoverable));
    }

    fn bytes(text: &str) -> Vec<u8> {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.decode(text).unwrap()
    }
}
