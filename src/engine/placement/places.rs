//! Where arguments stand that a placement reads, so that what is said about them points there.

use std::collections::BTreeMap;

use skyform_diag::Span;
use skyform_lang::syntax::Body;

/// Places in a `cloud` or `task` block.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// The block's header.
    pub header: Span,
    arguments: BTreeMap<String, Span>,
    offers: BTreeMap<String, (Span, BTreeMap<String, Span>)>,
}

impl Places {
    pub(crate) fn new(header: Span, body: &Body) -> Self {
        let mut offers = BTreeMap::new();
        let mut arguments = names(body);
        for block in &body.blocks {
            match block.labels.first() {
                Some((label, _)) if block.kind == "offer" => {
                    offers.insert(label.to_string(), (block.span, names(&block.body)));
                }
                _ => {
                    arguments.entry(block.kind.to_string()).or_insert(block.span);
                }
            }
        }
        Self { header, arguments, offers }
    }

    /// Whether the block itself has the argument.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.arguments.contains_key(name)
    }

    /// The argument, or the block if it stands elsewhere.
    pub(crate) fn argument(&self, name: &str) -> Span {
        self.arguments.get(name).copied().unwrap_or(self.header)
    }

    /// The argument of an offer, the offer, or the block.
    pub(crate) fn of_offer(&self, offer: &str, argument: &str) -> Span {
        match self.offers.get(offer) {
            Some((offer, arguments)) => arguments.get(argument).copied().unwrap_or(*offer),
            None => self.argument(if offer == "capacity" { "capacity" } else { "offers" }),
        }
    }
}

fn names(body: &Body) -> BTreeMap<String, Span> {
    body.attributes.iter().map(|(name, own)| (name.to_string(), own.span)).collect()
}
