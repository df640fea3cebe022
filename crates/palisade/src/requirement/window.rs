//! Time windows: days of the week, hours of the day, and from when until when; all in UTC.

use std::fmt;

use crate::clock::Timestamp;

const DAY: i64 = 86_400;
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are what they are called")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// When something is allowed, in UTC, to the second. A new one is always; each method narrows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeWindow {
    /// A bit for each day, Monday the lowest.
    days: u8,
    /// Minutes since midnight: from, and before.
    daily: Option<(u16, u16)>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl TimeWindow {
    /// At any time.
    pub const ALWAYS: Self = Self { days: 0b111_1111, daily: None, from: None, until: None };

    /// Each day from `from` to just before `until`, each as hour and minute. Where `until` is earlier than `from`, it is on
    /// the next day; the window then belongs to the day on which it begins.
    ///
    /// # Panics
    ///
    /// When an hour is above 23 or a minute above 59, or both moments are the same.
    #[track_caller]
    pub const fn daily(from: (u16, u16), until: (u16, u16)) -> Self {
        assert!(
            from.0 < 24 && until.0 < 24 && from.1 < 60 && until.1 < 60,
            "a time of day is 00:00 to 23:59"
        );
        let (from, until) = (from.0 * 60 + from.1, until.0 * 60 + until.1);
        assert!(from != until, "a window that ends when it begins: leave out the hours for all of the day");
        Self { daily: Some((from, until)), ..Self::ALWAYS }
    }

    /// Only on `days`.
    #[must_use]
    pub fn on(mut self, days: impl IntoIterator<Item = Weekday>) -> Self {
        self.days = days.into_iter().fold(0, |days, day| days | 1 << day as u8);
        self
    }

    /// From Monday to Friday.
    #[must_use]
    pub fn on_weekdays(mut self) -> Self {
        self.days = 0b001_1111;
        self
    }

    /// Not before `from`.
    #[must_use]
    pub fn from(mut self, from: Timestamp) -> Self {
        self.from = Some(from);
        self
    }

    /// Not at `until` or after it.
    #[must_use]
    pub fn until(mut self, until: Timestamp) -> Self {
        self.until = Some(until);
        self
    }

    /// Whether `now` is in the window.
    pub fn contains(&self, now: Timestamp) -> bool {
        let begun = self.from.is_none_or(|from| from <= now);
        let ended = self.until.is_some_and(|until| until <= now);
        begun && !ended && self.has_hour(now.as_unix())
    }

    /// Whether every moment of this window is one of `outer`. Of windows that end, what is left of the last day may count as
    /// outside.
    pub(crate) fn is_within(&self, outer: &Self) -> bool {
        const WEEK: i64 = 7 * 24 * 60;
        let begins = outer.from.is_none_or(|from| self.from.is_some_and(|own| from <= own));
        let ends = outer.until.is_none_or(|until| self.until.is_some_and(|own| own <= until));
        begins && ends && (0..WEEK).all(|minute| !self.has_hour(minute * 60) || outer.has_hour(minute * 60))
    }

    fn has_hour(&self, now: i64) -> bool {
        let (day, minute) = (now.div_euclid(DAY), now.rem_euclid(DAY) / 60);
        match self.daily {
            None => self.has_day(day),
            Some((from, until)) if from < until => {
                self.has_day(day) && (i64::from(from)..i64::from(until)).contains(&minute)
            }
            Some((from, until)) => {
                (minute >= i64::from(from) && self.has_day(day))
                    || (minute < i64::from(until) && self.has_day(day - 1))
            }
        }
    }

    /// Whether the day with this number is one of them. Day 0 was a Thursday.
    fn has_day(&self, day: i64) -> bool {
        self.days & (1 << (day + 3).rem_euclid(7)) != 0
    }
}

impl std::str::FromStr for TimeWindow {
    type Err = ();

    /// Reads what `Display` writes.
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut window = Self::ALWAYS;
        let mut words = text.split(' ');
        while let Some(word) = words.next() {
            let mut moment =
                || words.next().and_then(|text| text.parse().ok()).map(Timestamp::from_unix).ok_or(());
            match word {
                "always" if text == word => {}
                "mon-fri" => window.days = 0b001_1111,
                "never" => window.days = 0,
                "from" => window.from = Some(moment()?),
                "until" => window.until = Some(moment()?),
                hours if hours.contains(':') => window.daily = Some(daily(hours).ok_or(())?),
                days => window.days = of_names(days).ok_or(())?,
            }
        }
        if window.to_string() == text { Ok(window) } else { Err(()) }
    }
}

/// `08:00-18:00`
fn daily(text: &str) -> Option<(u16, u16)> {
    let minutes = |text: &str| {
        let (hour, minute) = text.split_once(':')?;
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        (hour < 24 && minute < 60).then(|| hour * 60 + minute)
    };
    let (from, until) = text.split_once('-')?;
    Some((minutes(from)?, minutes(until)?)).filter(|(from, until)| from != until)
}

/// `mon,wed`
fn of_names(text: &str) -> Option<u8> {
    text.split(',').try_fold(0, |days, name| {
        let at = DAYS.iter().position(|known| *known == name)?;
        Some(days | 1 << at)
    })
}

impl fmt::Display for TimeWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        match self.days {
            0b111_1111 => {}
            0b001_1111 => parts.push("mon-fri".to_owned()),
            0 => parts.push("never".to_owned()),
            days => {
                let named = DAYS.iter().enumerate().filter(|(at, _)| days & (1 << at) != 0);
                parts.push(named.map(|(_, name)| *name).collect::<Vec<_>>().join(","));
            }
        }
        if let Some((from, until)) = self.daily {
            let (from_hour, from_minute) = (from / 60, from % 60);
            parts.push(format!("{from_hour:02}:{from_minute:02}-{:02}:{:02}", until / 60, until % 60));
        }
        parts.extend(self.from.map(|from| format!("from {}", from.as_unix())));
        parts.extend(self.until.map(|until| format!("until {}", until.as_unix())));
        if parts.is_empty() {
            return f.write_str("always");
        }
        f.write_str(&parts.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-26, a Thursday, at this time.
    fn thursday(hour: i64, minute: i64, second: i64) -> Timestamp {
        Timestamp::from_unix(1_795_651_200 + hour * 3600 + minute * 60 + second)
    }

    #[test]
    fn office_hours_begin_and_end_to_the_second() {
        let office = TimeWindow::daily((8, 0), (18, 30)).on_weekdays();
        assert_eq!(office.to_string(), "mon-fri 08:00-18:30");
        assert!(!office.contains(thursday(7, 59, 59)) && office.contains(thursday(8, 0, 0)));
        assert!(office.contains(thursday(18, 29, 59)) && !office.contains(thursday(18, 30, 0)));
        let saturday = thursday(12 + 48, 0, 0);
        assert!(!office.contains(saturday), "a Saturday");
    }

    #[test]
    fn a_night_belongs_to_the_day_it_begins_on() {
        let night = TimeWindow::daily((22, 0), (6, 0)).on([Weekday::Thursday]);
        assert_eq!(night.to_string(), "thu 22:00-06:00");
        assert!(night.contains(thursday(23, 0, 0)) && night.contains(thursday(24 + 5, 59, 0)));
        assert!(!night.contains(thursday(5, 0, 0)), "that night began on Wednesday");
        assert!(!night.contains(thursday(24 + 23, 0, 0)), "a Friday");
    }

    #[test]
    fn what_is_printed_reads_back_and_nothing_else_does() {
        let windows = [
            TimeWindow::ALWAYS,
            TimeWindow::daily((8, 0), (18, 30)).on_weekdays(),
            TimeWindow::daily((22, 0), (6, 0)).on([Weekday::Monday, Weekday::Sunday]),
            TimeWindow::ALWAYS.on([]).from(thursday(0, 0, 0)).until(thursday(1, 0, 0)),
        ];
        for window in windows {
            assert_eq!(window.to_string().parse(), Ok(window));
        }
        for text in
            ["", "always mon-fri", "8:00-18:00", "08:00-08:00", "24:00-25:00", "mon,mon", "from", "until x"]
        {
            assert_eq!(text.parse::<TimeWindow>(), Err(()), "{text:?}");
        }
    }

    #[test]
    fn attack_a_lock_with_an_hour_too_large_for_a_sum_is_refused() {
        for text in ["60000:00-08:00", "08:00-65535:59", "08:65535-09:00", "1093:00-08:00"] {
            assert_eq!(text.parse::<TimeWindow>(), Err(()), "{text:?}");
        }
        // Moments at the ends of what can be written are compared, and not summed up.
        for text in [format!("from {}", i64::MIN), format!("until {}", i64::MAX)] {
            let window: TimeWindow = text.parse().unwrap();
            assert!(window.contains(thursday(0, 0, 0)) && window.is_within(&TimeWindow::ALWAYS), "{text}");
        }
    }

    #[test]
    fn a_window_is_within_one_that_has_all_its_moments() {
        let office = TimeWindow::daily((8, 0), (18, 0)).on_weekdays();
        let wider = [
            TimeWindow::daily((8, 0), (20, 0)).on_weekdays(),
            TimeWindow::daily((8, 0), (18, 0)),
            TimeWindow::ALWAYS,
        ];
        for wider in wider {
            assert!(office.is_within(&wider) && !wider.is_within(&office), "{wider}");
        }
        let (night, early) = (TimeWindow::daily((22, 0), (6, 0)), TimeWindow::daily((0, 0), (6, 0)));
        assert!(early.is_within(&night) && !night.is_within(&early));
        let until = office.until(thursday(0, 0, 0));
        assert!(until.is_within(&office) && !office.is_within(&until));
    }

    #[test]
    fn a_date_can_begin_and_end_it() {
        let window = TimeWindow::ALWAYS.from(thursday(1, 0, 0)).until(thursday(2, 0, 0));
        assert!(!window.contains(thursday(0, 59, 59)) && window.contains(thursday(1, 0, 0)));
        assert!(!window.contains(thursday(2, 0, 0)));
        assert_eq!(TimeWindow::ALWAYS.to_string(), "always");
        assert!(TimeWindow::ALWAYS.contains(Timestamp::from_unix(-1)));
    }
}
