"""The default alphabet of GSM and its extension: what a text of septets can hold.

source: 3GPP TS 23.038, 6.2.1
"""

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")  # two septets each, which stay together
_ALL = BASIC | EXTENDED


def is_gsm(text: str) -> bool:
    """Whether all of a text is in the alphabet."""
    return _ALL.issuperset(text)
