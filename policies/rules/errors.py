"""What the rules refuse, as one tree; not the matching itself.

PolicyError
├─ FactError            a fact the rules cannot hold (policies.errors, "fact.unusable")
├─ RulesRejected        rules that cannot be used as written
├─ RulesBeyondLimit     rules or facts larger than the engines are trusted with
├─ EngineFailed         durable-rules failed or did something that it must not do
└─ EnginesDisagree      the two engines found different firings: the decision stops and a person looks
"""

from __future__ import annotations

from policies.errors import PolicyError


class RulesRejected(PolicyError):
    """A rule, pattern or condition that cannot be used as written."""

    code = "rules.unusable"


class RulesBeyondLimit(PolicyError):
    """Rules or facts beyond a limit under which both engines are known to be right."""

    code = "rules.beyond-limit"


class EngineFailed(PolicyError):
    """durable-rules could not be loaded, reported a fault, or broke a promise the adapter relies on."""

    code = "rules.engine-failed"


class EnginesDisagree(PolicyError):
    """The engines found different firings; `data` holds both, as `reference` and `durable`."""

    code = "rules.engines-disagree"
