"""The files that pages load, from memory. The name of each contains its hash, so that browsers may keep it without asking
again.

Ours stand in static/. Those of others come from npm when the project is built (hatch_build.py) and stand compressed in
static/vendor/.
"""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_STATIC = Path(__file__).parent / "static"
_KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_FOR_EVER = "public, max-age=31536000, immutable"
_HASH_DIGITS = 12


@dataclass(frozen=True, slots=True)
class _File:
    kind: str
    digest: str
    packed: bytes  # by gzip


class BrowserFiles:
    """All files of static/, read once. raises: FileNotFoundError if the project was not built"""

    def __init__(self, folder: Path = _STATIC) -> None:
        self._by_name = {source.name.removesuffix(".gz"): _read(source) for source in _sources(folder)}
        self._by_url = {self.url(name): file for name, file in self._by_name.items()}

    def url(self, name: str) -> str:
        """Returns the path of the file: its name with its hash. raises: KeyError"""
        stem, dot, ending = name.rpartition(".")
        return f"/static/{stem}.{self._by_name[name].digest}{dot}{ending}"

    def route(self) -> Route:
        return Route("/static/{name}", self._serve)

    async def _serve(self, request: Request) -> Response:
        file = self._by_url.get(request.url.path)
        if file is None:
            raise HTTPException(404)
        headers = {"etag": f'"{file.digest}"', "cache-control": _FOR_EVER, "vary": "accept-encoding"}
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(file.packed, media_type=file.kind, headers=headers | {"content-encoding": "gzip"})
        return Response(gzip.decompress(file.packed), media_type=file.kind, headers=headers)


def _sources(folder: Path) -> list[Path]:
    vendor = folder / "vendor"
    if not vendor.is_dir():
        raise FileNotFoundError(f"{vendor} is missing: the project was not built; make .venv/.run does it")
    return [source for source in (*folder.iterdir(), *vendor.iterdir()) if _kind(source)]


def _kind(source: Path) -> str:
    return _KINDS.get(Path(source.name.removesuffix(".gz")).suffix, "")


def _read(source: Path) -> _File:
    octets = source.read_bytes()
    packed = octets if source.suffix == ".gz" else gzip.compress(octets, 9, mtime=0)
    return _File(_kind(source), hashlib.sha256(packed).hexdigest()[:_HASH_DIGITS], packed)
