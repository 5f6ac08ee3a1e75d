//! Pictures of people: small raster images in data URIs.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use data_url::DataUrl;
use data_url::forgiving_base64::DecodeError;
use thiserror::Error;

/// The most that an image has, in bytes.
pub const MOST_BYTES: usize = 256 * 1024;
/// The most that a data URI has, in bytes: every byte of the image percent-encoded, and what stands before them.
const MOST_TEXT: usize = 3 * MOST_BYTES + 256;

/// An image whose bytes are of the type that was declared. SVG is not among the types: it can hold scripts.
#[derive(Clone, PartialEq, Eq)]
pub struct Avatar {
    image_type: ImageType,
    bytes: Vec<u8>,
}

/// The formats that a picture may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageType {
    Png,
    Jpeg,
    Gif,
    Webp,
}

/// Why a text is no picture.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AvatarError {
    #[error("The picture is not a data URI; give one such as data:image/png;base64,iVBORw0KGgo…")]
    NotDataUri,
    #[error("The picture's type '{0}' is not accepted; give image/png, image/jpeg, image/gif or image/webp.")]
    Type(String),
    #[error(
        "The picture's data URI is not valid base64 or goes on after the data; give data:image/png;base64,… and nothing else."
    )]
    Encoding,
    #[error("The picture has more than {MOST_BYTES} bytes; give a smaller one.")]
    TooLarge,
    #[error("The picture is declared as {declared}, but its bytes are {found}; declare what it is.", declared = .declared.media_type(), found = .found.map_or("none of PNG, JPEG, GIF and WebP", ImageType::media_type))]
    OtherBytes { declared: ImageType, found: Option<ImageType> },
}

impl ImageType {
    const ALL: [Self; 4] = [Self::Png, Self::Jpeg, Self::Gif, Self::Webp];

    /// The registered media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
        }
    }

    /// The type of this name. `image/jpg` was never registered, but is as common as the right name.
    fn of_media_type(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        if name == "image/jpg" {
            return Some(Self::Jpeg);
        }
        Self::ALL.into_iter().find(|image_type| image_type.media_type() == name)
    }

    /// The type that the first bytes tell.
    fn of_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            _ => None,
        }
    }
}

impl Avatar {
    /// Reads a data URI (RFC 2397), base64 or percent-encoded.
    ///
    /// # Errors
    /// [`AvatarError`]: why the text is no picture.
    pub fn parse(text: &str) -> Result<Self, AvatarError> {
        if text.len() > MOST_TEXT {
            return Err(AvatarError::TooLarge);
        }
        let uri = DataUrl::process(text).map_err(|_| AvatarError::NotDataUri)?;
        let declared = declared_type(text, &uri)?;
        let bytes = decode(&uri)?;
        let found = ImageType::of_bytes(&bytes);
        if found != Some(declared) {
            return Err(AvatarError::OtherBytes { declared, found });
        }
        Ok(Self { image_type: declared, bytes })
    }

    /// What the picture is.
    pub fn image_type(&self) -> ImageType {
        self.image_type
    }

    /// The image itself.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The data URI, always in base64 and without parameters.
    pub fn to_data_uri(&self) -> String {
        let mut uri = format!("data:{};base64,", self.image_type.media_type());
        STANDARD.encode_string(&self.bytes, &mut uri);
        uri
    }
}

impl fmt::Debug for Avatar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Avatar({}, {} bytes)", self.image_type.media_type(), self.bytes.len())
    }
}

fn declared_type(text: &str, uri: &DataUrl<'_>) -> Result<ImageType, AvatarError> {
    let mime = uri.mime_type();
    let name = format!("{}/{}", mime.type_, mime.subtype);
    // The parser makes text/plain of a type that it cannot read; a message names what the client wrote.
    let header = text.split_once(',').map_or("", |(header, _)| header);
    let written = header.split_once(':').map_or("", |(_, media_type)| media_type);
    let written = written.split(';').next().unwrap_or_default().trim();
    ImageType::of_media_type(&name).ok_or_else(|| AvatarError::Type(written.chars().take(100).collect()))
}

fn decode(uri: &DataUrl<'_>) -> Result<Vec<u8>, AvatarError> {
    let mut bytes = Vec::new();
    let fragment = uri.decode(|part| {
        if bytes.len() + part.len() > MOST_BYTES {
            return Err(AvatarError::TooLarge);
        }
        bytes.extend_from_slice(part);
        Ok(())
    });
    match fragment {
        Ok(None) => Ok(bytes),
        Err(DecodeError::WriteError(error)) => Err(error),
        Ok(Some(_)) | Err(DecodeError::InvalidBase64(_)) => Err(AvatarError::Encoding),
    }
}
