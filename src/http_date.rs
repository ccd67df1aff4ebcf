//! HTTP dates (RFC 9110 §5.6.7): the preferred form and the two obsolete ones.

const NAMES: &[u8] = b"SunMonTueWedThuFriSatGMTJanFebMarAprMayJunJulAugSepOctNovDec";

// Kinds of words.
const DAY_NAME: u32 = 1;
const NUMBER: u32 = 2;
const MONTH: u32 = 3;
const ZONE: u32 = 4;

/// Sun, 06 Nov 1994 08:49:37 GMT, or Sunday, 06-Nov-94 08:49:37 GMT: the kinds as octal digits.
const USUAL: u32 = 0o12_322_224;
/// Sun Nov  6 08:49:37 1994
const ASCTIME: u32 = 0o1_322_222;

/// Milliseconds since 1970, or `None` where `text` is no HTTP date.
#[must_use]
pub fn parse(text: &str) -> Option<f64> {
    let mut numbers = [0; 5];
    let (mut count, mut month, mut kinds) = (0, 0, 0);
    for word in text
        .as_bytes()
        .split(|byte| matches!(byte, b' ' | b'\t' | b'-' | b',' | b':'))
    {
        if word.is_empty() {
            continue;
        }
        let kind = if let Some(number) = number(word) {
            *numbers.get_mut(count)? = number;
            count += 1;
            NUMBER
        } else {
            let name = NAMES.chunks(3).position(|name| word.starts_with(name))? as u32;
            match name {
                0..7 => DAY_NAME,
                _ if word.len() > 3 => return None,
                7 => ZONE,
                _ => {
                    month = name - 7;
                    MONTH
                }
            }
        };
        kinds = kinds << 3 | kind;
    }
    let [day, b, c, d, e] = numbers;
    let (year, hour, minute, second) = match kinds {
        ASCTIME => (e, b, c, d),
        // A two-digit year is of the century that keeps it near.
        USUAL if b < 70 => (b + 2000, c, d, e),
        USUAL if b < 100 => (b + 1900, c, d, e),
        USUAL => (b, c, d, e),
        _ => return None,
    };
    let fits = matches!(day, 1..=31)
        && matches!(year, 1970..=9999)
        && hour < 24
        && minute < 60
        && second <= 60;
    let seconds = hour * 3_600 + minute * 60 + second;
    fits.then(|| (f64::from(days(year, month, day)) * 86_400.0 + f64::from(seconds)) * 1_000.0)
}

/// Days from 1970-01-01, by counting years from March.
fn days(year: u32, month: u32, day: u32) -> u32 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

fn number(word: &[u8]) -> Option<u32> {
    let mut number = 0;
    for byte in word {
        if !byte.is_ascii_digit() || number > 999 {
            return None;
        }
        number = number * 10 + u32::from(byte - b'0');
    }
    Some(number)
}
