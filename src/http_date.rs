//! HTTP dates (RFC 9110 §5.6.7): the preferred form and the two obsolete ones.

/// Milliseconds since 1970, or `None` where `text` is no HTTP date.
#[must_use]
pub fn parse(text: &str) -> Option<f64> {
    let mut words: [&[u8]; 6] = [&[]; 6];
    let mut count = 0;
    for word in text.as_bytes().split(|byte| b" -,".contains(byte)) {
        if !word.is_empty() {
            *words.get_mut(count)? = word;
            count += 1;
        }
    }
    place(b"SunMonTueWedThuFriSat", words[0].get(..3)?)?;
    let [_, a, b, c, d, zone] = words;
    let (day, month, year, time) = match count {
        // asctime: Sun Nov  6 08:49:37 1994
        5 => (b, a, number(d)?, c),
        // Sun, 06 Nov 1994 08:49:37 GMT, or Sunday, 06-Nov-94 08:49:37 GMT
        6 if zone == b"GMT" => {
            let year = match (c.len(), number(c)?) {
                // A two-digit year is of the century that keeps it near.
                (2, year @ 0..70) => 2000 + year,
                (2, year) => 1900 + year,
                (_, year) => year,
            };
            (a, b, year, d)
        }
        _ => return None,
    };
    let day = number(day)?;
    let month = place(b"JanFebMarAprMayJunJulAugSepOctNovDec", month)? as i64 + 1;
    let mut clock = [0; 3];
    let mut parts = 0;
    for part in time.split(|byte| *byte == b':') {
        *clock.get_mut(parts)? = number(part)?;
        parts += 1;
    }
    let [hour, minute, second] = clock;
    let fits = parts == 3
        && (1..=31).contains(&day)
        && (1970..=9999).contains(&year)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !fits {
        return None;
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(seconds as f64 * 1_000.0)
}

/// Days from 1970-01-01, by counting years from March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

/// Which of the names, of three letters each, this one is.
fn place(names: &[u8], name: &[u8]) -> Option<usize> {
    names.chunks(3).position(|known| known == name)
}

fn number(word: &[u8]) -> Option<i64> {
    if !matches!(word.len(), 1..=4) {
        return None;
    }
    let mut number = 0;
    for byte in word {
        if !byte.is_ascii_digit() {
            return None;
        }
        number = number * 10 + i64::from(byte - b'0');
    }
    Some(number)
}
