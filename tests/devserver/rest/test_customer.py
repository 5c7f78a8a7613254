"""A visitor's window: what it asks for before its first message, and the files that it sends."""

from __future__ import annotations

from tests.support.devserver import Desk, call


async def test_what_the_widget_asks_for_before_its_first_message() -> None:
    """Settings, metadata, existence, identity: without a token."""
    desk = Desk()
    account_id, customer_id = desk.account.id, desk.customer.id
    async with desk.http() as http:
        del http.headers["authorization"]
        status, body = await call(http, "GET", f"/api/widget_settings?account_id={account_id}")
        assert (status, body["data"]["account"]["company_name"]) == (200, "Acme")
        metadata = {"account_id": account_id, "metadata": {"host": "example.com"}}
        assert (await call(http, "PUT", "/api/widget_settings/metadata", metadata))[0] == 200
        assert await call(http, "GET", f"/api/customers/{customer_id}/exists") == (
            200,
            {"data": True},
        )
        assert await call(http, "GET", "/api/customers/x/exists") == (200, {"data": False})
        fields = {"external_id": "v-1", "email": "vera@example.com", "time_zone": "Europe/Oslo"}
        path = f"/api/customers/{customer_id}/metadata"
        status, body = await call(http, "PUT", path, {"metadata": fields})
        assert (status, body["data"]["time_zone"]) == (200, "Europe/Oslo")
        found = f"/api/customers/identify?account_id={account_id}&external_id="
        assert await call(http, "GET", found + "v-1") == (
            200,
            {"data": {"customer_id": customer_id}},
        )
        assert await call(http, "GET", found + "v-2") == (200, {"data": {"customer_id": None}})


async def test_an_uploaded_file_comes_back_as_a_download() -> None:
    """Never as a page of this server, whatever its type."""
    desk = Desk()
    async with desk.http() as http:
        files = {"file": ("my page.html", b"<script>", "text/html")}
        sent = await http.post("/api/upload", files=files, data={"account_id": desk.account.id})
        assert sent.status_code == 201
        shown = sent.json()["data"]
        assert shown["filename"] == "my-page.html"
        got = await http.get(shown["file_url"])
        assert got.content == b"<script>"
        assert got.headers["content-disposition"] == "attachment"
        assert (await http.post("/api/upload", data={"account_id": "x"})).status_code == 400
        assert (await http.get("/uploads/nothing/x")).status_code == 404


async def test_an_agent_may_read_and_change_the_accounts_customers() -> None:
    """Any field that a window may set, and any text for an address; nobody else may."""
    desk = Desk()
    path = f"/api/customers/{desk.customer.id}"
    async with desk.http() as http:
        status, body = await call(http, "PUT", path, {"customer": {"email": "vera@example.com"}})
        assert (status, body["data"]["email"]) == (200, "vera@example.com")
        status, body = await call(http, "GET", path)
        assert (status, body["data"]["email"]) == (200, "vera@example.com")
        assert (await call(http, "PUT", path, {"customer": {"email": 5}}))[0] == 422
        assert (await call(http, "PUT", path, {"customer": {"email": "v" * 256}}))[0] == 500
        assert (await call(http, "PUT", path, {"customer": {"email": "v" * 255}}))[0] == 200
        assert (await call(http, "PUT", path, {"email": "x"}))[0] == 400
        assert (await call(http, "GET", "/api/customers/x"))[0] == 400
        other = desk.server.store.add_account("Other")
        stranger = desk.server.store.add_customer({"account_id": other.id})
        assert (await call(http, "GET", f"/api/customers/{stranger.id}"))[0] == 404
        del http.headers["authorization"]
        assert (await call(http, "GET", path))[0] == 401
        assert (await call(http, "PUT", path, {"customer": {"email": "x"}}))[0] == 401
