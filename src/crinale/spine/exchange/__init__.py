"""Exchange of registered documents between registry areas, with receipts (Allegato 6 AgID, Det. 371/2021)."""
