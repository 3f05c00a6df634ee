"""Whether a text holds words that are not allowed."""

from hongyan.model.account import Account, WordCheck
from hongyan.model.refusal import Code, Refusal
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.words import Hit

SHOWN_MOST = 10
"""Different words that a refusal names."""


def check_words(snapshot: ConfigSnapshot, account: Account, text: str, *, is_asked: bool) -> None:
    """Raise Refusal CONTENT_WORDS, which names the words as they were entered.

    is_asked: the request says checkcontent=1; some accounts' texts are looked through only then
    """
    if snapshot.words is None or not (is_asked or account.word_check is WordCheck.ALWAYS):
        return
    if snapshot.words.is_in(text, account.id):
        found = dict.fromkeys(hit.word for hit in snapshot.words.find(text, account.id))
        raise Refusal(Code.CONTENT_WORDS, words="、".join(list(found)[:SHOWN_MOST]))


def words_in(snapshot: ConfigSnapshot, account_id: int, text: str) -> list[Hit]:
    """Every word that stands in a text and holds for the account, where it stands."""
    return snapshot.words.find(text, account_id) if snapshot.words is not None else []
