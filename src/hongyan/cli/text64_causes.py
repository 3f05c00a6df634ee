"""Why a Text64 does not open: the usual mistakes of programs, each tried with the given secret."""

from collections.abc import Callable, Iterator
from enum import Enum
from functools import partial
from hashlib import md5

from Crypto.Cipher import DES
from Crypto.Util.Padding import unpad

from hongyan.formats.text64 import BLOCK, BadText64, Contents, Step, decrypt, key_of, proof_of
from hongyan.i18n import N_, _


class Cause(Enum):
    """What was done wrong when the Text64 was made."""

    HEX = N_("it is written in hexadecimal; Base64 is wanted")
    CHARACTERS = N_("it holds characters that Base64 has not; was it cut out of something larger?")
    CUT = N_("its length is not that of whole blocks of eight octets: a part of it was lost on the way")
    MD5_KEY = N_("the key was taken from the MD5 of the secret; take the plain secret")
    CASE = N_("the key was taken from the secret in other letters, upper or lower")
    FILL = N_("the key was filled up with something else than zeros")
    LINE = N_("the secret was read with its line break")
    ECB = N_("it was encrypted in ECB mode; CBC is wanted")
    IV = N_("the IV was not the key; both are the same eight octets")
    PADDING = N_("the key is right and the padding is not PKCS7; was it filled up with zeros?")
    OTHER_KEY = N_("another secret than this one")
    GBK = N_("the JSON is not UTF-8 but GBK")
    NO_JSON = N_("what was encrypted is not one JSON object of texts")
    PROOF_ORDER = N_("Secret is the MD5 of Stamp and secret; secret comes first")
    PROOF_OF_MD5 = N_("Secret was made with the MD5 of the secret; take the plain secret")
    PROOF_ALONE = N_("Secret is the MD5 of the secret alone; Stamp belongs behind it")
    PROOF = N_("Secret is not the MD5 of this secret and Stamp")
    STAMP = N_("Stamp is no time MMddHHmmss")
    OLD = N_("Stamp is more than five minutes from now: the door answers 1010")

    @property
    def words(self) -> str:
        return _(self.value)


def cause_of(step: Step, text64: str, octets: bytes, secret: str) -> Cause:
    """Returns the likely cause of a failure at this step. `octets` are those behind the Base64, as far as it was read."""
    if step is Step.BASE64:
        return Cause.CHARACTERS
    if step is Step.BLOCKS:
        return Cause.CUT if not _is_hexadecimal(text64) else Cause.HEX
    if step is Step.KEY:
        return next(_key_mistakes(octets, secret), Cause.HEX if _is_hexadecimal(text64) else Cause.OTHER_KEY)
    return Cause.GBK if _is_gbk(decrypt(octets, key_of(secret))) else Cause.NO_JSON


def cause_of_proof(contents: Contents, secret: str) -> Cause | None:
    """Returns why `Secret` is wrong; None if it is right."""
    given, stamp = contents.secret.upper(), contents.stamp
    digest = _md5(secret)
    slips = {
        proof_of(secret, stamp): None,
        _md5(stamp + secret): Cause.PROOF_ORDER,
        proof_of(digest, stamp): Cause.PROOF_OF_MD5,
        proof_of(digest.lower(), stamp): Cause.PROOF_OF_MD5,
        digest: Cause.PROOF_ALONE,
    }
    return slips.get(given, Cause.PROOF)


def _key_mistakes(octets: bytes, secret: str) -> Iterator[Cause]:
    digest, plain = _md5(secret), secret.encode()
    keys = (
        (Cause.MD5_KEY, key_of(digest)),
        (Cause.MD5_KEY, key_of(digest.lower())),
        (Cause.MD5_KEY, bytes.fromhex(digest)[:BLOCK]),
        (Cause.CASE, key_of(secret.upper())),
        (Cause.CASE, key_of(secret.lower())),
        (Cause.FILL, plain[:BLOCK].ljust(BLOCK, b" ")),
        (Cause.FILL, plain[:BLOCK].ljust(BLOCK, b"0")),
        (Cause.LINE, key_of(secret + "\n")),
        (Cause.LINE, key_of(secret + "\r\n")),
    )
    yield from (cause for cause, key in keys if _opens(partial(decrypt, octets, key)))
    key = key_of(secret)
    if _is_json(DES.new(key, DES.MODE_ECB).decrypt(octets)):  # noqa: S304 the platform's cipher
        yield Cause.ECB
    whole = DES.new(key, DES.MODE_CBC, iv=key).decrypt(octets)  # noqa: S304
    if whole.lstrip().startswith(b"{"):
        yield Cause.PADDING
    elif whole.find(b'"') in range(1, 2 * BLOCK) and _opens(partial(unpad, whole, BLOCK)):
        yield Cause.IV


def _opens(read: Callable[[], bytes]) -> bool:
    try:
        read()
    except (BadText64, ValueError):
        return False
    return True


def _is_json(octets: bytes) -> bool:
    return octets.lstrip().startswith(b"{") and b"}" in octets[-2 * BLOCK :]


def _is_gbk(plain: bytes) -> bool:
    try:
        plain.decode("utf-8")
    except UnicodeDecodeError:
        return _opens(lambda: plain.decode("gbk").encode())
    return False


def _is_hexadecimal(text: str) -> bool:
    return len(text) % (2 * BLOCK) == 0 and _opens(lambda: bytes.fromhex(text))


def _md5(text: str) -> str:
    return md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest().upper()
