"""The certificate of the doors, of listeners over TLS and of the ops listener: read again when asked, and how long it lasts."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
from cryptography import x509

from hongyan.i18n import china_time
from hongyan.model.alarm import CertificateEnd
from hongyan.model.translatable import Translatable

log = structlog.get_logger(__name__)


def end_ms(file: Path) -> int:
    """Returns when the first certificate of a PEM file ends; 0 if it cannot be read."""
    with suppress(OSError, ValueError):
        return int(x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc.timestamp() * 1000)
    return 0


@dataclass(slots=True)
class Certificate:
    """The certificate that a process serves. file: None if it serves none"""

    file: Path | None
    ends_ms: int = 0  # of the one that was read last; 0: none

    def __post_init__(self) -> None:
        self._note()

    def _note(self) -> None:
        self.ends_ms = end_ms(self.file) if self.file else 0

    def read_again(self, readers: Iterable[Callable[[], None]]) -> None:
        """Let every listener read it; where one cannot, all keep what they have, and the log says why."""
        if self.file is None:
            return
        try:
            for read in readers:
                read()
        except OSError as error:
            log.error("certificate_unusable", file=str(self.file), what=error.strerror or str(error))  # noqa: TRY400
            return
        self._note()
        log.info("certificate_read", file=str(self.file), ends=china_time(self.ends_ms))

    @property
    def end(self) -> CertificateEnd | None:
        return CertificateEnd(self.file.name, self.ends_ms) if self.file and self.ends_ms else None

    def warning(self, now_ms: int) -> str:
        """Returns that it ends soon or has ended, and what to do; "" if it needs no look yet."""
        if self.end is None or not self.end.is_near(now_ms):
            return ""
        facts = {"file": self.file, "day": china_time(self.ends_ms)[:10]}
        if self.ends_ms <= now_ms:
            return Translatable("{file} ended on {day}: put a new certificate in its place, and send SIGHUP", **facts)
        return Translatable("{file} ends on {day}: put a new certificate in its place, and send SIGHUP", **facts)
