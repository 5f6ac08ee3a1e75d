//! Pictures: data URIs of four formats.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use provost::mapping::values::Avatar;
use provost::mapping::values::avatar::{AvatarError, ImageType, MOST_BYTES};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF";
const GIF87: &[u8] = b"GIF87a\x01\0\x01\0";
const GIF89: &[u8] = b"GIF89a\x01\0\x01\0";
const WEBP: &[u8] = b"RIFF\x24\0\0\0WEBPVP8 ";

fn uri(media_type: &str, bytes: &[u8]) -> String {
    format!("data:{media_type};base64,{}", STANDARD.encode(bytes))
}

#[test]
fn each_format_is_read_and_written_in_one_form() {
    for (media_type, bytes, image_type) in [
        ("image/png", PNG, ImageType::Png),
        ("image/jpeg", JPEG, ImageType::Jpeg),
        ("image/gif", GIF87, ImageType::Gif),
        ("image/gif", GIF89, ImageType::Gif),
        ("image/webp", WEBP, ImageType::Webp),
    ] {
        let canonical = uri(media_type, bytes);
        let avatar = Avatar::parse(&canonical).unwrap();
        assert_eq!((avatar.image_type(), avatar.bytes()), (image_type, bytes));
        assert_eq!(avatar.to_data_uri(), canonical);
    }
}

#[test]
fn other_spellings_of_the_same_picture() {
    let canonical = uri("image/gif", GIF89);
    for spelling in [
        canonical.replace("data:image/gif", "DATA:IMAGE/GIF"),
        canonical.trim_end_matches('=').to_owned(),
        canonical.replace(";base64", ";name=me.gif;base64"),
        "data:image/gif,GIF89a%01%00%01%00".to_owned(),
        format!(" {canonical}\n"),
    ] {
        assert_eq!(
            Avatar::parse(&spelling).map(|avatar| avatar.to_data_uri()),
            Ok(canonical.clone()),
            "{spelling}"
        );
    }
    let jpeg = Avatar::parse(&uri("image/jpg", JPEG)).unwrap();
    assert_eq!(jpeg.to_data_uri(), uri("image/jpeg", JPEG));
}

#[test]
fn what_is_refused() {
    let named = |name: &str| AvatarError::Type(name.to_owned());
    let other = |declared, found| AvatarError::OtherBytes { declared, found };
    for (text, error) in [
        (String::new(), AvatarError::NotDataUri),
        ("https://example.com/me.png".to_owned(), AvatarError::NotDataUri),
        ("data:image/png;base64".to_owned(), AvatarError::NotDataUri),
        (uri("image/svg+xml", b"<svg onload=\"alert(1)\"/>"), named("image/svg+xml")),
        (uri("text/html", b"<script>"), named("text/html")),
        (uri("image", PNG), named("image")),
        (uri("", PNG), named("")),
        ("data:image/png;base64,???".to_owned(), AvatarError::Encoding),
        (uri("image/png", PNG) + "#top", AvatarError::Encoding),
        (uri("image/png", b""), other(ImageType::Png, None)),
        (uri("image/png", b"<svg/>"), other(ImageType::Png, None)),
        (uri("image/png", JPEG), other(ImageType::Png, Some(ImageType::Jpeg))),
        (uri("image/jpeg", GIF89), other(ImageType::Jpeg, Some(ImageType::Gif))),
    ] {
        assert_eq!(Avatar::parse(&text), Err(error), "{text}");
    }
}

/// 256 KiB are taken, one byte more is not, whichever way it is written.
#[test]
fn the_largest_picture() {
    let sized = |bytes: usize| [PNG, &vec![0; bytes - PNG.len()]].concat();
    assert_eq!(Avatar::parse(&uri("image/png", &sized(MOST_BYTES))).unwrap().bytes().len(), 256 * 1024);
    assert_eq!(Avatar::parse(&uri("image/png", &sized(MOST_BYTES + 1))), Err(AvatarError::TooLarge));
    assert_eq!(Avatar::parse(&uri("image/png", &sized(4 * MOST_BYTES))), Err(AvatarError::TooLarge));
}

#[test]
fn a_refusal_is_a_sentence() {
    assert_eq!(
        Avatar::parse(&uri("image/png", JPEG)).unwrap_err().to_string(),
        "The picture is declared as image/png, but its bytes are image/jpeg; declare what it is."
    );
}

proptest! {
    /// No text makes it panic, and what is read is read the same from what is written.
    #[test]
    fn parsing_is_idempotent(tail in prop::collection::vec(any::<u8>(), 0..64), noise in "\\PC{0,20}") {
        let avatar = Avatar::parse(&uri("image/png", &[PNG, &tail].concat())).unwrap();
        prop_assert_eq!(Avatar::parse(&avatar.to_data_uri()), Ok(avatar));
        let _ = Avatar::parse(&format!("data:{noise}"));
    }
}
