//! One task alone: the cheapest whole units that cover its demand in enough clouds, exactly, by steps
//! of demand. Quotas are left out of account: they have their prices.

use super::{Carrier, Work};

/// Prices that are added: by offer, and by cloud of the task.
pub(super) struct Prices<'a> {
    pub offers: &'a [f64],
    pub clouds: &'a [f64],
}

/// Tables of a task, kept to be used again.
#[derive(Default)]
pub(super) struct Tables {
    /// Least cost by clouds used (the last: as many or more) and demand covered.
    pub best: Vec<Vec<f64>>,
    /// The same after each cloud, to find back what was chosen.
    stages: Vec<Stage>,
}

/// Tables behind one cloud.
#[derive(Default)]
struct Stage {
    /// Items that none of the others makes superfluous at these prices: number, cost, what it covers.
    items: Vec<(u32, f64, usize)>,
    /// With a unit of this cloud as the last one taken.
    inside: Vec<Vec<f64>>,
    /// The item of that unit, and whether it is the cloud's first.
    taken: Vec<Vec<(u32, bool, bool)>>,
    /// Before this cloud.
    before: Vec<Vec<f64>>,
}

/// The least cost; infinite if it cannot be had.
pub(super) fn cheapest(work: &Work, prices: &Prices<'_>, tables: &mut Tables) -> f64 {
    let (levels, demand) = (work.min_clouds + 1, work.demand);
    tables.best.clear();
    tables.best.resize(levels, Vec::new());
    for (level, best) in tables.best.iter_mut().enumerate() {
        best.clear();
        best.resize(demand + 1, f64::INFINITY);
        if level == 0 {
            best[0] = 0.0;
        }
    }
    tables.stages.resize_with(work.clouds.len(), Stage::default);
    for (index, carrier) in work.clouds.iter().enumerate() {
        let stage = &mut tables.stages[index];
        stage.before.clone_from(&tables.best);
        let fixed = carrier.fixed + prices.clouds[index];
        keep_best(&mut stage.items, carrier, prices);
        stage.inside.resize(levels, Vec::new());
        stage.taken.resize(levels, Vec::new());
        for level in 1..levels {
            let is_last = level + 1 == levels;
            // Coming from as many clouds already only counts where more make no difference.
            let inside = &mut stage.inside[level];
            let taken = &mut stage.taken[level];
            inside.clear();
            inside.resize(demand + 1, f64::INFINITY);
            taken.clear();
            taken.resize(demand + 1, (u32::MAX, false, false));
            let fewer = &stage.before[level - 1];
            let as_many = &stage.before[level];
            for covered in 0..=demand {
                let mut least = f64::INFINITY;
                let mut by = (u32::MAX, false, false);
                for &(number, cost, covers) in &stage.items {
                    let from = covered.saturating_sub(covers);
                    let mut try_from = |start: f64, is_first: bool, same: bool| {
                        if start + cost < least {
                            least = start + cost;
                            by = (number, is_first, same);
                        }
                    };
                    try_from(fewer[from] + fixed, true, false);
                    if is_last {
                        try_from(as_many[from] + fixed, true, true);
                    }
                    // A unit that covers all of what is left needs no other of this cloud.
                    if covered > 0 {
                        let before = if from < covered { inside[from] } else { f64::INFINITY };
                        try_from(before, false, true);
                    }
                }
                inside[covered] = least;
                taken[covered] = by;
            }
        }
        for level in 1..levels {
            for covered in 0..=demand {
                let inside = stage.inside[level][covered];
                if inside < tables.best[level][covered] {
                    tables.best[level][covered] = inside;
                }
            }
        }
    }
    tables.best[levels - 1][demand]
}

/// Items in the order of their costs, without those beside which as many units of another as cover no
/// less cost no more.
fn keep_best(kept: &mut Vec<(u32, f64, usize)>, carrier: &Carrier, prices: &Prices<'_>) {
    kept.clear();
    let mut all: Vec<(u32, f64, usize)> = (0..)
        .zip(&carrier.items)
        .map(|(number, item)| (number, item.cost + prices.offers[item.offer], item.covers))
        .collect();
    all.sort_by(|a, b| a.1.total_cmp(&b.1).then(b.2.cmp(&a.2)).then(a.0.cmp(&b.0)));
    for (number, cost, covers) in all {
        let is_dear = kept.iter().any(|(_, own, each)| covers.div_ceil(*each) as f64 * own <= cost);
        if !is_dear {
            kept.push((number, cost, covers));
        }
    }
}

/// What was chosen: cloud and item of the task, once for each unit.
pub(super) fn chosen(work: &Work, tables: &Tables) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let (mut level, mut covered) = (work.min_clouds, work.demand);
    let mut stage = work.clouds.len();
    let mut value = tables.best[level][covered];
    while stage > 0 && (level > 0 || covered > 0) {
        stage -= 1;
        let own = &tables.stages[stage];
        if own.before[level][covered] <= value {
            continue;
        }
        loop {
            let (number, is_first, same) = own.taken[level][covered];
            let Some(item) = work.clouds[stage].items.get(number as usize) else { return found };
            found.push((stage, number as usize));
            covered = covered.saturating_sub(item.covers);
            if is_first {
                level -= usize::from(!same);
                break;
            }
        }
        value = own.before[level][covered];
    }
    found
}
