"""A select drawn at once says what Django's own says."""

from __future__ import annotations

import pytest
from django import forms
from django.test.html import parse_html

from crinale.ui.forms import QuickSelect

CHOICES = [("", "Scegli…"), ("1.1", "1.1 <Statuto> & simili"), ("6.10", "6.10 Strade")]


@pytest.mark.parametrize("value", ["6.10", "", None, 'x"><script>'])
def test_it_is_the_select_that_django_draws(value: str | None) -> None:
    attrs = {"id": "id_c", "aria-describedby": "id_c_error", "data-filter-label": 'di "qui"'}
    mine = QuickSelect(choices=CHOICES).render("c", value, attrs)
    assert parse_html(mine) == parse_html(forms.Select(choices=CHOICES).render("c", value, attrs))
