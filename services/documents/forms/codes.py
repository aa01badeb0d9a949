"""The machine-readable identity of a page: form, page, pages, digest, Ed25519 signature (DOC-03, DOC-05).

`SK1.<number>.<revision>.<page>.<pages>.<base32 of 16 digest bytes + 64 signature bytes>`; the alphabet is that of QR's
alphanumeric mode. The signature covers everything before it, so a code cannot be made up or moved to another page; it
proves that the code was issued, not that the paper around it is genuine.
"""

import base64
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

PREFIX = "SK1"
DIGEST_BYTES = 16


class NotAPageCodeError(ValueError):
    """The text is no page code of ours at all."""


@dataclass(frozen=True, slots=True)
class PageCode:
    number: str
    revision: int
    page: int
    pages: int
    digest: bytes
    signature: bytes = b""

    def _signed_part(self) -> bytes:
        head = f"{PREFIX}.{self.number}.{self.revision}.{self.page}.{self.pages}."
        return head.encode() + self.digest

    def signed_with(self, key: Ed25519PrivateKey) -> "PageCode":
        """The same code signed; Ed25519 is deterministic, so issuing again gives the same bytes."""
        signature = key.sign(self._signed_part())
        return PageCode(self.number, self.revision, self.page, self.pages, self.digest, signature)

    def is_genuine(self, key: Ed25519PublicKey) -> bool:
        try:
            key.verify(self.signature, self._signed_part())
        except InvalidSignature:
            return False
        return True

    def text(self) -> str:
        proof = base64.b32encode(self.digest + self.signature).decode().rstrip("=")
        return f"{PREFIX}.{self.number}.{self.revision}.{self.page}.{self.pages}.{proof}"


def parse_page_code(text: str) -> PageCode:
    """Raises NotAPageCodeError. Says nothing about the signature: ask `is_genuine`."""
    parts = text.split(".")
    if len(parts) != 6 or parts[0] != PREFIX:
        raise NotAPageCodeError(text[:40])
    try:
        revision, page, pages = (int(part) for part in parts[2:5])
        proof = base64.b32decode(parts[5] + "=" * (-len(parts[5]) % 8))
    except ValueError as error:
        raise NotAPageCodeError(text[:40]) from error
    if len(proof) != DIGEST_BYTES + 64:
        raise NotAPageCodeError(text[:40])
    return PageCode(parts[1], revision, page, pages, proof[:DIGEST_BYTES], proof[DIGEST_BYTES:])


def load_signing_key(pem: bytes) -> Ed25519PrivateKey:
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("the form key must be Ed25519")
    return key


def load_public_key(pem: bytes) -> Ed25519PublicKey:
    key = load_pem_public_key(pem)
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("the form key must be Ed25519")
    return key


LETTERS = "0123456789ABCDEFGHKLMNPRSTUVWXYZ"


def check_line(digest: bytes, page: int) -> str:
    """The same identity for people: 16 characters of the digest in fours, and the page; for the telephone.

    Without I, J, O and Q: people take them for 1 and 0, and J's tail hangs into its neighbour's patch.
    """
    letters = "".join(LETTERS[byte % 32] for byte in digest[:16])
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:12]}-{letters[12:16]}-{page:03d}"
