"""Ages: reads an age as people write it (`26h`, `730d`), and writes one for people to read."""

from __future__ import annotations

import datetime as dt
import re

from ds_bridge.errors import ConfigurationError

_UNITS = {"m": dt.timedelta(minutes=1), "h": dt.timedelta(hours=1), "d": dt.timedelta(days=1)}
_AGE = re.compile(r"([0-9]{1,6})([mhd])")
_LONGEST = dt.timedelta(days=36_500)


def parse_age(text: str, option: str) -> dt.timedelta:
    """`90m`, `26h` or `730d`. Raises ConfigurationError naming the option."""
    match = _AGE.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise ConfigurationError(f"{option} {text!r} is not an age: write a number and m, h or d, like 26h")
    age = int(match[1]) * _UNITS[match[2]]
    if age > _LONGEST:
        raise ConfigurationError(
            f"{option} {text!r} is longer than any store is old: {_LONGEST.days}d at most"
        )
    return age


def describe_age(age: dt.timedelta) -> str:
    """The age in its two largest units: `2 d 3 h`, `26 min`, `12 s`."""
    seconds = max(int(age.total_seconds()), 0)
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min" if minutes else f"{seconds} s"
