"""The text contains no words that are not allowed; of an MMS its subject and its texts."""

from hongyan.model.account import WordCheck
from hongyan.model.refusal import Code, Refusal
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.words import Hit
from hongyan.policy.admission.context import AdmissionContext

SHOWN_MOST = 10
"""The most different words that a refusal names."""


def judge(context: AdmissionContext) -> None:
    """Raises Refusal CONTENT_WORDS, which names the words as they were entered.

    The texts of some accounts are searched only if the request says checkcontent=1.
    """
    words, submission = context.snapshot.words, context.submission
    if words is None:
        return
    account = submission.account
    if not submission.asks_word_check and account.word_check is not WordCheck.ALWAYS:
        return
    for text in (context.text, *(submission.mms.texts if submission.mms else ())):
        if words.is_in(text, account.id):
            found = dict.fromkeys(hit.word for hit in words.find(text, account.id))
            raise Refusal(Code.CONTENT_WORDS, words="、".join(list(found)[:SHOWN_MOST]))


def words_in(snapshot: ConfigSnapshot, account_id: int, text: str) -> list[Hit]:
    """Returns every word in a text that holds for the account, with its place."""
    return snapshot.words.find(text, account_id) if snapshot.words is not None else []
