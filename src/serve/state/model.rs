//! Every interleaving of the threads, by the model checker: `scripts/model`.

use std::time::Duration;

use loom::sync::Arc;
use loom::thread;

use super::alarm::Alarm;
use super::counter::Rotation;
use super::health::{Admission, Cause, Cooling, Health, Ticket};
use crate::failure::FailureClass;

const WINDOW: Duration = Duration::from_secs(5);

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn no_turn_is_taken_twice_or_lost() {
    loom::model(|| {
        let rotation = Arc::new(Rotation::new(7));
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let rotation = Arc::clone(&rotation);
                thread::spawn(move || [rotation.turn(), rotation.turn()])
            })
            .collect();
        let mut turns: Vec<u64> = threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect();
        turns.sort_unstable();
        assert_eq!(turns, [7, 8, 9, 10]);
    });
}

#[test]
fn leases_end_as_often_as_they_begin() {
    loom::model(|| {
        let (health, _) = health();
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let health = Arc::clone(&health);
                thread::spawn(move || {
                    health.begin();
                    assert!((1..=2).contains(&health.active()));
                    health.end();
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(health.active(), 0);
    });
}

#[test]
fn no_penalty_is_lost() {
    loom::model(|| {
        let (health, _) = health();
        // One that has run out, which a reader may clear at any moment.
        health.penalize(at(1), WINDOW);
        let adds: Vec<_> = (0..2)
            .map(|_| {
                let health = Arc::clone(&health);
                thread::spawn(move || health.penalize(at(20), WINDOW))
            })
            .collect();
        assert!(health.penalty(at(20), WINDOW) <= 2);
        for thread in adds {
            thread.join().unwrap();
        }
        assert!(!health.is_unpenalized());
        assert_eq!(health.penalty(at(20), WINDOW), 2);
        assert_eq!(health.penalty(at(25), WINDOW), 2);
        assert_eq!(health.penalty(at(27), WINDOW), 0);
        assert!(health.is_unpenalized());
    });
}

fn cause(class: FailureClass) -> Cause {
    Cause {
        class,
        status: None,
        is_cut: false,
    }
}

/// A health with its own alarm.
fn health() -> (Arc<Health>, std::sync::Arc<Alarm>) {
    let alarm = std::sync::Arc::new(Alarm::new());
    (Arc::new(Health::new(std::sync::Arc::clone(&alarm))), alarm)
}

/// One cooldown ends by a success while another begins, and an operator drains.
#[test]
fn the_alarm_is_on_exactly_while_something_is_marked() {
    loom::model(|| {
        let (health, alarm) = health();
        health.cool(at(1), cause(FailureClass::Timeout));
        let cools = Arc::clone(&health);
        let cools = thread::spawn(move || cools.cool(at(30), cause(FailureClass::Timeout)));
        let drains = Arc::clone(&health);
        let drains = thread::spawn(move || {
            drains.drain(true);
            drains.drain(false);
        });
        health.succeed(|| at(2));
        cools.join().unwrap();
        drains.join().unwrap();
        assert!(alarm.is_on() && !alarm.has_drained());
        health.succeed(|| at(30));
        assert!(!alarm.is_on());
        health.cool(at(40), cause(FailureClass::Timeout));
        assert!(alarm.is_on());
        drop(health);
        assert!(!alarm.is_on());
    });
}

#[test]
fn the_later_end_of_a_cooldown_stays() {
    loom::model(|| {
        let (health, _) = health();
        health.cool(at(1), cause(FailureClass::Timeout));
        let cools: Vec<_> = [30, 40]
            .map(|until| {
                let health = Arc::clone(&health);
                thread::spawn(move || health.cool(at(until), cause(FailureClass::RateLimited)))
            })
            .into();
        // May find the old one over and clear it.
        health.succeed(|| at(2));
        for thread in cools {
            thread.join().unwrap();
        }
        let until = at(40);
        let cause = cause(FailureClass::RateLimited);
        assert_eq!(health.cooling(), Some(Cooling { until, cause }));
        assert_eq!(health.admit(|| at(40)), Ok(Ticket::NONE));
        assert_eq!(health.cooling(), None);
    });
}

#[test]
fn there_is_one_probe_at_a_time() {
    loom::model(|| {
        let (health, _) = health();
        health.cool(at(1), cause(FailureClass::Timeout));
        let asks: Vec<_> = (0..2)
            .map(|_| {
                let health = Arc::clone(&health);
                thread::spawn(move || health.admit(|| at(2)).ok())
            })
            .collect();
        let tickets: Vec<Ticket> = asks
            .into_iter()
            .filter_map(|thread| thread.join().unwrap())
            .collect();
        assert_eq!(tickets.len(), 1);
        assert!(matches!(health.admission(|| at(2)), Admission::Closed(_)));
        health.end_probe(tickets[0]);
        assert!(health.admit(|| at(2)).is_ok_and(Ticket::is_probe));
    });
}

/// Two operators drain a target at once, and one of them lets it in again.
#[test]
fn a_target_is_drained_once_however_often() {
    loom::model(|| {
        let (health, alarm) = health();
        let drains: Vec<_> = (0..2)
            .map(|_| {
                let health = Arc::clone(&health);
                thread::spawn(move || health.drain(true))
            })
            .collect();
        for thread in drains {
            thread.join().unwrap();
        }
        assert!(health.is_drained() && alarm.has_drained() && alarm.is_on());
        health.drain(false);
        assert!(!alarm.has_drained() && !alarm.is_on());
    });
}
