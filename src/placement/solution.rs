//! A solution in whole numbers, written down with the user's names.

use std::collections::BTreeMap;

use crate::program::Program;

/// Units of each column.
pub(crate) type Units = Vec<u64>;

/// Units of an offer for a task or, shared, for several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub cloud: String,
    pub offer: String,
    pub tasks: Vec<String>,
    pub headroom: bool,
    pub units: u64,
}

/// What is chosen, by the offers' own names: offers that differ in nothing are filled in order.
pub(crate) fn written_down(program: &Program<'_>, units: &Units) -> Vec<Chosen> {
    let mut left: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    let mut chosen: Vec<Chosen> = Vec::new();
    for (column, count) in program.columns.iter().zip(units).filter(|(_, count)| **count > 0) {
        let group = &program.offers[column.offer];
        let mut open = *count;
        for (index, (name, offer)) in group.members.iter().enumerate() {
            let free = left.entry((column.offer, index)).or_insert(offer.quota.unwrap_or(u64::MAX));
            let taken = open.min(*free);
            if taken == 0 {
                continue;
            }
            *free -= taken;
            open -= taken;
            chosen.push(Chosen {
                cloud: program.clouds[column.cloud].0.to_owned(),
                offer: (*name).to_owned(),
                tasks: column
                    .serves
                    .iter()
                    .map(|(task, _)| program.tasks[*task].0.to_owned())
                    .collect(),
                headroom: column.headroom,
                units: taken,
            });
        }
    }
    chosen
}

/// The placement in state as units of columns, as far as it still can be had.
pub(crate) fn from_state(program: &Program<'_>) -> Option<Units> {
    let prior = program.problem.prior.as_ref()?;
    let mut units = vec![0; program.columns.len()];
    for (column, count) in program.columns.iter().zip(&mut units).filter(|(c, _)| !c.headroom) {
        let group = &program.offers[column.offer];
        let cloud = program.clouds[column.cloud].0;
        let had = column.serves.iter().map(|(task, _)| {
            let before = prior.get(program.tasks[*task].0);
            let of = |(name, _): &(&str, &crate::Offer)| {
                before?.get(&(cloud.to_owned(), (*name).to_owned())).copied()
            };
            group.members.iter().filter_map(of).sum::<u64>()
        });
        *count = had.max().unwrap_or(0).min(column.most);
    }
    Some(units)
}
