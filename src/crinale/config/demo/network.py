"""The demonstration network as data: four nodes, eight bodies, their areas, offices and clerks.

The booklet of the Comunità Montana Colline Metallifere (2009) tells which node (NAL) served which body: its
own node the union and Massa Marittima, the node of the Provincia di Grosseto three member towns, the node of
Piombino the town of Sassetta, with the regional centre (TIX) between them. The names and the division are
those; the rest (offices, people, mail addresses) is invented. IPA codes of the towns are `c_` and the
cadastral code, as IPA forms them; the codes of the registry areas have the shape of `Codice_uni_aoo`: an "A"
and six characters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from crinale.config.demo.outside import CORRESPONDENTS

HUB = "tix"


@dataclass(frozen=True)
class OfficePlan:
    """An office of a registry area; `code` is unique in the body."""

    code: str
    name: str


@dataclass(frozen=True)
class BodyPlan:
    """A public body with its one registry area, as the demonstration loads it.

    `key` is the body's name in the booklet's data; `members` are keys, with `member_since` for all of them.
    """

    key: str
    ipa_code: str
    name: str
    kind: str
    aoo_code: str
    istat_code: str
    patron_day: str
    clerk_first_name: str
    clerk_last_name: str
    union: bool = False
    members: tuple[str, ...] = ()
    member_since: date = date(2001, 1, 1)
    offices: tuple[OfficePlan, ...] = field(default=())

    @property
    def aoo_name(self) -> str:
        """The area covers the whole body, and says so."""
        return f"Protocollo generale, {self.name}"

    @property
    def mail(self) -> str:
        """The certified mailbox of its area, under a name reserved for examples (RFC 2606)."""
        kind, _, place = self.key.partition("-")
        return f"protocollo@pec.{kind}.{place.replace('-', '')}.example"

    @property
    def clerk_username(self) -> str:
        """The sign-in name of the body's protocol clerk."""
        return f"{self.clerk_first_name}.{self.clerk_last_name}".lower().replace(" ", "").replace("'", "")


@dataclass(frozen=True)
class NodePlan:
    """A node and the bodies that it serves."""

    name: str
    title: str
    bodies: tuple[BodyPlan, ...]

    @property
    def is_hub(self) -> bool:
        """The hub keeps the shared index of registry areas and serves no body."""
        return self.name == HUB


TOWN_OFFICES = (
    OfficePlan("PROT", "Ufficio protocollo e archivio"),
    OfficePlan("SEGR", "Segreteria generale"),
    OfficePlan("DEMO", "Servizi demografici"),
    OfficePlan("RAGI", "Ragioneria e tributi"),
    OfficePlan("TECN", "Ufficio tecnico"),
    OfficePlan("POLI", "Polizia municipale"),
)

UNION = BodyPlan(
    key="cm-colline-metallifere",
    ipa_code="uc_cmet",
    name="Unione di Comuni Montana Colline Metallifere",
    kind="union",
    aoo_code="AUCCM01",
    istat_code="",
    patron_day="10-10",
    clerk_first_name="Lucia",
    clerk_last_name="Bargagli",
    union=True,
    members=(
        "comune-massa-marittima",
        "comune-monterotondo-marittimo",
        "comune-montieri",
        "comune-roccastrada",
        "comune-sassetta",
    ),
    offices=(
        OfficePlan("PROT", "Protocollo e archivio dell'Unione"),
        OfficePlan("SUAP", "Sportello unico delle attività produttive"),
        OfficePlan("FORE", "Foreste, bonifica e difesa del suolo"),
        OfficePlan("SOCI", "Servizi sociali associati"),
        OfficePlan("INFO", "Sistemi informativi associati"),
    ),
)

MASSA_MARITTIMA = BodyPlan(
    key="comune-massa-marittima",
    ipa_code="c_f032",
    name="Comune di Massa Marittima",
    kind="municipality",
    aoo_code="AF03201",
    istat_code="053015",
    patron_day="10-10",
    clerk_first_name="Elena",
    clerk_last_name="Cerboni",
    offices=TOWN_OFFICES,
)

PROVINCE = BodyPlan(
    key="provincia-grosseto",
    ipa_code="p_gr",
    name="Provincia di Grosseto",
    kind="province",
    aoo_code="APGR001",
    istat_code="",
    patron_day="08-10",
    clerk_first_name="Marco",
    clerk_last_name="Ombroni",
    offices=(
        OfficePlan("PROT", "Protocollo generale"),
        OfficePlan("AMBI", "Ambiente"),
        OfficePlan("VIAB", "Viabilità"),
        OfficePlan("TRAS", "Trasporti"),
    ),
)

MONTEROTONDO_MARITTIMO = BodyPlan(
    key="comune-monterotondo-marittimo",
    ipa_code="c_f612",
    name="Comune di Monterotondo Marittimo",
    kind="municipality",
    aoo_code="AF61201",
    istat_code="053027",
    patron_day="08-10",
    clerk_first_name="Paolo",
    clerk_last_name="Lagoni",
    offices=TOWN_OFFICES,
)

MONTIERI = BodyPlan(
    key="comune-montieri",
    ipa_code="c_f677",
    name="Comune di Montieri",
    kind="municipality",
    aoo_code="AF67701",
    istat_code="053017",
    patron_day="12-28",
    clerk_first_name="Giada",
    clerk_last_name="Papocchi",
    offices=TOWN_OFFICES,
)

ROCCASTRADA = BodyPlan(
    key="comune-roccastrada",
    ipa_code="c_h449",
    name="Comune di Roccastrada",
    kind="municipality",
    aoo_code="AH44901",
    istat_code="053021",
    patron_day="12-06",
    clerk_first_name="Nicola",
    clerk_last_name="Sassofortini",
    offices=TOWN_OFFICES,
)

PIOMBINO = BodyPlan(
    key="comune-piombino",
    ipa_code="c_g687",
    name="Comune di Piombino",
    kind="municipality",
    aoo_code="AG68701",
    istat_code="049012",
    patron_day="05-08",
    clerk_first_name="Anastasia",
    clerk_last_name="Baratti",
    offices=TOWN_OFFICES,
)

SASSETTA = BodyPlan(
    key="comune-sassetta",
    ipa_code="c_i454",
    name="Comune di Sassetta",
    kind="municipality",
    aoo_code="AI45401",
    istat_code="049019",
    patron_day="11-30",
    clerk_first_name="Andrea",
    clerk_last_name="Lodani",
    offices=TOWN_OFFICES,
)

NODES = (
    NodePlan(HUB, "Centro regionale (TIX)", ()),
    NodePlan("nal-colline-metallifere", "Nodo dell'Unione Colline Metallifere", (UNION, MASSA_MARITTIMA)),
    NodePlan(
        "nal-provincia-grosseto",
        "Nodo della Provincia di Grosseto",
        (PROVINCE, MONTEROTONDO_MARITTIMO, MONTIERI, ROCCASTRADA),
    ),
    NodePlan("nal-piombino", "Nodo del Comune di Piombino", (PIOMBINO, SASSETTA)),
)

# The clerk of the union who helps the member towns under the associated service, by dated grants: one on each
# node that serves a member, because people belong to a node.
UNION_CLERK_FIRST_NAME = "Sara"
UNION_CLERK_LAST_NAME = "Metalli"
UNION_CLERK_USERNAME = "sara.metalli"
ASSOCIATED_SERVICE_SINCE = date(2012, 1, 1)

SENDER = MASSA_MARITTIMA
RECIPIENT = SASSETTA


# The domains of certified mail: that of the provider first, then those of the bodies and of people outside.
PEC_DOMAINS = tuple(
    dict.fromkeys(
        address.partition("@")[2]
        for address in (
            "posta-certificata@pec.example",
            *(body.mail for plan in NODES for body in plan.bodies),
            *(one.address for one in CORRESPONDENTS if one.certified),
        )
    )
)


def node(name: str) -> NodePlan:
    """The plan of one node; KeyError for a name that the network does not have."""
    for plan in NODES:
        if plan.name == name:
            return plan
    raise KeyError(name)


def bodies() -> tuple[BodyPlan, ...]:
    """All bodies, node by node."""
    return tuple(body for plan in NODES for body in plan.bodies)


def bodies_of_union_clerk(plan: NodePlan) -> tuple[BodyPlan, ...]:
    """The bodies of a node for which the clerk of the union works: the union and its members."""
    return tuple(body for body in plan.bodies if body.union or body.key in UNION.members)


def node_of_area(aoo_code: str) -> NodePlan:
    """The node that serves a registry area; KeyError for an area outside the network."""
    for plan in NODES:
        if any(body.aoo_code == aoo_code for body in plan.bodies):
            return plan
    raise KeyError(aoo_code)
