"""The addresses of the directory on the machine listener."""

from __future__ import annotations

from django.urls import path

from crinale.services.directory.http import views

urlpatterns = [path("ipar/index", views.index, name="ipar_index")]
