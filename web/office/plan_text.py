"""What the case keeps of a plan beside its text: by which rule set and which decision rule it judges.

The bench has read and checked the whole text; here only two names are looked up in it.
"""

from __future__ import annotations

import tomllib

_RULE_SET, _DECISION_RULE = "jjg596-2012", "simple"
"""Where a plan names none (`bench/plans/plan.py`)."""


def rule_set_of(plan_toml: str) -> str:
    return str(tomllib.loads(plan_toml).get("rule_set", _RULE_SET))


def decision_rule_of(plan_toml: str) -> str:
    return str(tomllib.loads(plan_toml).get("decision_rule", _DECISION_RULE))
