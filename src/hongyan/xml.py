"""XML of strangers, read into a tree: no entity is expanded, nothing is fetched, and lxml's bounds of size and depth hold."""

from typing import TypeAlias

from lxml import etree

Element: TypeAlias = etree._Element  # noqa: SLF001  lxml gives it no other name


class BadXml(ValueError):
    """It is not well-formed; the text says where."""


def parse(octets: bytes, encoding: str | None = None) -> Element:
    """The root of a document, without its comments and processing instructions.

    encoding: what it is in, whatever it declares; None: what it declares
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
    """Returns the name without its namespace; "" for what is no element, such as an entity that was not expanded."""
    tag: object = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
