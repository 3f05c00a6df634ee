"""What CMPP and SMGP share in the role of the client: submits from templates, in a version that the gateway may lower."""

from abc import ABC, abstractmethod
from typing import Generic, Protocol, TypeVar

from hongyan.adapters.content import ContentEncoder
from hongyan.adapters.numbers import national_digits, source_octets
from hongyan.adapters.validity import ValidityTemplates
from hongyan.model.traffic import OutSegment
from hongyan.wire.state import ProtocolState

Version = TypeVar("Version")


class SubmitTemplate(Protocol):
    """Packs submits; wire/cmpp/template.py and wire/smgp/template.py have one each."""

    def encode(
        self, seq: int, total: int, number: int, udhi: int, fmt: int, source: bytes, dest: bytes, content: bytes
    ) -> bytes: ...


Template = TypeVar("Template", bound=SubmitTemplate)


class TemplateWriter(ABC, Generic[Version, Template]):
    _encoder: ContentEncoder
    _version: Version
    _templates: dict[Version, ValidityTemplates[Template]]

    def _settle(self, version: Version) -> None:
        """Note the lower version that the gateway speaks. Further connections ask for it at once."""
        self._version = version

    @abstractmethod
    def _version_of(self, protocol_state: ProtocolState | None) -> Version:
        """Returns the version that a connection speaks; without one, the version that the next connection will ask for."""

    def write(self, seq: int, segment: OutSegment, protocol_state: ProtocolState | None = None) -> bytes:
        fmt, udhi, content = self._encoder.of(segment)
        source, dest = source_octets(segment.source), national_digits(segment.phone)
        templates = self._templates[self._version_of(protocol_state)]
        template = templates.plain
        if segment.valid_until_ms or segment.protocol_id:
            template = templates.of(segment.valid_until_ms, segment.protocol_id)
        return template.encode(seq, segment.parts, segment.part, udhi, fmt, source, dest, content)

    def code(self, status: int) -> str:
        return str(status)
