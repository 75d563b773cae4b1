use super::*;

/// How many objects a call may ask for that has ended before the next one is made.
fn asks(money: &Money, each: &[Priced], most: usize, least: usize, now: Timestamp) -> Result<usize, Timestamp> {
    money.affordable(each, most, least, now).map(|(fits, _held)| fits)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn noon() -> Timestamp {
    at("2026-11-10T12:00:00Z")
}

fn with(dollars: f64) -> Money {
    Money::new(Some(Usd::from_dollars(dollars)), false)
}

fn spent(money: &Money, now: Timestamp) -> String {
    money.state(now).spent.to_string()
}

#[test]
fn the_same_object_of_the_same_endpoint_is_paid_once_a_day() {
    let money = with(5.0);
    money.charge(Priced::Post, "mentions", ["1", "2"], noon());
    assert_eq!(spent(&money, noon()), "$0.01");
    money.charge(Priced::Post, "mentions", ["2", "3", "3"], noon());
    assert_eq!(spent(&money, noon()), "$0.015");
    money.charge(Priced::Post, "tweets", ["1"], noon());
    assert_eq!(spent(&money, noon()), "$0.02", "another endpoint charges again");
    money.charge(Priced::User, "mentions", ["1"], noon());
    assert_eq!(spent(&money, noon()), "$0.03", "a user is no post");
    money.charge(Priced::Post, "mentions", ["1"], at("2026-11-10T23:59:59Z"));
    assert_eq!(spent(&money, noon()), "$0.03");
    money.charge(Priced::Post, "mentions", ["1"], at("2026-11-11T00:00:00Z"));
    assert_eq!(spent(&money, noon()), "$0.035", "the next UTC day charges again");
}

#[test]
fn every_thing_has_its_price_and_only_posts_are_cheaper_for_an_owner() {
    let read = |owned| {
        [Priced::Post, Priced::User, Priced::Event].map(|what| {
            let money = Money::new(None, owned);
            money.charge(what, "somewhere", ["1"], noon());
            spent(&money, noon())
        })
    };
    assert_eq!(read(false), ["$0.005", "$0.01", "$0.01"]);
    assert_eq!(read(true), ["$0.001", "$0.01", "$0.01"]);
    let sent = [Sent::Message, Sent::Reply, Sent::Link].map(|what| {
        let money = Money::new(None, true);
        money.charge_send(what, noon());
        spent(&money, noon())
    });
    assert_eq!(sent, ["$0.015", "$0.015", "$0.20"]);
}

#[test]
fn a_call_asks_for_no_more_than_the_budget_can_pay() {
    let money = with(1.0);
    assert_eq!(asks(&money, &[Priced::Event], 100, 1, noon()), Ok(90), "a tenth is kept for replies");
    assert_eq!(asks(&money, &[Priced::Event], 10, 1, noon()), Ok(10));
    assert_eq!(asks(&money, &[Priced::Post, Priced::User], 100, 5, noon()), Ok(60));
    let ids: Vec<String> = (0..89).map(|id| id.to_string()).collect();
    money.charge(Priced::Event, "dm_events", ids.iter().map(String::as_str), noon());
    assert_eq!(asks(&money, &[Priced::Event], 10, 1, noon()), Ok(1));
    assert_eq!(asks(&money, &[Priced::Post], 100, 5, noon()), Err(at("2026-12-01T00:00:00Z")));
    assert_eq!(money.affordable_send(Sent::Message, noon()), Ok(()));
    assert_eq!(money.affordable_send(Sent::Link, noon()), Err(at("2026-12-01T00:00:00Z")));
}

#[test]
fn without_a_budget_nothing_is_held_back_and_everything_is_counted() {
    let money = Money::new(None, false);
    for _ in 0..1000 {
        money.charge_send(Sent::Link, noon());
    }
    assert_eq!(asks(&money, &[Priced::Event], 100, 1, noon()), Ok(100));
    assert_eq!(money.affordable_send(Sent::Link, noon()), Ok(()));
    let spending = Spending { spent: Usd::from_dollars(200.0), budget: None, level: Level::Well };
    assert_eq!(money.state(noon()), spending);
}

#[test]
fn a_budget_of_nothing_pays_for_nothing() {
    let money = with(0.0);
    assert!(asks(&money, &[Priced::Post], 100, 1, noon()).is_err());
    assert!(money.affordable_send(Sent::Reply, noon()).is_err());
    assert_eq!(money.state(noon()).level, Level::Stopped);
    assert_eq!(format!("{:.1}", money.stretch(noon())), "8.0");
}

#[test]
fn reading_slows_down_when_money_runs_ahead_of_the_month() {
    let stretch = |cents: u64, now: &str| {
        let money = with(1.0);
        money.restore(serde_json::from_str(&format!(r#"{{"202611":{}}}"#, cents * 10_000)).unwrap());
        format!("{:.2} {:?}", money.stretch(at(now)), money.state(at(now)).level)
    };
    assert_eq!(stretch(80, "2026-11-10T12:00:00Z"), "1.00 Well");
    assert_eq!(stretch(85, "2026-11-10T12:00:00Z"), "2.83 Slow");
    assert_eq!(stretch(90, "2026-11-10T12:00:00Z"), "8.00 Slow");
    assert_eq!(stretch(100, "2026-11-10T12:00:00Z"), "8.00 Slow");
    assert_eq!(stretch(85, "2026-11-28T12:00:00Z"), "1.00 Well", "it will last to the end of the month");
}

#[test]
fn a_new_month_begins_with_the_whole_budget() {
    let money = with(0.05);
    money.charge(Priced::Event, "dm_events", ["1", "2", "3", "4"], at("2026-11-30T23:59:59Z"));
    let next = asks(&money, &[Priced::Event], 10, 1, at("2026-11-30T23:59:59Z")).unwrap_err();
    assert_eq!(money.state(at("2026-11-30T23:59:59Z")).level, Level::Stopped);
    assert_eq!(asks(&money, &[Priced::Event], 10, 1, next), Ok(4));
    assert_eq!(money.state(next).level, Level::Well);
}

#[test]
fn what_was_spent_is_saved_at_once_and_free_reads_are_not() {
    let money = with(1.0);
    money.charge(Priced::Event, "dm_events", ["1"], noon());
    assert!(money.worth_saving(noon()));
    money.charge(Priced::Event, "dm_events", ["1"], noon());
    assert!(!money.worth_saving(noon()));
}

#[test]
fn calls_under_way_share_what_is_left() {
    let money = Money::new(Some(Usd::from_dollars(1.0)), false);
    let (fits, held) = money.affordable(&[Priced::Event], 60, 1, noon()).unwrap();
    assert_eq!(fits, 60);
    assert_eq!(asks(&money, &[Priced::Event], 60, 1, noon()), Ok(30), "the rest of the ninety");
    money.charge(Priced::Event, "dm_events", ["1", "2"], noon());
    drop(held);
    assert_eq!(asks(&money, &[Priced::Event], 100, 1, noon()), Ok(88), "it cost less than it might");
}

#[test]
fn where_only_calls_under_way_are_in_the_way_a_second_is_enough() {
    let money = Money::new(Some(Usd::from_dollars(1.0)), false);
    let (_, held) = money.affordable(&[Priced::Event], 100, 1, noon()).unwrap();
    assert_eq!(asks(&money, &[Priced::Event], 10, 1, noon()), Err(after(noon(), SOON)));
    assert_eq!(money.state(noon()).level, Level::Well);
    drop(held);
    assert_eq!(asks(&money, &[Priced::Event], 10, 1, noon()), Ok(10));
}
