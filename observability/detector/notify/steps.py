"""Which channels are told of everything, and which only when nobody acknowledges a page."""

from collections.abc import Sequence

from observability.config import Invalid, SettingsError
from observability.detector.notify.channel import AT_ONCE, Channel


def usual(channels: Sequence[Channel], steps: Sequence[str]) -> tuple[Channel, ...]:
    """Return the channels that are no step of an escalation. Raises SettingsError where a step is none of the channels."""
    names = [channel.name for channel in channels]
    others = tuple(channel for channel in channels if channel.name not in steps)
    wrong = [Invalid(f"ESCALATE_TO={name}", "no such channel", f"There are {', '.join(names) or 'none'}")
             for name in steps if name not in names]  # fmt: skip
    if steps and not others and not wrong:
        remedy = "Set up a channel beside it that is told first"
        wrong = [Invalid(f"ESCALATE_TO={','.join(steps)}", "no channel is left for the first page", remedy)]
    unfit = ((channel.name, why) for channel in channels if channel.name in steps and (why := _unfit(channel)))
    wrong += [Invalid(f"ESCALATE_TO={name}", why, "Name another channel") for name, why in unfit]
    if wrong:
        raise SettingsError(tuple(wrong))
    return others


def _unfit(channel: Channel) -> str:
    if channel.refresh_s is not None:
        return "it is told of all that is open, again and again, not only of what was escalated"
    return "" if channel.patience == AT_ONCE else "it is the fallback, which is silent about what others have taken"
