use super::*;

const PLAN: Plan = Plan { timeout_ms: CONNECT_MS, watchdog_ms: 0, retries: 0 };
/// Draws the longest pause there is: `back_off_ms` takes it modulo.
const MOST: u32 = 0;

fn wanted(plan: Plan, poll_ms: i64) -> Machine {
    let m = Machine::new();
    m.reset(1, poll_ms);
    m.want(1000, plan);
    m
}

/// Brings it up at `now`.
fn up(m: &Machine, now: i64) {
    assert_eq!(m.next(now, 0), Act::Connect);
    m.connected(now, Answer::Done, 0);
    assert_eq!(m.next(now, 0), Act::Address);
    m.addressed(now, true, 0);
    assert!(m.is_up());
}

#[test]
fn the_pauses_double_up_to_a_bound_and_half_of_each_is_drawn() {
    for (level, whole) in [(0, 500), (1, 1000), (2, 2000), (6, 32_000), (7, 60_000), (40, 60_000)] {
        let drawn: Vec<i64> = (0..=whole as u32).map(|r| back_off_ms(level, r)).collect();
        assert_eq!(drawn.iter().min(), Some(&(whole / 2)));
        assert_eq!(drawn.iter().max(), Some(&whole));
    }
}

#[test]
fn attempts_that_fail_are_further_and_further_apart() {
    let m = wanted(PLAN, 0);
    let mut now = 1000;
    for (n, pause) in [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000].into_iter().enumerate() {
        assert_eq!(m.due(), now);
        assert_eq!(m.next(now, MOST), Act::Connect);
        m.connected(now, Answer::Failed(Error::PERMISSION), MOST);
        assert_eq!(m.next(now, MOST), Act::Disconnect, "the driver forgets the attempt");
        assert_eq!((m.phase(), m.failures(), m.error()), (Phase::Resting, n as u32 + 1, Error::PERMISSION));
        assert_eq!(m.next(now + pause - 1, MOST), Act::None);
        now += pause;
    }
}

#[test]
fn it_gives_up_after_the_retries_and_begins_again_when_asked() {
    let m = wanted(Plan { retries: 2, ..PLAN }, 0);
    let mut now = 1000;
    for phase in [Phase::Resting, Phase::Failed] {
        assert_eq!(m.next(now, 0), Act::Connect);
        m.connected(now, Answer::Failed(Error::IO), 0);
        assert_eq!(m.next(now, 0), Act::Disconnect);
        assert_eq!(m.phase(), phase);
        now += 1000;
    }
    assert_eq!((m.due(), m.is_wanted(), m.error()), (0, false, Error::IO));
    assert_eq!(m.next(now + 1_000_000, 0), Act::None);
    // It may still come by itself.
    m.told(now, true, 0);
    assert_eq!(m.next(now, 0), Act::Address);
    m.addressed(now, true, 0);
    assert!(m.is_up());
    m.want(now, PLAN);
    assert_eq!((m.is_up(), m.failures()), (false, 0));
    up(&m, now);
}

#[test]
fn an_attempt_has_its_time_the_address_included() {
    for answer in [Answer::Pending, Answer::Done] {
        let m = wanted(PLAN, 0);
        assert_eq!(m.next(1000, 0), Act::Connect);
        m.connected(1000, answer, 0);
        let mut asked = 0;
        loop {
            let now = m.due();
            match m.next(now, 0) {
                Act::Address => asked += 1,
                Act::Disconnect => {
                    assert_eq!(now, 1000 + CONNECT_MS);
                    break;
                }
                act => panic!("{act:?} at {now}"),
            }
            m.addressed(now, false, 0);
        }
        assert_eq!(asked, if answer == Answer::Done { CONNECT_MS / ADDRESS_MS } else { 0 });
        assert_eq!((m.phase(), m.error()), (Phase::Resting, Error::TIMEOUT));
    }
    // One that comes back early is called again, not at once.
    let m = wanted(PLAN, 0);
    assert_eq!(m.next(1000, 0), Act::Connect);
    m.connected(1050, Answer::Again, 0);
    assert_eq!(m.next(1050 + AGAIN_MS - 1, 0), Act::None);
    assert_eq!(m.next(1050 + AGAIN_MS, 0), Act::Connect);
}

#[test]
fn a_pending_attempt_ends_when_the_device_tells() {
    let m = wanted(PLAN, 0);
    assert_eq!(m.next(1000, 0), Act::Connect);
    m.connected(1000, Answer::Pending, 0);
    m.told(3000, false, 0); // not yet
    assert_eq!(m.phase(), Phase::Connecting);
    m.told(4000, true, 0);
    assert_eq!(m.next(4000, 0), Act::Address);
    m.addressed(4000, false, 0);
    assert_eq!(m.due(), 4000 + ADDRESS_MS);
    m.told(4050, true, 0); // it says again, now that it has one
    assert_eq!(m.next(4050, 0), Act::Address);
    m.addressed(4050, true, 0);
    assert_eq!((m.is_up(), m.due()), (true, 0));
}

#[test]
fn a_loss_is_made_good_and_only_a_stable_link_begins_its_pauses_anew() {
    let m = wanted(PLAN, 0);
    up(&m, 1000);
    let mut now = 1000;
    for (lasts, pause) in [(9_999, 250), (100, 500), (0, 1000), (STABLE_MS, 250), (1, 500)] {
        now += lasts;
        m.told(now, false, MOST);
        assert_eq!((m.phase(), m.error()), (Phase::Resting, Error::NET_DOWN));
        assert_eq!(m.due(), now + pause, "{lasts}");
        now += pause;
        up(&m, now);
    }
    // It may be back before the next attempt.
    m.told(now, false, MOST);
    m.told(now + 10, true, MOST);
    assert_eq!(m.next(now + 10, 0), Act::Address);
    m.addressed(now + 10, true, 0);
    assert!(m.is_up());
}

#[test]
fn a_link_that_nobody_asked_for_follows_the_device() {
    let m = Machine::new();
    m.reset(1, 0);
    assert_eq!((m.phase(), m.due()), (Phase::Idle, 0));
    m.told(5, true, 0);
    assert_eq!(m.next(5, 0), Act::Address);
    m.addressed(5, false, 0);
    // No attempt, so no end of it.
    assert_eq!(m.next(5 + 100 * CONNECT_MS, 0), Act::Address);
    m.addressed(2_000_000, true, 0);
    assert!(m.is_up());
    m.told(2_000_001, false, 0);
    assert_eq!((m.phase(), m.due()), (Phase::Idle, 0));
}

#[test]
fn taken_down_it_stays_down() {
    let m = wanted(PLAN, 100);
    up(&m, 1000);
    m.unwant();
    assert_eq!((m.phase(), m.error()), (Phase::Idle, Error::NET_DOWN));
    assert_eq!(m.next(1000, 0), Act::Disconnect);
    m.told(1001, true, 0);
    m.connected(1001, Answer::Done, 0);
    m.addressed(1001, true, 0);
    assert_eq!((m.phase(), m.due()), (Phase::Idle, 0));
    assert_eq!(m.next(1_000_000, 0), Act::None);
    m.want(1_000_000, PLAN);
    up(&m, 1_000_000);
}

#[test]
fn the_watchdog_looks_while_it_is_up() {
    let m = wanted(Plan { watchdog_ms: 3000, ..PLAN }, 0);
    up(&m, 1000);
    assert_eq!(m.due(), 4000);
    assert_eq!(m.next(3999, 0), Act::None);
    assert_eq!(m.next(4000, 0), Act::Check);
    m.checked(4000, Ok(true), 0);
    assert_eq!((m.is_up(), m.due()), (true, 7000));
    // Out of order: it is told to disconnect, and connected again.
    assert_eq!(m.next(7000, 0), Act::Check);
    m.checked(7000, Err(Error::IO), MOST);
    assert_eq!((m.phase(), m.error()), (Phase::Resting, Error::IO));
    assert_eq!(m.next(7000, 0), Act::Disconnect);
    assert_eq!(m.due(), 7250);
    up(&m, 7250);
    // Gone without a word.
    assert_eq!(m.next(10_250, 0), Act::Check);
    m.checked(10_250, Ok(false), MOST);
    assert_eq!((m.phase(), m.error()), (Phase::Resting, Error::NET_DOWN));
    up(&m, m.due());
    // Without an address it is not usable, but connected: it gets the time of an attempt for another.
    let now = m.due();
    assert_eq!(m.next(now, 0), Act::Check);
    m.checked(now, Ok(true), 0);
    m.addressed(now, false, 0);
    assert_eq!((m.phase(), m.error()), (Phase::Addressing, Error::ADDR_NOT_AVAILABLE));
    m.told(now + 50, true, 0);
    assert_eq!(m.next(now + 50, 0), Act::Address);
    m.addressed(now + 50, true, 0);
    assert!(m.is_up());
}

#[test]
fn a_device_that_cannot_tell_is_asked() {
    let m = Machine::new();
    m.reset(1000, 100);
    for (now, state, want) in
        [(1100, false, Phase::Idle), (1200, true, Phase::Addressing), (1300, false, Phase::Idle)]
    {
        assert_eq!(m.due(), now);
        assert_eq!(m.next(now, 0), Act::Check);
        m.checked(now, Ok(state), 0);
        assert_eq!(m.phase(), want);
        if state {
            assert_eq!(m.next(now, 0), Act::Address);
            m.addressed(now, false, 0);
            assert_eq!(m.next(now + 50, 0), Act::None);
        }
    }
}
