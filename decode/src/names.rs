//! The members' names.

use crate::at::At;
use crate::problem::Field;

const FIELDS: usize = Field::ALL.len();

/// The length of a member's name with its quotes and a colon.
static LEN: [u8; FIELDS] = {
    let mut len = [0; FIELDS];
    let mut field = 0;
    while field < FIELDS {
        len[field] = Field::ALL[field].name().len() as u8 + 3;
        field += 1;
    }
    len
};

/// Those, padded with zeros.
static TEXT: [[u8; 16]; FIELDS] = {
    let mut text = [[0; 16]; FIELDS];
    let mut field = 0;
    while field < FIELDS {
        let name = Field::ALL[field].name().as_bytes();
        let text = &mut text[field];
        let mut i = 0;
        while i < name.len() {
            text[i + 1] = name[i];
            i += 1;
        }
        text[0] = b'"';
        text[i + 1] = b'"';
        text[i + 2] = b':';
        field += 1;
    }
    text
};

/// Past this field's name and colon, if they are here as usual.
pub(crate) fn past_member(at: At, field: Field) -> Option<At> {
    let len = LEN[field as usize].into();
    if at.lanes(0).first(len).equals(TEXT[field as usize]) {
        // SAFETY: no byte of it is zero.
        Some(unsafe { at.add(len) })
    } else {
        None
    }
}

/// The field of this name.
pub(crate) fn find(name: &[u8]) -> Option<Field> {
    let mut fields = Field::ALL.into_iter();
    fields.find(|field| field.name().as_bytes() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Body;

    #[test]
    fn a_member_is_passed_if_it_is_here_byte_for_byte() {
        for field in Field::ALL {
            let text = format!("\"{}\":", field.name());
            let passed = |text: &[u8]| {
                let body = Body::from(text);
                past_member(body.start(), field).map(|end| end.since(body.start()))
            };
            assert_eq!(passed(text.as_bytes()), Some(text.len()));
            let more = format!("{text}\"a value of any length\"");
            assert_eq!(passed(more.as_bytes()), Some(text.len()));
            for at in 0..text.len() {
                let mut other = text.as_bytes().to_vec();
                other[at] ^= 1;
                assert_eq!(passed(&other), None, "{text} but for {at}");
            }
        }
    }
}
