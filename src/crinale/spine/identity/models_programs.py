"""Other programs of the town that use the interface: their credentials, scopes and tokens.

Tables of the node, as those of people: a program may serve the areas of several bodies.
"""

from __future__ import annotations

from django.db import models

from crinale.spine.tenancy.fields import IdField


class Program(models.Model):
    """A program that another supplier keeps; its id is the ``client_id`` of OAuth 2.0."""

    id = IdField()
    name = models.CharField(max_length=200)
    requests_per_minute = models.IntegerField()
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name


class ProgramCredential(models.Model):
    """A secret (its SHA-256; it is 256 bits of chance, so no slow hash is needed) or a public key (JWK)."""

    id = IdField()
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="credentials")
    secret_sha256 = models.CharField(max_length=64, blank=True, default="")
    public_key = models.JSONField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"credential of {self.program_id} until {self.expires_at}"


class ProgramGrant(models.Model):
    """A program holds a scope in an area, from an instant until another (excluded)."""

    id = IdField()
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="grants")
    area = models.ForeignKey("tenancy.Area", on_delete=models.PROTECT, related_name="+")
    scope = models.CharField(max_length=60)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("program", "area", "scope"),
                condition=models.Q(valid_to=None),
                name="identity_programgrant_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.scope} of {self.program_id} in {self.area_id}"


class ProgramToken(models.Model):
    """An access token, by its SHA-256; it ends with its credential and with its program."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="+")
    credential = models.ForeignKey(ProgramCredential, on_delete=models.PROTECT, related_name="+")
    scopes = models.JSONField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"token of {self.program_id} until {self.expires_at}"


class UsedAssertion(models.Model):
    """An assertion that was used: it is not taken twice (RFC 7523, section 3, jti)."""

    id = models.BigAutoField(primary_key=True)
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="+")
    jti_sha256 = models.CharField(max_length=64)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("program", "jti_sha256"), name="identity_usedassertion_once"),
        )

    def __str__(self) -> str:
        return f"assertion of {self.program_id}"
