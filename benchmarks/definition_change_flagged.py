"""Is a change of case definition flagged on its day, on exercises and on 12 February 2020, and what else is?"""

from __future__ import annotations

import datetime as dt

import exercises
import numpy as np
import real_data
from cost import measured, verdict

from bianque.drill import scenario
from bianque.predict import changepoint, growth, reproduction

SEEDS = tuple(range(7, 17))  # 7 is the one of `make demo`
FEB_12 = dt.date(2020, 2, 12)
SERIAL_INTERVAL = (7.5, 3.4)  # Li et al. 2020, N Engl J Med 382:1199


def main() -> None:
    day = scenario.DEFINITION_CHANGE_DAY
    flagged = {}
    print("seed  province  counties flagged  of the backlog  flagged on other days")
    for seed in SEEDS:
        known = exercises.seen(seed)
        with measured() as cost:
            flag = changepoint.definition_changes(known.new).flag
        backlog = known.exercise.feeds.backlog
        others = int(flag.sum() - flag[day].sum())
        share = backlog[flag[day, :-1]].sum() / backlog.sum()
        flagged[seed] = bool(flag[day, -1])
        word, counties = "flagged" if flagged[seed] else "missed", int(flag[day, :-1].sum())
        print(f"{seed:4}  {word:8}  {counties:16}  {share:14.0%}  {others:21}")
    print(
        f"{sum(flagged.values())} of {len(SEEDS)} exercises; a jump within what growth and clusters explain is missed"
    )
    print(f"one exercise: {cost}")
    if real_data.SURVEILLANCE.is_dir():
        holds = flagged[7] and china()
    else:
        holds = flagged[7]
        print("absent: no real data here; exercises alone")
    verdict(
        "Hubei's change of definition, and the one of the exercise of seed 7, flagged and not read as growth by Rt",
        holds,
    )


def china() -> bool:
    days, names, cumulative = real_data.provinces()
    mainland = real_data.mainland()
    national = np.array([[mainland.get(day, np.nan)] for day in days])
    new = growth.daily_new(np.concatenate([cumulative, national], axis=1))[0]
    with measured() as cost:
        flag = changepoint.definition_changes(new).flag
    listed = ", ".join(f"{days[t]} {[*names, 'mainland'][c]} +{new[t, c]:,.0f}" for t, c in np.argwhere(flag))
    print(f"China, January to April 2020, {new.size:,} region-days: {listed}; {cost}")
    weights = reproduction.serial_interval_weights(*SERIAL_INTERVAL)
    at, hubei = days.index(FEB_12), names.index("湖北省")
    with_it = reproduction.reproduction(new, weights).mean[at, hubei]
    without = reproduction.reproduction(changepoint.without(new, flag), weights).mean
    print(
        f"Rt of Hubei: {without[at - 1, hubei]:.2f} on 11 February, {without[at, hubei]:.2f} on the 12th; "
        f"{with_it:.2f} if the jump were read as growth"
    )
    return bool(flag[at, hubei]) and abs(without[at, hubei] / without[at - 1, hubei] - 1) < 0.15


if __name__ == "__main__":
    main()
