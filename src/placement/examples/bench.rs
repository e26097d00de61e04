//! Solves a program of `bench/placement/generate.py`: `bench FILE SECONDS GAP`, and prints cost,
//! bound, seconds and what of it was the reading.

#![expect(clippy::print_stdout, reason = "what an example says it says on the terminal")]

use std::time::{Duration, Instant};

use rust_decimal::Decimal;
use skyform_placement::{Cloud, Data, Limits, Offer, Outcome, Problem, Task, place};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, seconds, gap, rest @ ..] = arguments.as_slice() else {
        return Err("bench FILE SECONDS GAP [again]".into());
    };
    let mut problem = read(&std::fs::read_to_string(file)?)?;
    let limits = Limits {
        time_limit: Duration::from_secs_f64(seconds.parse()?),
        max_gap: gap.parse()?,
        threads: 2,
    };
    let placed = solve(&problem, &limits, "cold")?;
    if rest.first().is_some_and(|word| word == "again") {
        // One price changes, and the decision before is known.
        let before = placed.ok_or("nothing to start from")?;
        let units = before.assignments.iter().map(|(task, own)| {
            let units = own.iter().map(|(key, own)| (key.clone(), own.units));
            (task.clone(), units.collect())
        });
        let offers = problem.clouds.values_mut().flat_map(|cloud| cloud.offers.values_mut());
        if let Some(offer) = offers.into_iter().next() {
            offer.price += Decimal::new(1, 3);
        }
        solve(&problem, &limits, "cold")?;
        problem.prior = Some(units.collect());
        solve(&problem, &limits, "warm")?;
    }
    Ok(())
}

fn solve(
    problem: &Problem,
    limits: &Limits,
    name: &str,
) -> Result<Option<skyform_placement::Placed>, Box<dyn std::error::Error>> {
    let start = Instant::now();
    let outcome = place(problem, limits)?;
    let seconds = start.elapsed().as_secs_f64();
    match outcome {
        Outcome::Placed(placed) => {
            let (cost, bound, gap) = (placed.cost, placed.bound, placed.gap);
            println!("{name} {cost} {bound} {gap:.6} {seconds:.3}");
            Ok(Some(placed))
        }
        Outcome::Infeasible(_) => {
            println!("{name} infeasible {seconds:.3}");
            Ok(None)
        }
        Outcome::Unsolved { bound } => {
            println!("{name} unsolved {bound} {seconds:.3}");
            Ok(None)
        }
    }
}

fn read(text: &str) -> Result<Problem, Box<dyn std::error::Error>> {
    let mut problem = Problem::default();
    let mut offers: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        let parts: Vec<&str> = line.split_whitespace().collect();
        match parts.as_slice() {
            ["C", activation] => {
                let name = cloud(problem.clouds.len());
                let activation_cost = activation.parse()?;
                problem.clouds.insert(name, Cloud { activation_cost, ..Cloud::default() });
            }
            ["O", own, price, quota] => {
                let key = (cloud(own.parse()?), format!("o{:05}", offers.len()));
                let offer = Offer {
                    price: price.parse()?,
                    quota: Some(quota.parse()?),
                    ..Offer::default()
                };
                let of = problem.clouds.get_mut(&key.0).ok_or("an offer of no cloud")?;
                of.offers.insert(key.1.clone(), offer);
                offers.push(key);
            }
            ["T", demand, min_clouds] => {
                let name = task(problem.tasks.len());
                let own = Task {
                    demand: demand.parse()?,
                    min_clouds: min_clouds.parse()?,
                    ..Task::default()
                };
                problem.tasks.insert(name, own);
            }
            ["S", offer, own, serves] => {
                let (cloud, name) = &offers[offer.parse::<usize>()?];
                let of = problem.clouds.get_mut(cloud).and_then(|cloud| cloud.offers.get_mut(name));
                let of = of.ok_or("no such offer")?;
                of.serves.insert(task(own.parse()?), serves.parse()?);
            }
            ["E", own, home, cost] => {
                let data = Data {
                    cloud: cloud(home.parse()?),
                    gib_per_month: Decimal::ONE,
                    price_per_gib: Some(cost.parse()?),
                };
                let of = problem.tasks.get_mut(&task(own.parse()?)).ok_or("no such task")?;
                of.data.push(data);
            }
            _ => return Err(format!("not a line of a program: {line}").into()),
        }
    }
    Ok(problem)
}

fn cloud(index: usize) -> String {
    format!("c{index}")
}

fn task(index: usize) -> String {
    format!("t{index:05}")
}
