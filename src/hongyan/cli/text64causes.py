"""Why a Text64 does not open: the slips that programs make, each tried with the secret at hand."""

from collections.abc import Callable, Iterator
from enum import Enum
from functools import partial
from hashlib import md5

from Crypto.Cipher import DES
from Crypto.Util.Padding import unpad

from hongyan.cli.words import language
from hongyan.formats.text64 import BLOCK, BadText64, Contents, Step, decrypt, key_of, proof_of


class Cause(Enum):
    """What went wrong where the Text64 was made: in English, in Chinese."""

    HEX = "it is written in hexadecimal; Base64 is wanted", "写成了十六进制；应为 Base64"
    CHARACTERS = (
        "it holds characters that Base64 has not; was it cut out of something larger?",
        "含有 Base64 以外的字符；是否从更长的内容里截取？",
    )
    CUT = (
        "its length is not that of whole blocks of eight octets: a part of it was lost on the way",
        "长度不是 8 字节的整数倍：途中丢了一部分",
    )
    MD5_KEY = "the key was taken from the MD5 of the secret; take the plain secret", "密钥取自密码的 MD5；应取密码明文"
    CASE = "the key was taken from the secret in other letters, upper or lower", "密钥取自大小写不同的密码"
    FILL = "the key was filled up with something else than zeros", "密钥不足 8 字节的部分没有补 0"
    LINE = "the secret was read with its line break", "密码带着换行符一起读入了"
    ECB = "it was encrypted in ECB mode; CBC is wanted", "使用了 ECB 模式；应为 CBC"
    IV = "the IV was not the key; both are the same eight octets", "IV 与密钥不同；两者应是同样的 8 个字节"
    PADDING = (
        "the key is right and the padding is not PKCS7; was it filled up with zeros?",
        "密钥正确，但填充不是 PKCS7；是否补了 0？",
    )
    OTHER_KEY = "another secret than this one", "用的是另一个密码"
    GBK = "the JSON is not UTF-8 but GBK", "JSON 的编码不是 UTF-8，而是 GBK"
    NO_JSON = "what was encrypted is not one JSON object of texts", "加密的内容不是由文本组成的一个 JSON 对象"
    PROOF_ORDER = "Secret is the MD5 of Stamp and secret; secret comes first", "Secret 是 Stamp 在前的 MD5；密码应在前"
    PROOF_OF_MD5 = "Secret was made with the MD5 of the secret; take the plain secret", "Secret 用了密码的 MD5；应取密码明文"
    PROOF_ALONE = "Secret is the MD5 of the secret alone; Stamp belongs behind it", "Secret 只是密码的 MD5；后面应连上 Stamp"
    PROOF = "Secret is not the MD5 of this secret and Stamp", "Secret 不是该密码与 Stamp 相连后的 MD5"
    STAMP = "Stamp is no time MMddHHmmss", "Stamp 不是 MMddHHmmss 格式的时间"
    OLD = "Stamp is more than five minutes from now: the door answers 1010", "Stamp 与当前时间相差超过 5 分钟：接口应答 1010"

    @property
    def words(self) -> str:
        english, chinese = self.value
        return chinese if language() == "zh" else english


def cause_of(step: Step, text64: str, octets: bytes, secret: str) -> Cause:
    """The likely cause of a failure at this step. `octets` are those behind the Base64, as far as it was read."""
    if step is Step.BASE64:
        return Cause.CHARACTERS
    if step is Step.BLOCKS:
        return Cause.CUT if not _is_hexadecimal(text64) else Cause.HEX
    if step is Step.KEY:
        return next(_key_slips(octets, secret), Cause.HEX if _is_hexadecimal(text64) else Cause.OTHER_KEY)
    return Cause.GBK if _is_gbk(decrypt(octets, key_of(secret))) else Cause.NO_JSON


def cause_of_proof(contents: Contents, secret: str) -> Cause | None:
    """Why `Secret` is wrong; None when it is right."""
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


def _key_slips(octets: bytes, secret: str) -> Iterator[Cause]:
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
