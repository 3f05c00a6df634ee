"""Words that texts may not hold: how a text is read for them, and the table in which they are looked up.

A text is read plain: full-width forms, case, accents, circled and styled letters are folded to the plain character, and
everything that is neither letter nor digit (marks, blanks, invisible characters, emoji) is left out. So 梁*山, 梁 山 and
梁山 are one word, ＶＩＰ and vip another. Letters are folded one by one, so that a place in the plain text leads back to the
text as it was written.
"""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from hongyan.model.fields import Kind

EVERYBODY = 0
"""The account id of words that hold for all accounts."""

LETTERS_MOST = 64
"""Of one word."""

RECENT_MOST = 5_000
"""Words that changed since the large automaton was built; more, and it is built again.

To build one of 100,000 words takes half a second in which nothing else in the process runs, one of 5,000 takes 15 ms.
"""

_BMP = 0x10000


class _Folding(dict[int, str]):
    """Code point → its plain characters, worked out when it is first met; those beyond 65,535 are not kept."""

    def __missing__(self, code: int) -> str:
        folded = unicodedata.normalize("NFKD", chr(code)).casefold()
        plain = "".join(filter(str.isalnum, folded))
        if code < _BMP:
            self[code] = plain
        return plain


_FOLDING = _Folding()


def plain(text: str) -> str:
    """The text as words are looked for in it."""
    return text.translate(_FOLDING)


def _read_word(text: str) -> str:
    word = text.strip()
    if not plain(word) or len(word) > LETTERS_MOST or not word.isprintable():
        raise ValueError(text)
    return word


WORD = Kind("give 1 to {most} characters, among them a letter or a digit", _read_word, facts={"most": LETTERS_MOST})


def places_of(text: str) -> list[int]:
    """For every character of `plain(text)` the place in the text of the character that it came from."""
    return [place for place, char in enumerate(text) for _ in _FOLDING[ord(char)]]


class Word(NamedTuple):
    """One row of the table."""

    account_id: int  # EVERYBODY, or the one account for which it holds
    plain: str
    text: str  # as it was entered


class Hit(NamedTuple):
    """A word that stands in a text at `text[start:end]`, marks inside included."""

    word: str
    start: int
    end: int


class _Automaton:
    """The plain words of one generation, searched all at once."""

    __slots__ = ("_automaton", "plains")

    def __init__(self, plains: Iterable[str]) -> None:
        self.plains = sorted(plains)  # neighbours share their beginnings: twice as fast to build
        self._automaton = AhoCorasick(self.plains, store_patterns=False) if self.plains else None

    def search(self, text: str) -> list[tuple[int, int, int]]:
        """(index into `plains`, start, end) of every word in a plain text, overlapping ones too."""
        return self._automaton.find_matches_as_indexes(text, overlapping=True) if self._automaton else []


@dataclass(frozen=True, slots=True)
class WordTable:
    """All words, immutable. `base` is large and stays; what changed since stands in `recent`, or no more in `words`."""

    version: int
    words: Mapping[str, Mapping[int, str]]  # plain word → account id → as it was entered
    base: _Automaton = field(repr=False)
    recent: _Automaton = field(repr=False)

    @classmethod
    def of(cls, version: int, words: Iterable[Word], last: "WordTable | None" = None) -> "WordTable":
        """The table of these words; what the last one has built is used as far as it goes."""
        found: dict[str, dict[int, str]] = {}
        for word in words:
            found.setdefault(word.plain, {})[word.account_id] = word.text
        if last is not None:
            fresh = found.keys() - set(last.base.plains)
            if len(fresh) <= RECENT_MOST and len(last.base.plains) - len(found) <= RECENT_MOST:
                return cls(version, found, last.base, _Automaton(fresh))
        return cls(version, found, _Automaton(found), _Automaton(()))

    def __len__(self) -> int:
        return len(self.words)

    def is_in(self, text: str, account_id: int) -> bool:
        """Whether a text, as written, holds a word that holds for the account."""
        folded = text.translate(_FOLDING)
        return any(self._holds(automaton.plains[hit[0]], account_id) for automaton, hit in self._hits(folded))

    def find(self, text: str, account_id: int) -> list[Hit]:
        """Every place where a word stands that holds for the account, in the order of the text."""
        places = places_of(text)
        found = [
            Hit(self._entered(automaton.plains[index], account_id), places[start], places[end - 1] + 1)
            for automaton, (index, start, end) in self._hits(plain(text))
            if self._holds(automaton.plains[index], account_id)
        ]
        return sorted(found, key=lambda hit: (hit.start, hit.end))

    def _hits(self, folded: str) -> Iterator[tuple[_Automaton, tuple[int, int, int]]]:
        for automaton in (self.base, self.recent):
            for hit in automaton.search(folded):
                yield automaton, hit

    def _holds(self, word: str, account_id: int) -> bool:
        owners: Collection[int] = self.words.get(word, ())
        return EVERYBODY in owners or account_id in owners

    def _entered(self, word: str, account_id: int) -> str:
        owners = self.words[word]
        return owners.get(EVERYBODY) or owners[account_id]
