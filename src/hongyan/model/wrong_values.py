"""Cells that a spreadsheet has spoilt: what stood in them is lost, and what stands there nobody meant.

As a word, #N/A would forbid every text with "na" in it; 1.38E+10 was a number of eleven digits.
"""

import re
from collections.abc import Iterable

from hongyan.model.errors import Invalid

_FAILED = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!)")
_SHORTENED = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]{2}")


def check_cells(cells: Iterable[str]) -> None:
    """raises: Invalid"""
    for cell in cells:
        if _FAILED.fullmatch(cell):
            raise Invalid("a formula of the spreadsheet has failed: {value}", "mend it, or leave the cell empty", value=cell)
        if _SHORTENED.fullmatch(cell):
            raise Invalid(
                "the spreadsheet has cut digits off: {value}",
                "format the column as text, and enter the number again",
                value=cell,
            )
