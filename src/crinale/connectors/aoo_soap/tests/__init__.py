"""Tests of the SOAP interfaces of Allegato 6."""
