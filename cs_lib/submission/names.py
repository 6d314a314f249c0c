"""Names of people made into names of files."""

import re
import unicodedata

LONGEST = 100
"""Bytes of a file's name that come from a person's; what is added to it still fits any file system."""


def safe(text: str) -> str:
    """Return what is left of a text once only letters, digits, `_`, `-` and inner dots are in it; it may be nothing."""
    plain = re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFC", text))
    plain = re.sub(r"\.{2,}", ".", plain).encode()[:LONGEST].decode(errors="ignore")
    return plain.strip("-._")
