//! Base64url as JOSE writes it (RFC 7515, section 2): no padding, no white space, unused bits zero.

use base64::{
    Engine as _,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// One text for each sequence of bytes: a second spelling of the same bytes would be a second token.
const STRICT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        // check: base64url-padding, instead: .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        // check: base64url-unused-bits, instead: .with_decode_allow_trailing_bits(true),
        .with_decode_allow_trailing_bits(false),
);

/// The text is not strict base64url.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotBase64Url;

/// The bytes that `text` stands for.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, NotBase64Url> {
    STRICT.decode(text).map_err(|_| NotBase64Url)
}

/// The one text that stands for `bytes`.
pub(crate) fn encode(bytes: &[u8]) -> String {
    STRICT.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_reads_back() {
        for length in 0..70 {
            let bytes: Vec<u8> = (0..length).map(|byte: u8| byte.wrapping_mul(37)).collect();
            assert_eq!(decode(&encode(&bytes)), Ok(bytes));
        }
    }

    #[test]
    fn a_second_spelling_is_refused() {
        assert_eq!(decode("AA"), Ok(vec![0]));
        for text in ["AB", "AAB", "AA==", "AA=", "A", "A A", "AA\n", " AA", "AA+_", "AA/_", "AÄ", "AAA\0"] {
            assert_eq!(decode(text), Err(NotBase64Url), "{text:?}");
        }
    }
}
