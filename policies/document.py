"""The shape of an agreement document: parties, facts, clauses, tests. Structure only, meaning elsewhere."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    SerializeAsAny,
    Tag,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from policies.acceptance import AcceptedFinding
from policies.clauses import KINDS, Clause
from policies.clauses.attribution import Attribution
from policies.clauses.clearing import Clearing
from policies.clauses.commission import Commission
from policies.clauses.data_grant import DataGrant
from policies.clauses.dispute_process import DisputeProcess
from policies.clauses.payout import Payout
from policies.clauses.returns import Returns
from policies.clauses.templates import Templated, is_templated, template_model
from policies.decisions.case_file import CaseFile
from policies.fields import (
    Currency,
    Day,
    FactName,
    Formula,
    Identifier,
    Model,
    Name,
    Signer,
    TaxId,
    WholeNumber,
    Words,
    read_whole_number,
)
from policies.packs.pack import PackPin
from policies.tables import Key, TableTerms
from policies.versions.transition import Opening, Supersedes

Role = Literal["platform", "streamer", "mcn", "merchant", "leader", "arbiter", "auditor"]
Stage = Literal["initial", "deep_binding", "strategic_alliance", "full_integration"]
OperatingModel = Literal["platform", "self_operated", "alliance", "cross_border"]
FactType = Literal["money", "rate", "count", "bool", "text", "enum", "date", "instant"]


class Party(Model):
    """Who signs. `id` is the party's identity across agreements; without it the signer's address is.

    `tax_id` is a company's taxpayer's number, to which invoices for it are made out.
    """

    role: Role
    name: Words
    id: Identifier | None = None
    signer: Signer | None = None
    service_address: str | None = Field(default=None, max_length=200)
    tax_id: TaxId | None = None


class PayeeClass(Model):
    """People who are paid under the document without signing it, such as buyers."""

    name: Words


class Fact(Model):
    """A declared fact: its type, what it is a fact of, its value when a file is silent, and its words.

    `of` is `order`, `case` or a set of events that the document declares; an enum has `options`.
    """

    type: FactType
    of: Name
    text: Words
    default: str | None = None
    options: Annotated[tuple[Key, ...], Field(min_length=1, max_length=100)] | None = None

    @model_validator(mode="after")
    def _options_of_an_enum(self) -> Fact:
        if (self.type == "enum") != (self.options is not None):
            raise ValueError("an enum has 'options', and no other type does")
        return self


class EventSet(Model):
    """A set of rows that a case may give besides its orders, such as listings, and its words."""

    text: Words


class Link(Model):
    """Another agreement that this one names, by id and version; `sha256` pins the bytes that were signed.

    `accepted_rules` are rules that its parties accept, `frame` is the agreement it is made under, and
    `feeds` is one that brings its whole.
    """

    agreement: Identifier
    version: Annotated[WholeNumber, Field(ge=1)]
    as_: Literal["accepted_rules", "frame", "feeds"] = Field(alias="as")
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None

    @property
    def ref(self) -> str:
        """The version it names: `platform-rules@3`."""
        return f"{self.agreement}@{self.version}"


class DocumentTest(Model):
    """Facts of one order and the legs that the split must give, or a case and what must be decided of it.

    Of a split `expect` names legs, pools and the `whole`; of a case `outcome`, `amount`, `awarded.KIND`,
    `effect.ID` and `review`. Amounts are in major units.
    """

    name: str = Field(min_length=1, max_length=200)
    given: dict[FactName, str] = Field(default_factory=dict)
    case: CaseFile | None = None
    expect: dict[FactName, str] = Field(min_length=1)

    @model_validator(mode="after")
    def _order_or_case(self) -> DocumentTest:
        if self.case is not None and self.given:
            raise ValueError("a test gives either facts of one order ('given') or a 'case', not both")
        if self.case is None and "given" not in self.model_fields_set:
            raise ValueError("a test gives facts of one order ('given') or a 'case'")
        return self


def clause_kind(value: Any) -> str:
    """Return what reads a clause: a model by its kind, a kind's file ("templated"), else "core"."""
    if isinstance(value, Templated) or is_templated(value):
        return "templated"
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return kind if isinstance(kind, str) and kind in KINDS else "core"


def _templated(value: Any, _: ValidatorFunctionWrapHandler) -> Clause:
    """Read a clause by the model of its kind; what that refuses is refused at its own place inside."""
    return value if isinstance(value, Templated) else template_model(value["kind"]).model_validate(value)


AnyClause = Annotated[
    Annotated[Attribution, Tag("attribution")]
    | Annotated[Clearing, Tag("clearing")]
    | Annotated[Commission, Tag("commission")]
    | Annotated[DataGrant, Tag("data_grant")]
    | Annotated[DisputeProcess, Tag("dispute_process")]
    | Annotated[Payout, Tag("payout")]
    | Annotated[Returns, Tag("returns")]
    | Annotated[SerializeAsAny[Clause], WrapValidator(_templated), Tag("templated")]
    | Annotated[Clause, Tag("core")],
    Discriminator(clause_kind),
]


class Document(Model):
    """An agreement document, `language: 1`. Every field is part of what is signed."""

    language: Annotated[Literal[1], BeforeValidator(read_whole_number)]
    agreement: Identifier
    version: Annotated[WholeNumber, Field(ge=1)]
    title: Words
    supersedes: Supersedes | None = None
    links: tuple[Link, ...] | None = Field(default=None, min_length=1, max_length=20)
    effective_from: Day
    currency: Currency
    time_zone: str
    prevailing_language: Literal["zh", "en"]
    prevailing_source: str | None = Field(default=None, max_length=100)
    stage: Stage
    model: OperatingModel
    jurisdiction: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    parties: dict[Name, Party] = Field(min_length=1, max_length=16)
    payees: dict[Name, PayeeClass] = Field(default_factory=dict)
    facts: dict[FactName, Fact] = Field(default_factory=dict)
    clauses: tuple[AnyClause, ...] = Field(min_length=1, max_length=200)
    tests: tuple[DocumentTest, ...] = ()

    @property
    def split_tests(self) -> tuple[DocumentTest, ...]:
        """The tests that give one order and expect its split."""
        return tuple(test for test in self.tests if test.case is None)

    order_facts_where: tuple[Formula, ...] = ()
    packs: tuple[PackPin, ...] | None = Field(default=None, max_length=32)
    events: dict[Name, EventSet] | None = None
    tables: dict[Name, TableTerms] | None = None
    calendar: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    accepted_findings: tuple[AcceptedFinding, ...] | None = Field(default=None, min_length=1, max_length=100)
    opening: Opening | None = None
