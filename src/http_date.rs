//! HTTP dates (RFC 9110 §5.6.7): the preferred form and the two obsolete ones.

/// Milliseconds since 1970, or `None` where `text` is no HTTP date.
#[must_use]
pub fn parse(text: &str) -> Option<f64> {
    let mut words = text.split([' ', '-', ',']).filter(|word| !word.is_empty());
    weekday(words.next()?)?;
    let second = words.next()?;
    let (day, month, year, time) = if let Some(month) = month(second) {
        // asctime: Sun Nov  6 08:49:37 1994
        let (day, time) = (words.next()?, words.next()?);
        (number(day)?, month, number(words.next()?)?, time)
    } else {
        // Sun, 06 Nov 1994 08:49:37 GMT, or Sunday, 06-Nov-94 08:49:37 GMT
        let month = month(words.next()?)?;
        let year = words.next()?;
        let year = match (year.len(), number(year)?) {
            // A two-digit year is of the century that keeps it near.
            (2, year @ 0..70) => 2000 + year,
            (2, year) => 1900 + year,
            (_, year) => year,
        };
        let time = words.next()?;
        (words.next()? == "GMT").then_some(())?;
        (number(second)?, month, year, time)
    };
    let mut clock = time.split(':');
    let (hour, minute, second) = (
        number(clock.next()?)?,
        number(clock.next()?)?,
        number(clock.next()?)?,
    );
    let fits = (1..=31).contains(&day)
        && (1970..=9999).contains(&year)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !fits || clock.next().is_some() || words.next().is_some() {
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

fn weekday(word: &str) -> Option<usize> {
    let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    names.iter().position(|name| word.starts_with(name))
}

fn month(word: &str) -> Option<i64> {
    let names = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let place = names.iter().position(|name| *name == word)?;
    Some(place as i64 + 1)
}

fn number(word: &str) -> Option<i64> {
    let fits = matches!(word.len(), 1..=4) && word.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| {
        word.bytes()
            .fold(0, |n, byte| n * 10 + i64::from(byte - b'0'))
    })
}
