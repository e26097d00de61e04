//! One task alone against trying everything, and bounds that stay below what can be had.

use super::cuts::at;
use super::every;
use super::knapsack::{Beyond, NOTHING, Prices, Tables, cheapest, chosen};
use super::*;

fn item(column: usize, cost: f64, covers: usize, demand: usize) -> Item {
    Item {
        column,
        offer: column,
        cost,
        most: 3 + column,
        covers,
        serves: covers as f64 / demand as f64,
    }
}

/// Two clouds with two items each.
fn work(
    demand: usize,
    min_clouds: usize,
    costs: [f64; 4],
    covers: [usize; 4],
    fixed: [f64; 2],
) -> Work {
    let carrier = |cloud: usize| Carrier {
        cloud,
        fixed: fixed[cloud],
        items: (0..2)
            .map(|n| item(2 * cloud + n, costs[2 * cloud + n], covers[2 * cloud + n], demand))
            .collect(),
    };
    Work { demand, is_exact: true, min_clouds, clouds: vec![carrier(0), carrier(1)] }
}

fn by_trying(work: &Work, beyond: &Beyond) -> f64 {
    let mut best = f64::INFINITY;
    let most = work.demand + 1;
    for code in 0..most.pow(4) {
        let counts =
            [code % most, code / most % most, code / most.pow(2) % most, code / most.pow(3)];
        let (mut covered, mut cost, mut used) = (0, 0.0, 0);
        for carrier in &work.clouds {
            let count: usize = carrier.items.iter().map(|item| counts[item.column]).sum();
            if count > 0 {
                used += 1;
                cost += carrier.fixed;
            }
            for item in &carrier.items {
                covered += item.covers * counts[item.column];
                cost += item.cost * counts[item.column] as f64;
                cost += beyond.get(&item.offer).map_or(0.0, |costs| at(costs, counts[item.column]));
            }
        }
        let most = work.clouds.iter().flat_map(|carrier| &carrier.items).map(|item| item.most);
        let is_there = counts.iter().zip(most).all(|(count, most)| *count <= most);
        if is_there && covered >= work.demand && used >= work.min_clouds {
            best = best.min(cost);
        }
    }
    best
}

#[test]
fn a_task_alone_costs_what_trying_everything_finds() {
    let mut seed = 7_u64;
    let mut below = |limit: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) % limit
    };
    for round in 0..300 {
        let demand = 1 + below(6) as usize;
        let min_clouds = 1 + below(2) as usize;
        let costs = [0; 4].map(|_: u64| below(20) as f64);
        let covers = [0; 4].map(|_: u64| 1 + below(4) as usize);
        // Staying where a task runs can be worth more than it costs.
        let fixed = [0; 2].map(|_: u64| below(20) as f64 - 5.0);
        let work = work(demand, min_clouds, costs, covers, fixed);
        let mut tables = Tables::default();
        // In every second round some units cost more than their price.
        let mut beyond = Beyond::new();
        for offer in 0..4 {
            if round % 2 == 0 || below(2) == 0 {
                continue;
            }
            let mut cost = 0.0;
            let rising = std::iter::repeat_with(|| {
                cost += below(8) as f64;
                cost
            });
            beyond.insert(offer, std::iter::once(0.0).chain(rising.take(4)).collect());
        }
        let prices = Prices { offers: &[0.0; 4], clouds: &[0.0; 2], beyond: &beyond };
        let least = cheapest(&work, &prices, &mut tables);
        assert!((least - by_trying(&work, &beyond)).abs() < 1e-9, "round {round}");
        let units = chosen(&work, &tables);
        let covered: usize = units.iter().map(|(c, n)| work.clouds[*c].items[*n].covers).sum();
        let mut clouds: Vec<usize> = units.iter().map(|(cloud, _)| *cloud).collect();
        clouds.dedup();
        let paid: f64 = units.iter().map(|(c, n)| work.clouds[*c].items[*n].cost).sum();
        let count = |offer: usize| units.iter().filter(|(c, n)| 2 * c + n == offer).count();
        let more: f64 = beyond.iter().map(|(offer, costs)| at(costs, count(*offer))).sum();
        let paid = paid + more;
        let paid = paid + clouds.iter().map(|cloud| work.clouds[*cloud].fixed).sum::<f64>();
        assert!(covered >= demand && clouds.len() >= min_clouds, "round {round}: {units:?}");
        assert!((paid - least).abs() < 1e-9, "round {round}: {paid} {least}");
    }
}

/// Tasks that compete for few cheap units: two clouds, one of which is dear to open.
fn crowded() -> Split {
    let task = |number: usize| {
        let mut own =
            work(7 + number % 5, 1 + number % 2, [10.0, 16.0, 9.0, 15.0], [2, 3, 2, 4], [0.0, 1.0]);
        for item in own.clouds.iter_mut().flat_map(|carrier| &mut carrier.items) {
            item.column += 4 * number;
        }
        own
    };
    let tasks: Vec<Work> = (0..6).map(task).collect();
    Split {
        places: places(&tasks, 24),
        threads: 2,
        tasks,
        quotas: vec![6.0, f64::INFINITY, 5.0, 9.0],
        activation: vec![30.0, 50.0],
        columns: 24,
        constant: 0.0,
    }
}

#[test]
fn solutions_get_better_and_bounds_stay_below_them() {
    let far = Instant::now() + std::time::Duration::from_secs(60);
    let stop = Stop { deadline: far, steps: 30, target: f64::INFINITY, max_gap: 0.0 };
    let mut relaxed = relaxed::ascend(crowded(), stop, None);
    let (units, first) = relaxed.best.clone().expect("a solution");
    let is_enough = AtomicBool::new(false);
    let until = Until { deadline: far, is_enough: &is_enough, target: 0.0, tries: 250 };
    let effort = Effort { tries: 250, plans: 0, seed: 0, searches: 2 };
    let prices = [0.0; 4];
    let once = rebuilt(&relaxed.split, &units, &prices, effort, until);
    assert_eq!(
        once,
        rebuilt(&relaxed.split, &units, &prices, effort, until),
        "it is the same twice"
    );
    assert!(once.1 <= first && (relaxed.split.cost(&once.0) - once.1).abs() < 1e-9);
    for (offer, quota) in relaxed.split.quotas.iter().enumerate() {
        let used: u64 = once.0.iter().skip(offer).step_by(4).sum();
        assert!(used as f64 <= *quota, "offer {offer}: {used}");
    }
    for (number, work) in relaxed.split.tasks.iter().enumerate() {
        let covered: f64 = work
            .clouds
            .iter()
            .flat_map(|carrier| &carrier.items)
            .map(|item| item.serves * once.0[item.column] as f64)
            .sum();
        assert!(covered >= 1.0 - 1e-9, "task {number}: {covered}");
    }
    let before = relaxed.bound;
    relaxed.best = Some(once.clone());
    relaxed.tighten(far, 0.0, Means::Cuts);
    assert!(relaxed.bound >= before && relaxed.bound <= once.1 + 1e-6, "{}", relaxed.bound);
    // Every task needs one of the clouds, so that one of them is paid whole.
    assert!(relaxed.bound > before, "{before} {}", relaxed.bound);
    // What is left has few plans: the best choice among them all is the least cost.
    relaxed.pick(50, far, 0.0);
    assert!(relaxed.is_close(0.0) || relaxed.finish(8_000, far, 0.0));
    let (_, least) = relaxed.best.clone().expect("a solution");
    assert!(relaxed.is_close(0.0) && least <= once.1, "{least} {}", relaxed.bound);
}

#[test]
fn diving_keeps_quotas_and_covers_every_demand() {
    let far = Instant::now() + std::time::Duration::from_secs(60);
    let stop = Stop { deadline: far, steps: 10, target: f64::INFINITY, max_gap: 0.0 };
    let mut relaxed = relaxed::ascend(crowded(), stop, None);
    let (_, first) = relaxed.best.clone().expect("a solution");
    relaxed.tighten(far, 0.0, Means::Cuts);
    for number in 0..12 {
        relaxed.dive(number, far);
    }
    let (units, cost) = relaxed.best.clone().expect("a solution");
    assert!(cost <= first && relaxed.bound <= cost + 1e-6, "{first} {cost} {}", relaxed.bound);
    for (offer, quota) in relaxed.split.quotas.iter().enumerate() {
        let used: u64 = units.iter().skip(offer).step_by(4).sum();
        assert!(used as f64 <= *quota, "offer {offer}: {used}");
    }
    for (number, work) in relaxed.split.tasks.iter().enumerate() {
        let items = work.clouds.iter().flat_map(|carrier| &carrier.items);
        let covered: f64 = items.map(|item| item.serves * units[item.column] as f64).sum();
        assert!(covered >= 1.0 - 1e-9, "task {number}: {covered}");
    }
}

#[test]
fn every_plan_within_a_limit_is_found() {
    let split = crowded();
    // What a second unit costs beyond its price can be less than what the first does, or more.
    let dearer: Beyond = [(0, vec![0.0, 5.0, 5.0, 9.0]), (3, vec![0.0, 0.0, 7.0])].into();
    for beyond in [&NOTHING, &dearer] {
        every_plan_is_found(&split, beyond);
    }
}

fn every_plan_is_found(split: &Split, beyond: &Beyond) {
    let prices = Prices { offers: &[0.0; 4], clouds: &[0.0; 2], beyond };
    let mut tables = Tables::default();
    for (task, own) in split.tasks.iter().enumerate() {
        let least = cheapest(own, &prices, &mut tables);
        let plans = every::every(split, task, &prices, least + 12.0, 10_000).expect("few");
        // All counts, those kept from which no unit can be left out.
        let items: Vec<(usize, &Item)> = own
            .clouds
            .iter()
            .enumerate()
            .flat_map(|(cloud, carrier)| carrier.items.iter().map(move |item| (cloud, item)))
            .collect();
        let is_plan = |counts: &[u64]| {
            let both = items.iter().zip(counts);
            let covered: u64 = both.clone().map(|((_, item), n)| item.covers as u64 * n).sum();
            let mut used: Vec<usize> =
                both.filter(|(_, n)| **n > 0).map(|((cloud, _), _)| *cloud).collect();
            used.dedup();
            covered >= own.demand as u64 && used.len() >= own.min_clouds
        };
        let mut expected = 0;
        for code in 0..8_u64.pow(4) {
            let counts = [code % 8, code / 8 % 8, code / 64 % 8, code / 512];
            if items.iter().zip(counts).any(|((_, item), n)| n > item.most as u64) {
                continue;
            }
            let is_least = is_plan(&counts)
                && (0..4).all(|index| {
                    let mut fewer = counts;
                    fewer[index] = fewer[index].saturating_sub(1);
                    counts[index] == 0 || !is_plan(&fewer)
                });
            let paid = |((_, item), n): (&(usize, &Item), u64)| {
                let more = beyond.get(&item.offer).map_or(0.0, |costs| at(costs, n as usize));
                item.cost * n as f64 + more
            };
            let mut cost: f64 = items.iter().zip(counts).map(paid).sum();
            for (cloud, carrier) in own.clouds.iter().enumerate() {
                let own =
                    items.iter().zip(counts).filter(|((other, _), n)| *other == cloud && *n > 0);
                cost += if own.count() > 0 { carrier.fixed } else { 0.0 };
            }
            expected += usize::from(is_least && cost <= least + 12.0 + 1e-9);
        }
        assert_eq!(plans.len(), expected, "task {task}");
        assert!(!plans.is_empty());
    }
}

/// Two tasks that need three and four of five cheap units, in one piece: prices can mix them.
#[test]
fn cuts_raise_a_bound_that_prices_cannot() {
    let carrier = |cloud, column, offer, cost, demand: usize| {
        let item = Item { column, offer, cost, most: 5, covers: 1, serves: 1.0 / demand as f64 };
        Carrier { cloud, fixed: 0.0, items: vec![item] }
    };
    let task = |number: usize, demand: usize| Work {
        demand,
        is_exact: true,
        min_clouds: 1,
        clouds: vec![
            // Being in the cheap cloud at all costs as much as some dear units.
            Carrier { fixed: 9.0, ..carrier(0, 2 * number, 0, 1.0, demand) },
            carrier(1, 2 * number + 1, 1, 6.0, demand),
        ],
    };
    let tasks = vec![task(0, 3), task(1, 4)];
    let split = Split {
        places: places(&tasks, 4),
        threads: 1,
        tasks,
        quotas: vec![5.0, f64::INFINITY],
        activation: vec![0.0, 0.0],
        columns: 4,
        constant: 0.0,
    };
    let far = Instant::now() + std::time::Duration::from_secs(60);
    let stop = Stop { deadline: far, steps: 30, target: f64::INFINITY, max_gap: 0.0 };
    let mut relaxed = relaxed::ascend(split, stop, None);
    relaxed.tighten(far, 0.0, Means::Prices);
    let by_prices = relaxed.bound;
    relaxed.tighten(far, 0.0, Means::Cuts);
    let by_cuts = relaxed.bound;
    relaxed.dive_until(0.0, 4, far);
    // The second task gets cheap units, 9 + 4, and the first three dear ones.
    let (_, cost) = relaxed.best.clone().expect("a solution");
    assert!((cost - 31.0).abs() < 1e-9, "{cost}");
    assert!(by_prices < 30.5 && by_cuts > 30.99 && by_cuts <= 31.0, "{by_prices} {by_cuts}");
}
