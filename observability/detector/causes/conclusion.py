"""How rules compete: by confidence, never by their place. A losing rule becomes a candidate."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from observability.detector.causes.candidates import candidates, ruled_out
from observability.detector.causes.facts import Facts
from observability.detector.causes.filling import filled
from observability.detector.incidents import Candidate, Cause, CauseCode, RuledOut

Rule = Callable[[Facts], Cause | None]
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The cause, what else may be (with what would confirm it), and what cannot be (with why)."""

    cause: Cause
    candidates: tuple[Candidate, ...]
    ruled_out: tuple[RuledOut, ...]


def runbook_of(code: CauseCode) -> str:
    """Return the runbook's path in the checkout; it is package data, read by observability/runbooks.py."""
    return f"alerts/runbooks/{code}.md"


def conclude_by(rules: tuple[Rule, ...]) -> Callable[[Facts], Conclusion]:
    """Return the function that asks all rules and lets the surest win; equal ones: the first by its code's name."""

    def conclude(facts: Facts) -> Conclusion:
        """Return what the evidence says. Pure; the order of the evidence does not matter but for indexes."""
        found = sorted((cause for rule in rules if (cause := rule(facts))), key=lambda c: (-c.confidence, c.code))
        winner, losers = found[0], found[1:]
        known: set[CauseCode] = {cause.code for cause in found}
        cannot = ruled_out(facts, known - {"other"})
        out = known | {no.code for no in cannot}
        lost = tuple(_candidate(cause) for cause in losers if cause.code != "other")
        return Conclusion(
            cause=_finished(winner, facts),
            candidates=_filled((lost + candidates(facts, out))[:_SHOWN], facts) if _unsure(winner) or lost else (),
            ruled_out=cannot,
        )

    return conclude


def _filled(found: tuple[Candidate, ...], facts: Facts) -> tuple[Candidate, ...]:
    return tuple(replace(one, confirm_with=filled((one.confirm_with,), facts)[0]) for one in found)


def _finished(cause: Cause, facts: Facts) -> Cause:
    steps = filled(dict.fromkeys(step for step in cause.next_steps if step), facts)
    return replace(cause, confidence=round(cause.confidence, 2), next_steps=steps, runbook=runbook_of(cause.code))


def _candidate(cause: Cause) -> Candidate:
    return Candidate(
        cause.code, round(cause.confidence * 0.6, 2), cause.next_steps[0] if cause.next_steps else cause.summary
    )


def _unsure(cause: Cause) -> bool:
    return cause.code == "other" or cause.confidence < 0.95
