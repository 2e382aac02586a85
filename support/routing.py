"""The sockets and who may open them."""

from typing import Any

from django.urls import path, re_path

from support.consumers.agent import AgentConsumer
from support.consumers.customer import CustomerConsumer
from support.handshake import Handshake, customer_of, nowhere, staff_of

# Channels routes to ASGI applications with Django's `path`, whose types know views only.
websocket_urlpatterns: list[Any] = [
    path("ws/customer/", Handshake(CustomerConsumer.as_asgi(), customer_of)),  # type: ignore[arg-type]
    path("ws/agent/", Handshake(AgentConsumer.as_asgi(), staff_of)),  # type: ignore[arg-type]
    re_path("", nowhere),  # type: ignore[arg-type]
]
