"""The words in which tests say times: those of the shipped folder, in short."""

from __future__ import annotations

from agentbot.pipeline.hours.schedule import TimeWords, ZoneWords

WORDS = TimeWords(
    today="today at {time}",
    tomorrow="tomorrow at {time}",
    weekday="on {day} at {time}",
    later="on {date} {month} at {time}",
    next_year="on {date} {month} {year} at {time}",
    days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    week=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=tuple(str(month) for month in range(1, 13)),
    zones=ZoneWords("{city} time", {"CET": "CET", "CEST": "CEST", "UTC": "UTC"}),
)
