"""Every page and endpoint."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from support import views
from support.api import api, widget_api

urlpatterns = [
    path("", views.home, name="home"),
    path("inbox/", views.inbox, name="inbox"),
    path("chat/<str:key>", views.chat, name="chat"),
    path(
        "sign-in/",
        LoginView.as_view(template_name="accounts/sign_in.html", redirect_authenticated_user=True),
        name="sign-in",
    ),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("widget/", widget_api.urls),
    path("api/", api.urls),
    path("admin/", admin.site.urls),
]
