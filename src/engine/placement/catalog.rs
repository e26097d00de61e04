//! A `catalog` block: the file that it names as offers.

use std::path::Path;

use rust_decimal::Decimal;
use skyform_catalog::{Catalog, CatalogOffer, Format, Read, builtin, days_between, read};
use skyform_diag::{Diagnostic, Diagnostics, error_at};
use skyform_lang::Files;
use skyform_value::{Number, Str, Value};

use super::places::Places;
use super::values::{amount, text};

/// Prices that are older are said to be old.
const OLD_DAYS: i64 = 30;

/// More broken rows than that are counted, not shown.
const MOST_SHOWN: usize = 10;

/// What a block comes to: attributes that are added to it, what placements say of it, and warnings.
pub(crate) struct CatalogResult {
    pub attributes: Vec<(&'static str, Value)>,
    pub note: String,
    pub warnings: Diagnostics,
}

/// Reads a block's catalogue. Relative paths start from `folder`.
///
/// # Errors
/// If there is no such file, or rows are broken and are not to be skipped.
pub(crate) fn catalog(
    name: &str,
    config: &Value,
    places: &Places,
    files: &dyn Files,
    folder: &Path,
    now: &str,
) -> Result<CatalogResult, Diagnostics> {
    let found = load(config, places, files, folder)?;
    let skips = match text(config, "on_error").as_deref() {
        None | Some("stop") => false,
        Some("skip") => true,
        Some(other) => {
            return Err(error_at!(
                places.argument("on_error"),
                "Invalid value for an argument",
                "on_error is \"{other}\"; it must be \"stop\" or \"skip\"."
            )
            .into());
        }
    };
    let mut warnings = Diagnostics::new();
    if !found.broken.is_empty() {
        let shown: Vec<String> =
            found.broken.iter().take(MOST_SHOWN).map(ToString::to_string).collect();
        let more = found.broken.len().saturating_sub(MOST_SHOWN);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        let said = format!("{}{more}.", capital(&shown.join("; ")));
        let place = places.argument("source");
        if !skips || found.catalog.offers.is_empty() {
            return Err(error_at!(place, "Broken rows in a catalogue", "{said}"; hint: "Mend the rows, or leave them out with on_error = \"skip\".").into());
        }
        warnings.push(Diagnostic::warning(place, "Rows of a catalogue left out", said));
    }
    let Catalog { date, source, offers } = found.catalog;
    let age = date.as_deref().and_then(|date| days_between(date, now));
    let note = match (&date, age) {
        (Some(date), Some(age)) => format!("catalogue {name}: prices of {date}, {age} days old"),
        _ => format!("catalogue {name}: says no day that its prices were taken"),
    };
    let most = amount(config, "max_age_days").unwrap_or(Decimal::from(OLD_DAYS));
    if let Some(age) = age.filter(|age| Decimal::from(*age) > most) {
        let detail = format!("The prices of catalogue \"{name}\" are {age} days old.");
        let warning =
            Diagnostic::warning(places.argument("source"), "Catalogue is out of date", detail);
        warnings.push(warning.hint("Take them anew: skyform catalog refresh."));
    }
    let text_or_null =
        |text: Option<String>| text.map_or_else(Value::null, |t| Value::from(t.as_str()));
    let rate = amount(config, "interruption_rate");
    Ok(CatalogResult {
        attributes: vec![
            ("offers", Value::object(offers.iter().flat_map(|offer| entries(offer, rate)))),
            ("date", text_or_null(date)),
            ("taken_from", text_or_null(source)),
            ("skipped", Value::from(found.broken.len() as u64)),
        ],
        note,
        warnings,
    })
}

fn load(
    config: &Value,
    places: &Places,
    files: &dyn Files,
    folder: &Path,
) -> Result<Read, Diagnostics> {
    let place = places.argument("source");
    let format = text(config, "format").unwrap_or_else(|| "skyform".to_owned());
    let Some(format) = Format::named(&format) else {
        return Err(error_at!(
            places.argument("format"),
            "Invalid value for an argument",
            "There is no catalogue format \"{format}\"; there are \"skyform\" and \"skypilot\"."
        )
        .into());
    };
    let Some(source) = text(config, "source") else {
        return Ok(Read { catalog: builtin(), broken: Vec::new() });
    };
    if source.contains("://") {
        return Err(error_at!(
            place,
            "Catalogue is not a file",
            "\"{source}\" is an address, and planning reads files only.";
            hint: "Take it into a file first: skyform catalog refresh, or any other way to fetch it."
        )
        .into());
    }
    let bytes = files
        .read(&folder.join(&source))
        .map_err(|error| error_at!(place, "Catalogue cannot be read", "\"{source}\": {error}."))?;
    Ok(read(&String::from_utf8_lossy(&bytes), format))
}

/// An offer by its name and region; a second one where units may be taken back at a known rate.
fn entries(offer: &CatalogOffer, rate: Option<Decimal>) -> Vec<(Str, Value)> {
    let name = format!("{}@{}", offer.name, offer.region);
    let provides = || {
        let amounts = offer.provides.iter();
        Value::object(amounts.map(|(name, amount)| (Str::from(name.as_str()), number(*amount))))
    };
    let value = |price: Decimal, rate: Option<Decimal>| {
        Value::object([
            ("region", Value::from(offer.region.as_str())),
            ("type", Value::from(offer.name.as_str())),
            ("price", number(price)),
            ("spot", Value::from(rate.is_some())),
            ("interruption_rate", number(rate.unwrap_or_default())),
            ("provides", provides()),
        ])
    };
    let mut found = vec![(Str::from(name.as_str()), value(offer.price, None))];
    if let (Some(price), Some(rate)) = (offer.spot_price, rate) {
        found.push((Str::from(format!("{name}:spot").as_str()), value(price, Some(rate))));
    }
    found
}

fn number(amount: Decimal) -> Value {
    Number::parse(&amount.normalize().to_string()).map_or_else(Value::null, Value::from)
}

fn capital(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}
