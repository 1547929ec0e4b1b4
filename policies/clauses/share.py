"""Share: one party's claim to what a leg of the split owes it, less what was settled to it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from policies.clauses.core import Clause, Effect, Remedy
from policies.fields import Account, Name


class Share(Clause):
    """The holder may claim `due.LEG - settled.LEG` over the orders of a case, from the named account."""

    kind: Literal["share"]
    leg: Name
    from_: Account = Field(alias="from")
    to: Account

    @property
    def computed(self) -> bool:
        """A share is computed: its remedy is written by the expansion."""
        return True

    def core(self) -> Clause:
        """Expand to a clause that awards what is still due on the leg."""
        owed = Remedy.model_validate(
            {
                "kind": self.leg,
                "from": self.from_,
                "to": self.to,
                "amount": f"max(0, due.{self.leg} - settled.{self.leg})",
            }
        )
        recomputed = Effect.model_validate(
            {
                "id": "recomputed_split",
                "text": {
                    "zh": f"随裁决附上按本条（第 {self.id} 条）重新计算的分佣顺序",
                    "en": f"The split recomputed under this clause ({self.id}) goes with the decision",
                },
            }
        )
        shared = self.model_dump(by_alias=True, exclude={"leg", "from_", "to", "kind"})
        shared["remedies"] = (*self.remedies, owed)
        shared["effects"] = (*self.effects, recomputed)
        return Clause(kind=self.kind, **shared)
