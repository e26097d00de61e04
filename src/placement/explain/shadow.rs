//! What binding constraints cost: a month with one unit less, with one more, or without them.

use rust_decimal::Decimal;

use super::{Trial, Tried};
use crate::Problem;
use crate::conflict::{Atom, Requirement, atoms};
use crate::side_by_side::side_by_side;
use crate::verify::{amount, verify};

/// What a constraint costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Shadow {
    /// The constraint.
    pub requirement: Requirement,
    /// What a month costs more with one unit less of it (a lower quota, a higher demand); none if it
    /// cannot be had then, or if it has no units.
    pub less: Less,
    /// What a month costs less with one unit more, or without it.
    pub saves: Decimal,
    /// Whether `saves` is about leaving it out.
    pub without: bool,
}

/// What one unit less would mean.
#[derive(Clone, Debug, PartialEq)]
pub enum Less {
    /// It has no units.
    NoUnits,
    /// There would be no solution.
    Impossible,
    /// How much more a month costs, in USD.
    Costs(Decimal),
}

/// More constraints than that are not looked into.
const MOST: usize = 100;

/// What binds, and whether all was found out in time.
pub(super) fn shadows(trial: &Trial<'_>, threads: usize) -> (Vec<Shadow>, bool) {
    let all: Vec<Atom> =
        atoms(trial.problem).into_iter().filter(|atom| may_bind(trial, atom)).collect();
    let asked = &all[..all.len().min(MOST)];
    let found = side_by_side(asked, threads, |atom| shadow(trial, atom));
    let complete = asked.len() == all.len() && found.iter().all(Option::is_some);
    let binding = found.into_iter().flatten().filter(|shadow| {
        !shadow.saves.is_zero()
            || match &shadow.less {
                Less::NoUnits => false,
                Less::Impossible => true,
                Less::Costs(more) => !more.is_zero(),
            }
    });
    (binding.collect(), complete)
}

/// Whether changing it a little could change anything: a quota is used up.
fn may_bind(trial: &Trial<'_>, atom: &Atom) -> bool {
    let chosen = &trial.best.chosen;
    match atom {
        Atom::OfTask(..) => true,
        Atom::Quota { cloud, offer } => {
            let of = chosen.iter().filter(|own| own.cloud == *cloud && own.offer == *offer);
            let used: u64 = of.map(|own| own.units).sum();
            let own = trial.problem.clouds.get(cloud).and_then(|own| own.offers.get(offer));
            own.and_then(|own| own.quota).is_some_and(|quota| used >= quota)
        }
        Atom::CloudQuota { cloud, resource } => {
            let Some(own) = trial.problem.clouds.get(cloud) else { return false };
            let parts = chosen.iter().filter(|part| part.cloud == *cloud).map(|part| {
                let offer = own.offers.get(&part.offer);
                offer.map_or(Decimal::ZERO, |offer| amount(offer, resource))
                    * Decimal::from(part.units)
            });
            let used: Decimal = parts.sum();
            own.quotas.get(resource).is_some_and(|quota| used + Decimal::ONE > *quota)
        }
    }
}

fn shadow(trial: &Trial<'_>, atom: &Atom) -> Option<Shadow> {
    let requirement = atom.requirement(trial.problem);
    let changed = |edit: &dyn Fn(&mut Problem)| {
        let mut problem = trial.problem.clone();
        edit(&mut problem);
        trial.cost_of(&problem)
    };
    let saves = |tried: Tried| match tried {
        Tried::Cost(other) => {
            Some((trial.cost() - other.verified.cost).max(Decimal::ZERO).normalize())
        }
        Tried::Impossible => Some(Decimal::ZERO),
        Tried::NotKnown => None,
    };
    if !atom.has_units() {
        if atom.excludes_nothing(trial.problem) {
            let saves = Decimal::ZERO;
            return Some(Shadow { requirement, less: Less::NoUnits, saves, without: true });
        }
        let saves = saves(changed(&|problem| atom.lift(problem)))?;
        return Some(Shadow { requirement, less: Less::NoUnits, saves, without: true });
    }
    let mut tighter = trial.problem.clone();
    atom.tighten(&mut tighter);
    // Nothing costs less where more is asked, so what still fits is still the best.
    let still = verify(&tighter, &trial.best.chosen).map(|own| own.cost);
    let less = if still.is_some_and(|cost| cost == trial.cost()) {
        Less::Costs(Decimal::ZERO)
    } else {
        match trial.cost_of(&tighter) {
            Tried::Cost(other) => Less::Costs((other.verified.cost - trial.cost()).normalize()),
            Tried::Impossible => Less::Impossible,
            Tried::NotKnown => return None,
        }
    };
    let saves = saves(changed(&|problem| atom.loosen(problem)))?;
    Some(Shadow { requirement, less, saves, without: false })
}
