"""Django's entry for the package."""

from __future__ import annotations

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """People, grants and sign-in."""

    name = "crinale.spine.identity"
    label = "identity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the permissions and roles of the spine."""
        from crinale.spine.identity import program_scopes, roles

        roles.register()
        program_scopes.register()
