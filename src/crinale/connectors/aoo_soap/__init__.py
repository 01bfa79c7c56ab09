"""The SOAP interfaces by which registry areas exchange registered documents (Allegato 6 AgID, appendix B)."""
