"""What a customer's window asks of Papercups over REST, without any login (PROTOCOL, 4 and 5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from agentbot.papercups.api import Api
from agentbot.papercups.models import Conversation, Customer, WidgetSettings

_CUSTOMER = TypeAdapter(Customer)
_CONVERSATION = TypeAdapter(Conversation)
_CONVERSATIONS = TypeAdapter(list[Conversation])
_WIDGET_SETTINGS = TypeAdapter(WidgetSettings)


class CustomerRest(Api):
    """A customer's REST. All methods raise :class:`TransportError` or an :class:`ApiError`."""

    async def create_customer(self, account_id: str, **fields: object) -> Customer:
        """Make a customer; ``fields`` are ``name``, ``email``, ``metadata`` and the like."""
        customer = {"account_id": account_id, **fields}
        return await self._ask(_CUSTOMER, "POST", "/api/customers", json={"customer": customer})

    async def create_conversation(self, account_id: str, customer_id: str) -> Conversation:
        """Begin a conversation."""
        conversation = {"account_id": account_id, "customer_id": customer_id}
        return await self._ask(
            _CONVERSATION, "POST", "/api/conversations", json={"conversation": conversation}
        )

    async def conversations(self, account_id: str, customer_id: str) -> list[Conversation]:
        """Return the customer's conversations with their public messages."""
        params = {"account_id": account_id, "customer_id": customer_id}
        return await self._get(_CONVERSATIONS, "/api/conversations/customer", params)

    async def widget_settings(self, account_id: str) -> WidgetSettings:
        """Return what the window shows before anything is said."""
        params: Mapping[str, Any] = {"account_id": account_id}
        return await self._get(_WIDGET_SETTINGS, "/api/widget_settings", params)
