"""Addresses of staff access."""

from __future__ import annotations

from django.urls import path

from crinale.services.staff_access.web import views

app_name = "staff_access"
urlpatterns = [
    path("accedi", views.sign_in, name="sign_in"),
    path("scegli", views.choose, name="choose"),
    path("esci", views.sign_out, name="sign_out"),
    path("lingua", views.language, name="language"),
    path("presente", views.keep_alive, name="keep_alive"),
]
