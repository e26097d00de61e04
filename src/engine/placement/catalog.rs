//! A `catalog` block: the file or address that it names as offers.

use rust_decimal::Decimal;
use sha2::{Digest as _, Sha256};
use skyform_catalog::{
    Catalog, CatalogOffer, Format, Read, builtin, builtin_names, days_between, read,
};
use skyform_diag::{Diagnostic, Diagnostics, error_at};
use skyform_value::{Number, Str, Value};

use super::places::Places;
use super::values::{amount, text};
use crate::world::{Kept, World};

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

/// Reads a block's catalogue. Relative paths start from the current folder.
///
/// # Errors
/// If there is no such file or page, it is another one than `sha256` says, or rows are broken and are
/// not to be skipped.
pub(crate) fn catalog(
    name: &str,
    config: &Value,
    places: &Places,
    world: &World<'_>,
) -> Result<CatalogResult, Diagnostics> {
    let (found, kept) = load(name, config, places, world)?;
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
    let age = date.as_deref().and_then(|date| days_between(date, world.now));
    let mut note = match (&date, age) {
        (Some(date), Some(age)) => format!("catalogue {name}: prices of {date}, {}", days(age)),
        _ => format!("catalogue {name}: says no day that its prices were taken"),
    };
    if let Some(kept) = kept {
        let since = days_between(&kept.since, world.now).unwrap_or_default();
        note = format!("{note}; kept from a fetch {} ago", days(since).trim_end_matches(" old"));
        let detail = format!(
            "Catalogue \"{name}\" was last fetched {}, and that is what is used: {}",
            kept.since, kept.why
        );
        let place = places.argument("source");
        warnings.push(Diagnostic::warning(place, "Catalogue could not be fetched", detail));
    }
    let most = amount(config, "max_age_days").unwrap_or(Decimal::from(OLD_DAYS));
    if let Some(age) = age.filter(|age| Decimal::from(*age) > most) {
        let detail = format!("The prices of catalogue \"{name}\" are {}.", days(age));
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
    name: &str,
    config: &Value,
    places: &Places,
    world: &World<'_>,
) -> Result<(Read, Option<Kept>), Diagnostics> {
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
        let cloud = text(config, "builtin").unwrap_or_else(|| name.to_owned());
        let Some(catalog) = builtin(&cloud) else {
            let known: Vec<&str> = builtin_names().collect();
            return Err(error_at!(
                places.argument("builtin"),
                "No such catalogue",
                "There is no built-in catalogue \"{cloud}\"; there are {}.",
                known.join(", ");
                hint: "Name one of them with builtin, or a file or address with source."
            )
            .into());
        };
        return Ok((Read { catalog, broken: Vec::new() }, None));
    };
    let (bytes, kept) = match source.split_once("://") {
        Some(("http" | "https", _)) => {
            let page = world.web.fetch(&source).map_err(|why| {
                error_at!(place, "Catalogue cannot be fetched", "\"{source}\": {why}")
            })?;
            (page.bytes, page.kept)
        }
        Some((scheme, _)) => {
            return Err(error_at!(
                place,
                "Catalogue cannot be fetched",
                "\"{source}\" is an address of the kind \"{scheme}\".";
                hint: "Name a file, or an address that begins with https:// or http://."
            )
            .into());
        }
        None => {
            let path = world.working_dir.join(&source);
            let bytes = world.files.read(&path).map_err(|error| {
                error_at!(place, "Catalogue cannot be read", "\"{source}\": {error}.")
            })?;
            (bytes, None)
        }
    };
    if let Some(wanted) = text(config, "sha256") {
        let found = hexadecimal(&Sha256::digest(&bytes));
        if !found.eq_ignore_ascii_case(wanted.trim()) {
            return Err(error_at!(
                places.argument("sha256"),
                "Catalogue is another one",
                "The SHA-256 of \"{source}\" is {found}.";
                hint: "If it was changed on purpose, write that here."
            )
            .into());
        }
    }
    Ok((read(&String::from_utf8_lossy(&bytes), format), kept))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn days(count: i64) -> String {
    match count {
        1 => "1 day old".to_owned(),
        _ => format!("{count} days old"),
    }
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
