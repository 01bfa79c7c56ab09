"""What every service leans on; no pages, no URLs. A ladder: no package imports one above or beside it."""
