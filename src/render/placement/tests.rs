//! The text of a placement, as a terminal of 80 columns shows it.

use skyform_plan::{ChoiceReport, CloudCost, RequirementReport, ShadowReport, TaskCostReport};

use super::*;

fn offer(cloud: &str, price: &str, quota: Option<u64>, units: u64) -> OfferReport {
    OfferReport {
        cloud: cloud.to_owned(),
        region: cloud.to_owned(),
        offer: "small".to_owned(),
        price: price.to_owned(),
        quota,
        serves: 10.0,
        units,
        headroom_units: 0,
        covers: 10.0 * units as f64,
        monthly_cost: "73.00".to_owned(),
        previous_units: None,
        ruled_out: None,
    }
}

fn report() -> PlacementReport {
    let text = |text: &str| text.to_owned();
    let poor = OfferReport {
        ruled_out: Some(text("vcpu 1 of 2 required")),
        ..offer("south", "0.02", None, 0)
    };
    let west = OfferReport { headroom_units: 1, ..offer("west", "0.07", Some(2), 1) };
    PlacementReport {
        address: text("placement.main"),
        name: text("main"),
        span: None,
        status: PlacementStatus::Optimal,
        cost: text("169.10"),
        bound: text("169.10"),
        gap: 0.0,
        clouds: vec![text("east"), text("west")],
        tasks: vec![TaskReport {
            name: text("fraud"),
            demand: 30.0,
            offers: vec![offer("east", "0.05", Some(4), 2), poor, west],
        }],
        costs: vec![CloudCost {
            cloud: text("east"),
            activation: text("40.00"),
            compute: text("73.00"),
            egress: text("0.00"),
            switching: text("0.00"),
            total: text("113.00"),
        }],
        previous_cost: Some(text("150.00")),
        conflicts: Vec::new(),
        explanation: Some(ExplanationReport {
            costs: vec![TaskCostReport {
                task: text("fraud"),
                compute: text("124.10"),
                activation: text("45.00"),
                egress: text("0.00"),
                switching: text("0.00"),
                total: text("169.10"),
            }],
            choices: vec![ChoiceReport {
                task: text("fraud"),
                cloud: text("east"),
                offer: text("small"),
                next_best: Some(vec![(text("west/small"), 3)]),
                extra: text("12.00"),
                flips_at: Some(text("0.061")),
            }],
            shadows: vec![ShadowReport {
                requirement: RequirementReport {
                    task: None,
                    cloud: Some(text("east")),
                    offer: Some(text("small")),
                    argument: text("quota"),
                    text: text("the quota of offer small in cloud east is 4"),
                    span: None,
                },
                one_less_costs: Some(text("impossible")),
                saves: text("14.60"),
                without: false,
            }],
            complete: true,
        }),
        notes: vec![text("catalogue aws is 12 days old")],
    }
}

#[test]
fn everything_is_shown_within_eighty_columns() {
    let text = placement_text(&report(), Detail::Full, Style::default());
    let expected = "\
Placement placement.main: optimal, 169.10 USD a month (before: 150.00)
  proven: nothing that keeps to all requirements costs less
  catalogue aws is 12 days old

  fraud asks for 30, 30 covered
    169.10 USD a month: compute 124.10, activation 45.00
    offer            units    covers      USD/h   USD/month
  + east/small         2/4        20       0.05       73.00
      without it: 12.00 USD more (3 west/small); flips at 0.061 USD/h
    south/small          -         -       0.02           -  ruled out: vcpu 1 of 2 required
  + west/small       1+1/2        10       0.07       73.00

  east: 113.00 USD a month (activation 40.00, compute 73.00)

  What requirements cost, in USD a month:
    the quota of offer small in cloud east is 4
      it cannot do with one less, one more saves 14.60

";
    assert_eq!(text, expected);
}

#[test]
fn a_plan_shows_what_is_chosen() {
    let text = placement_text(&report(), Detail::Short, Style::default());
    assert!(text.contains("1 more considered, 1 of them ruled out"), "{text}");
    assert!(!text.contains("south"), "{text}");
    assert!(!text.contains("without it"), "{text}");
}

#[test]
fn what_is_not_proven_has_its_gap() {
    let feasible = PlacementReport {
        status: PlacementStatus::Feasible,
        bound: "160.00".to_owned(),
        gap: 0.0538,
        ..report()
    };
    let text = placement_text(&feasible, Detail::Short, Style::default());
    assert!(text.contains("proven: no less than 160.00 USD a month, gap 5.38 %"), "{text}");
    let unsolved =
        PlacementReport { status: PlacementStatus::Unsolved, cost: String::new(), ..feasible };
    let text = placement_text(&unsolved, Detail::Short, Style::default());
    assert!(text.starts_with("Placement placement.main: no solution found within"), "{text}");
    assert!(text.contains("proven: no less than 160.00 USD a month\n"), "{text}");
}
