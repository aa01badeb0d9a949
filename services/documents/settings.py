"""What operators may set for documents, by environment (prefix SIMKEEP_). Each field: unit, default, consequence."""

import base64
import binascii
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from kernel.contracts.documents.forms import FormKind
from kernel.model.errors import DomainError
from services.documents.forms.codes import load_signing_key

SealWeight = Literal["unclear", "differs", "note"]


class DocumentsSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SIMKEEP_", extra="ignore", frozen=True)

    form_private_key: SecretStr | None = None
    """Ed25519 key (PEM, base64, on one line) that signs the code on every page of a form. Without it no form can be
    issued. Another key may be set at any time: each form remembers which one proves it."""
    verification_seconds: float = Field(default=900, gt=0)
    """A verification that takes longer is ended and the scan refused; 120 pages take some four minutes of one core."""
    verification_memory_mib: int = Field(default=900, ge=256)
    """Memory that judging a scan may take, beside the 512 MiB of the process that reads the uploaded file."""

    unsigned_forms_refused: tuple[FormKind, ...] = ()
    """Kinds of form (JSON list) of which a scan without any signature does not pass. Of the others it is told only."""

    seal_different: dict[FormKind, SealWeight] = Field(default_factory=dict)
    """By kind of form (JSON), what a seal other than the unit's specimen means: *unclear*, a second person decides
    (default), *differs*, refused, or *note*, told only."""
    seal_not_seen: dict[FormKind, SealWeight] = Field(default_factory=dict)
    """The same where too little of the seal is seen to be compared."""
    seal_reused: dict[FormKind, SealWeight] = Field(default_factory=dict)
    """The same where the very impression was on another form's scan before."""

    def signing_key(self) -> Ed25519PrivateKey:
        """DomainError form_key_missing when it is absent or no Ed25519 key."""
        if self.form_private_key is None:
            raise DomainError("form_key_missing")
        try:
            return load_signing_key(base64.b64decode(self.form_private_key.get_secret_value()))
        except (ValueError, binascii.Error) as error:
            raise DomainError("form_key_missing") from error
