"""The text contains nothing that the platform of manual 000 calls SQL injection characters, for customers who moved from there.

We do not need this: texts reach the store as parameters. But their programs may expect the answer, so it exists, and
only for what no one writes to a handset: a whole statement, or a quote that breaks out of one. Words alone (select, drop,
union, --), apostrophes and semicolons pass.
source: manual 000, chapter 1; wire contract, 3.1
"""

import re

from hongyan.model.refusal import Code, Refusal
from hongyan.policy.admission.context import AdmissionContext

_STATEMENT = re.compile(
    r"""
      ['"][\s)]*(?:or|and)\s[\s(]* (['"]?)(\w+)\1 \s*=\s* ['"]?\2\b   # ' or '1'='1
    | ['"][\s)]*;\s*(?:--|\#|drop\b|delete\b|update\b|insert\b|exec\b)  # '; drop … and '; --
    | ;\s*(?:drop|truncate|alter)\s+(?:table|database)\s+\w
    | ;\s*(?:delete\s+from|insert\s+into)\s+\w
    | ;\s*exec(?:ute)?[\s(]+(?:xp|sp)_\w
    | \bunion\s+(?:all\s+)?select\s+[\w*'",(@\s]{1,200}?\bfrom\b
    """,
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)


def judge(context: AdmissionContext) -> None:
    """raises: Refusal CONTENT_SQL for a text that reads like an injected statement, if the account's platform refuses such
    texts
    """
    if not context.submission.refuses_sql:
        return
    text = context.text
    if ("'" in text or '"' in text or ";" in text or "union" in text.lower()) and _STATEMENT.search(text):
        raise Refusal(Code.CONTENT_SQL)
