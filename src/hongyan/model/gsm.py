"""The default alphabet of GSM and its extension: the characters that septets can carry."""

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")  # each takes two septets, which stay together
_ALL = BASIC | EXTENDED


def is_gsm(text: str) -> bool:
    """Returns whether all characters of a text are in the alphabet."""
    return _ALL.issuperset(text)
