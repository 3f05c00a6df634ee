"""Files that browsers send in parts, since no request may be as large as a file.

The parts are kept as rows of a job that nobody asks for, and go as those do (store/sql/jobs.py).
"""

from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode

from hongyan.model.errors import AdminError, Invalid
from hongyan.model.job import JobRows, packed
from hongyan.ports.admin import AdminStore
from hongyan.ports.tx.jobs import JobPiecesTx
from hongyan.services.admin import jobs

PART_OCTETS = 1024 * 1024
"""The most octets of a part; browsers cut files so (static/console.js)."""

PARTS_MOST = 30


async def keep_part(store: AdminStore, owner: str, name: str, number: int, octets: bytes) -> str:
    """Keep a part of a file; returns the name of the upload. raises: Invalid, Forbidden if too many jobs wait

    owner: who sends it, and what for; name: as the first part was answered, "" for the first part
    """
    if number not in range(PARTS_MOST) or len(octets) > PART_OCTETS:
        raise Invalid("a file may have {most} MB at most", most=PARTS_MOST)
    upload = _opened(store, owner, name) if name else await store.change(jobs.new_number)
    await store.change(jobs.add_piece, upload, number, packed([[b64encode(octets).decode()]]))
    return name or urlsafe_b64encode(store.sealer.seal(str(upload), owner)).decode()


async def read_upload(store: AdminStore, owner: str, name: str, parts: int) -> bytes:
    """Returns a file that was sent so. raises: Invalid if it is not all there"""
    upload, found = _opened(store, owner, name), list[bytes]()
    for number in range(min(parts, PARTS_MOST)):
        found.append(await store.read(_part, upload, number))
    return b"".join(found)


def _part(tx: JobPiecesTx, upload: int, number: int) -> bytes:
    rows = tx.piece(upload, JobRows.GIVEN, number)
    if rows is None:
        raise Invalid("a part of the file is missing", "send it again")
    return b64decode(rows[0][0])


def _opened(store: AdminStore, owner: str, name: str) -> int:
    """Returns the number of an upload. raises: Invalid"""
    try:
        return int(store.sealer.open(urlsafe_b64decode(name.encode("ascii")), owner))
    except (ValueError, AdminError) as error:
        raise Invalid("a part of the file is missing", "send it again") from error
