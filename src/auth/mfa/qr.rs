//! QR codes (ISO/IEC 18004) as SVG.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

use super::MfaError;

/// The light border that readers need, in modules.
const QUIET_ZONE: i32 = 4;

/// An SVG document with the text as a QR code; one module is one unit.
///
/// # Errors
/// [`MfaError::TooLong`].
pub fn svg(text: &str) -> Result<String, MfaError> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|_| MfaError::TooLong)?;
    let side = code.size() + 2 * QUIET_ZONE;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\"{}\"/></svg>",
        dark_modules(&code)
    ))
}

/// A path over the dark modules, those beside each other in a row as one.
fn dark_modules(code: &QrCode) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
            let run = i32::try_from(run).unwrap_or(i32::MAX);
            if run > 0 {
                // Writing into a string does not fail.
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET_ZONE, y + QUIET_ZONE);
            }
            x = x.saturating_add(run).saturating_add(1);
        }
    }
    path
}
