//! Bytes as letters and digits, without a character that ends a word. Each 32 bytes are one big-endian number, written
//! with 43 digits of base 62 (`0-9`, `A-Z`, `a-z`); a shorter rest is written with as few digits as the largest number of
//! its length needs. So each sequence of bytes has one text, and a text that is not of some bytes is refused.
//!
//! Nothing is looked up in a table by a secret, and nothing is left out for a particular one.

use zeroize::Zeroizing;

/// The bytes written as one number.
const BLOCK: usize = 32;

/// The text is not of any bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotBase62;

/// How many characters `bytes` bytes are written with.
pub(super) const fn length(bytes: usize) -> usize {
    (bytes / BLOCK) * width(BLOCK) + width(bytes % BLOCK)
}

/// Appends `bytes`, written.
pub(super) fn encode(bytes: &[u8], to: &mut String) {
    for block in bytes.chunks(BLOCK) {
        let mut number = Number::of(block);
        let mut digits = Zeroizing::new([0_u8; width(BLOCK)]);
        let digits = &mut digits[..width(block.len())];
        for digit in digits.iter_mut().rev() {
            *digit = character(number.divide());
        }
        to.extend(digits.iter().map(|digit| char::from(*digit)));
    }
}

/// The bytes `text` was written from.
pub(super) fn decode(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, NotBase62> {
    // More than is needed, so that no copy is left behind by growing.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    for digits in text.chunks(width(BLOCK)) {
        let length = (1..=BLOCK).find(|length| width(*length) == digits.len()).ok_or(NotBase62)?;
        let mut number = Number::of(&[]);
        let mut fits = true;
        for digit in digits {
            let value = value(*digit).ok_or(NotBase62)?;
            fits &= number.multiply_and_add(value);
        }
        let block = number.to_bytes();
        let (above, block) = block.split_at(BLOCK - length);
        if !fits || above.iter().any(|byte| *byte != 0) {
            return Err(NotBase62);
        }
        bytes.extend_from_slice(block);
    }
    Ok(bytes)
}

/// The fewest digits the largest number of `bytes` bytes can be written with: `8 / log2(62)` is 1.34359.
const fn width(bytes: usize) -> usize {
    (bytes * 134_359).div_ceil(100_000)
}

/// A number of up to 256 bits, most significant limb first.
struct Number(Zeroizing<[u32; BLOCK / 4]>);

impl Number {
    fn of(bytes: &[u8]) -> Self {
        let mut whole = Zeroizing::new([0; BLOCK]);
        whole[BLOCK - bytes.len()..].copy_from_slice(bytes);
        let mut limbs = Zeroizing::new([0; BLOCK / 4]);
        for (limb, bytes) in limbs.iter_mut().zip(whole.as_chunks().0) {
            *limb = u32::from_be_bytes(*bytes);
        }
        Self(limbs)
    }

    fn to_bytes(&self) -> Zeroizing<[u8; BLOCK]> {
        let mut bytes = Zeroizing::new([0; BLOCK]);
        for (bytes, limb) in bytes.as_chunks_mut().0.iter_mut().zip(self.0.iter()) {
            *bytes = limb.to_be_bytes();
        }
        bytes
    }

    /// Divides by 62 and returns what remains.
    fn divide(&mut self) -> u8 {
        let mut remainder = 0;
        for limb in self.0.iter_mut() {
            let dividend = (remainder << 32) | u64::from(*limb);
            *limb = low(dividend / 62);
            remainder = dividend % 62;
        }
        low(remainder).to_le_bytes()[0]
    }

    /// Multiplies by 62 and adds `digit`; whether the number still fits.
    fn multiply_and_add(&mut self, digit: u8) -> bool {
        let mut carry = u64::from(digit);
        for limb in self.0.iter_mut().rev() {
            let product = u64::from(*limb) * 62 + carry;
            *limb = low(product);
            carry = product >> 32;
        }
        carry == 0
    }
}

/// The lower half.
#[expect(clippy::cast_possible_truncation, reason = "the lower half is what is wanted")]
fn low(number: u64) -> u32 {
    number as u32
}

/// The character of a digit below 62.
fn character(digit: u8) -> u8 {
    b'0' + digit + u8::from(digit > 9) * 7 + u8::from(digit > 35) * 6
}

/// The digit of a character.
fn value(character: u8) -> Option<u8> {
    let (digit, upper, lower) =
        (character.wrapping_sub(b'0'), character.wrapping_sub(b'A'), character.wrapping_sub(b'a'));
    let (is_digit, is_upper, is_lower) = (u8::from(digit < 10), u8::from(upper < 26), u8::from(lower < 26));
    let value = (is_digit.wrapping_neg() & digit)
        | (is_upper.wrapping_neg() & upper.wrapping_add(10))
        | (is_lower.wrapping_neg() & lower.wrapping_add(36));
    (is_digit + is_upper + is_lower == 1).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(bytes: &[u8]) -> String {
        let mut text = String::new();
        encode(bytes, &mut text);
        text
    }

    #[test]
    fn all_lengths_read_back_at_their_extremes() {
        for length in 0..=100 {
            for byte in [0, 1, 0x7f, 0x80, 0xff] {
                let bytes = vec![byte; length];
                let text = written(&bytes);
                assert_eq!(text.len(), super::length(length));
                assert_eq!(decode(text.as_bytes()).as_deref(), Ok(&bytes));
            }
        }
    }

    #[test]
    fn no_length_is_written_wider_than_it_must_be() {
        for length in 1..=BLOCK {
            // The largest number with one digit less is smaller than the largest of this length.
            let narrower = vec![b'z'; width(length) - 1];
            let shorter = (1..length).find(|shorter| width(*shorter) == narrower.len());
            let mut number = Number::of(&[]);
            assert!(narrower.iter().all(|digit| number.multiply_and_add(value(*digit).unwrap())), "{length}");
            let mut largest = [0; BLOCK];
            largest[BLOCK - length..].fill(0xff);
            assert!(*number.to_bytes() < largest, "{length}");
            assert!(shorter.is_none_or(|shorter| shorter == length - 1));
        }
    }

    #[test]
    fn digits_are_in_the_order_of_their_characters() {
        let all: Vec<u8> = (0..62).map(character).collect();
        assert_eq!(all, b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
        for byte in 0..=255 {
            assert_eq!(value(byte).map(usize::from), all.iter().position(|c| *c == byte));
        }
    }

    #[test]
    fn a_text_of_no_bytes_is_refused() {
        // A number too large for its length, a length no bytes have, characters outside the alphabet.
        for text in ["zz", "48", "1", "1234", "0_", "0-", "0 ", "0\0", &"z".repeat(43), &"z".repeat(22)] {
            assert_eq!(decode(text.as_bytes()).as_deref(), Err(&NotBase62), "{text}");
        }
        assert_eq!(decode(b"47").as_deref(), Ok(&vec![255]));
    }
}
