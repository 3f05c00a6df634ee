"""Reads XML of strangers into a tree: no entity is expanded, nothing is fetched, and lxml's bounds of size and depth hold."""

from typing import TypeAlias

from lxml import etree

Element: TypeAlias = etree._Element  # noqa: SLF001  lxml gives it no other name


class BadXml(ValueError):
    """The XML is not well-formed; the message says where."""


def parse(octets: bytes, encoding: str | None = None) -> Element:
    """Returns the root of a document, without its comments and processing instructions.

    encoding: that of the octets, whatever they declare; None: as they declare
    raises:   BadXml
    """
    parser = etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(octets, parser)
    except (etree.XMLSyntaxError, ValueError) as fault:
        raise BadXml(str(fault)[:200]) from fault


def local_name(element: Element) -> str:
    """Returns the name without its namespace; "" for anything but an element, such as an unexpanded entity."""
    tag: object = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
