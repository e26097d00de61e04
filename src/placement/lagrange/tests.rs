//! One task alone against trying everything, and bounds that stay below what can be had.

use super::knapsack::{Prices, Tables, cheapest, chosen};
use super::*;

fn item(column: usize, cost: f64, covers: usize, demand: usize) -> Item {
    Item { column, offer: column, cost, covers, serves: covers as f64 / demand as f64 }
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
    Work { demand, min_clouds, clouds: vec![carrier(0), carrier(1)] }
}

fn by_trying(work: &Work) -> f64 {
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
            }
        }
        if covered >= work.demand && used >= work.min_clouds {
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
        let none = Prices { offers: &[0.0; 4], clouds: &[0.0; 2] };
        let least = cheapest(&work, &none, &mut tables);
        assert!((least - by_trying(&work)).abs() < 1e-9, "round {round}");
        let units = chosen(&work, &tables);
        let covered: usize = units.iter().map(|(c, n)| work.clouds[*c].items[*n].covers).sum();
        let mut clouds: Vec<usize> = units.iter().map(|(cloud, _)| *cloud).collect();
        clouds.dedup();
        let paid: f64 = units.iter().map(|(c, n)| work.clouds[*c].items[*n].cost).sum();
        let paid = paid + clouds.iter().map(|cloud| work.clouds[*cloud].fixed).sum::<f64>();
        assert!(covered >= demand && clouds.len() >= min_clouds, "round {round}: {units:?}");
        assert!((paid - least).abs() < 1e-9, "round {round}: {paid} {least}");
    }
}
