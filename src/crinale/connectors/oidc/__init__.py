"""The sign-in that a body has of its own: OpenID Connect Core 1.0, as a relying party."""
