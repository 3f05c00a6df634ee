"""The keyword check: whether a text would be refused for its words, without sending it."""

from hongyan.model.account import Account
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.policy.admission.words import words_in
from hongyan.policy.content import clean_text
from hongyan.policy.segments import count_segments


def has_keywords(snapshot: ConfigSnapshot, account: Account, text: str) -> bool:
    """Returns whether a text that could be sent contains words that are not allowed to the account.

    raises: Refusal CONTENT_EMPTY, CONTENT_LONG, PARAMETER_BAD
    """
    text = clean_text(text)
    count_segments(text)
    return bool(words_in(snapshot, account.id, text))
