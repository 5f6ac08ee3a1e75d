//! Date-times: `xsd:dateTime` with an offset, which is RFC 3339 (RFC 7643 §2.3.5), as UTC milliseconds since 1970.

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat};

const MINUTE_MS: i64 = 60_000;

/// Reads a date-time with its offset; fractions of any length are cut to milliseconds. `None` if `text` is no such
/// date-time: a missing offset is not guessed, years are 0001 to 9999, and leap seconds (`:60`) are not accepted.
pub fn parse_datetime(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't'])?;
    let (time, rest) = rest.split_at_checked(8)?;
    let (fraction_ms, offset) = fraction(rest)?;
    let offset_minutes = offset_minutes(offset)?;

    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    if year == 0 {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    let local = date.and_hms_opt(hour, minute, second)?.and_utc();
    let ms = local.timestamp_millis() + fraction_ms - offset_minutes * MINUTE_MS;
    // An offset must not carry the instant out of the years that can be written back.
    (1..=9999).contains(&DateTime::from_timestamp_millis(ms)?.year()).then_some(ms)
}

/// Writes an instant in UTC, always with milliseconds: `2026-01-02T03:04:05.678Z`.
pub fn format_datetime(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Numbers of exactly these widths, with `separator` between them.
fn numbers(text: &str, separator: char, widths: [usize; 3]) -> Option<[u32; 3]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; 3];
    for (number, width) in numbers.iter_mut().zip(widths) {
        *number = digits(parts.next()?, width)?;
    }
    parts.next().is_none().then_some(numbers)
}

fn digits(text: &str, width: usize) -> Option<u32> {
    let all_digits = text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit());
    if all_digits { text.parse().ok() } else { None }
}

/// Splits `.678Z` into milliseconds and the offset.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let Some(text) = text.strip_prefix('.') else {
        return Some((0, text));
    };
    let end = text.find(|character: char| !character.is_ascii_digit())?;
    let (fraction, offset) = text.split_at_checked(end)?;
    if fraction.is_empty() {
        return None;
    }
    let ms = fraction
        .bytes()
        .chain(std::iter::repeat(b'0'))
        .take(3)
        .fold(0, |ms, byte| ms * 10 + i64::from(byte - b'0'));
    Some((ms, offset))
}

/// `Z`, or `+hh:mm` (RFC 3339 §5.6, `time-offset`), in minutes.
fn offset_minutes(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, text) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(text), _) => (1, text),
        (_, Some(text)) => (-1, text),
        _ => return None,
    };
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    (hours <= 23 && minutes <= 59).then_some(sign * i64::from(hours * 60 + minutes))
}
