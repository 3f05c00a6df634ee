"""Words that texts may not contain: how texts are folded before the search, and the table that is searched.

A text is folded: full-width forms, case, accents, circled and styled letters become the plain character, and everything that is
neither letter nor digit (marks, blanks, invisible characters, emoji) is left out. So 梁*山, 梁 山 and 梁山 are one word, ＶＩＰ and
vip another. Letters are folded one by one, so that a place in the folded text leads back to the original text.
"""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from hongyan.model.kinds import Kind

EVERYBODY = 0
"""The account id of words that hold for all accounts."""

LETTERS_MOST = 64
"""The most characters of one word."""

RECENT_MOST = 5_000
"""The most changes beside the large automaton; beyond it the automaton is built anew.

Building one of 100,000 words takes half a second, in which nothing else in the process runs; one of 5,000 takes 15 ms.
"""

_BMP = 0x10000


class _Folding(dict[int, str]):
    """Code point → its plain characters, worked out when first met. Code points beyond 65,535 are not kept."""

    def __missing__(self, code: int) -> str:
        folded = unicodedata.normalize("NFKD", chr(code)).casefold()
        plain = "".join(filter(str.isalnum, folded))
        if code < _BMP:
            self[code] = plain
        return plain


_FOLDING = _Folding()


def plain(text: str) -> str:
    """Fold a text for the search."""
    return text.translate(_FOLDING)


def _read_word(text: str) -> str:
    word = text.strip()
    if not plain(word) or len(word) > LETTERS_MOST or not word.isprintable():
        raise ValueError(text)
    return word


WORD = Kind("give 1 to {most} characters, among them a letter or a digit", _read_word, facts={"most": LETTERS_MOST})


def places_of(text: str) -> list[int]:
    """Returns, for every character of `plain(text)`, the place in the text of the character that it came from."""
    return [place for place, char in enumerate(text) for _ in _FOLDING[ord(char)]]


class Word(NamedTuple):
    """One row of the table."""

    account_id: int  # EVERYBODY, or the only account for which it holds
    plain: str
    text: str  # as it was entered


class Hit(NamedTuple):
    """A word found in a text at `text[start:end]`, marks inside included."""

    word: str
    start: int
    end: int


class _Automaton:
    """The plain words of one generation, all searched at once."""

    __slots__ = ("_automaton", "plains")

    def __init__(self, plains: Iterable[str]) -> None:
        self.plains = sorted(plains)  # neighbours share their beginnings, so it is built twice as fast
        self._automaton = AhoCorasick(self.plains, store_patterns=False) if self.plains else None

    def search(self, text: str) -> list[tuple[int, int, int]]:
        """Returns (index into `plains`, start, end) of every word in a folded text, overlapping ones too."""
        return self._automaton.find_matches_as_indexes(text, overlapping=True) if self._automaton else []


@dataclass(frozen=True, slots=True)
class WordTable:
    """All words, immutable. `base` is large and stays; `recent` has the words added since, and `words` lacks those removed
    since.
    """

    version: int
    words: Mapping[str, Mapping[int, str]]  # plain word → account id → as it was entered
    base: _Automaton = field(repr=False)
    recent: _Automaton = field(repr=False)

    @classmethod
    def of(cls, version: int, words: Iterable[Word], last: "WordTable | None" = None) -> "WordTable":
        """Make the table of these words. It uses what the last table has built as far as possible."""
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
        """Returns whether a text, as written, contains a word that holds for the account."""
        folded = text.translate(_FOLDING)
        return any(self._holds(automaton.plains[hit[0]], account_id) for automaton, hit in self._hits(folded))

    def find(self, text: str, account_id: int) -> list[Hit]:
        """Returns every word in the text that holds for the account, in the order of the text."""
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
