"""How the staff come in: sign-in, choice of body and area, language, sign-out (CAD art. 64)."""
