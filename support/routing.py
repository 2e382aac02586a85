"""The sockets and who may open them."""

from django.urls import path

from support.consumers.agent import AgentConsumer
from support.consumers.customer import CustomerConsumer
from support.handshake import Handshake, customer_of, staff_of

websocket_urlpatterns = [
    path("ws/customer/", Handshake(CustomerConsumer.as_asgi(), customer_of)),
    path("ws/agent/", Handshake(AgentConsumer.as_asgi(), staff_of)),
]
