"""The application over the worked example: who gets in, what errors look like, what responses carry."""

from __future__ import annotations

import re

import pytest
from litestar import Litestar, get
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.routes import ASGIRoute, HTTPRoute
from litestar.testing import TestClient

from api.app import create_app
from api.headers import CONTENT_SECURITY_POLICY
from api.house import House
from api.problems import PROBLEM_JSON, known_codes

Client = TestClient[Litestar]

PUBLIC_PATHS = {
    "/health", "/modules/{of:str}/{name:path}", "/problems", "/problems/{code:str}", "/sign-in",
    "/static/{file_path:path}",
    "/v1/schema", "/v1/schema/openapi.json", "/v1/schema/{path:str}",
}  # fmt: skip
"""Every route that anybody may ask, and no other."""
HTML = {"accept": "text/html"}


def bearer(code: str) -> dict[str, str]:
    return {"authorization": f"Bearer {code}"}


def sign_in(client: Client, code: str) -> None:
    token = form_token(client)
    answer = client.post(
        "/sign-in", data={"code": code, "next": "/", "_csrf_token": token}, follow_redirects=False
    )
    assert answer.status_code == 303, answer.text


def form_token(client: Client, path: str = "/sign-in") -> str:
    found = re.search(r'name="_csrf_token" value="([^"]+)"', client.get(path, headers=HTML).text)
    assert found is not None
    return found[1]


def concrete(path: str) -> str:
    named = {
        "agreement": "head-streamer",
        "statement": "head-streamer.1.3",
        "dispute": "D-0000000000",
        "code": "internal",
    }
    return re.sub(r"\{(\w+):?\w*\}", lambda m: named.get(m[1], "1"), path)


def handlers(app: Litestar) -> list[tuple[str, BaseRouteHandler]]:
    found: list[tuple[str, BaseRouteHandler]] = []
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            found += [(route.path, handler) for handler in route.route_handlers]
        elif isinstance(route, ASGIRoute):
            found.append((route.path, route.route_handler))
    return found


def test_only_the_routes_named_here_are_public(app: Litestar) -> None:
    opened = {path.rstrip("/") for path, handler in handlers(app) if handler.opt.get("needs") == "public"}
    assert opened == PUBLIC_PATHS


def test_every_other_route_denies_an_anonymous_viewer(app: Litestar, client: Client) -> None:
    asked = 0
    for path, handler in handlers(app):
        if path.rstrip("/") in PUBLIC_PATHS or not isinstance(handler, HTTPRouteHandler):
            continue
        for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
            answer = client.request(method, concrete(path), follow_redirects=False)
            assert answer.status_code in {401, 403}, (method, path, answer.status_code)
            assert answer.headers["content-type"] == PROBLEM_JSON
            asked += 1
    assert asked >= 25


def test_a_route_that_declares_nothing_is_denied_to_everybody(house: House, codes: dict[str, str]) -> None:
    @get("/forgotten", sync_to_thread=False)
    def forgotten() -> str:
        return "open"

    made = create_app(house)
    made.register(forgotten)
    with TestClient(made) as client:
        assert client.get("/forgotten").status_code == 401
        assert client.get("/forgotten", headers=bearer(codes["auditor"])).status_code == 403


@pytest.mark.parametrize(
    "path",
    ["/", "/agreements", "/agreements/head-streamer/1", "/statements", "/statements/head-streamer.1.3",
     "/statements/head-streamer.1.3/lines/3", "/statements/head-streamer.1.3/lines?after=49", "/disputes",
     "/log", "/log/3", "/log?kind=sale.recorded", "/problems", "/problems/access.denied", "/v1/schema"],
)  # fmt: skip
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_show_in_both_languages(client: Client, codes: dict[str, str], path: str, lang: str) -> None:
    answer = client.get(
        f"{path}{'&' if '?' in path else '?'}lang={lang}", headers=HTML | bearer(codes["mcn"])
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert "style=" not in answer.text
    assert "<script>" not in answer.text
    assert "http://" not in answer.text.replace("http://www.w3.org", "")
    assert "https://" not in answer.text


def test_security_headers_are_on_every_kind_of_response(client: Client) -> None:
    for path in ("/sign-in", "/nowhere", "/v1/log", "/static/tally.css", "/health"):
        answer = client.get(path, headers=HTML, follow_redirects=False)
        assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"


def test_a_browser_is_sent_to_sign_in_and_back(client: Client, codes: dict[str, str]) -> None:
    sent = client.get("/statements", headers=HTML, follow_redirects=False)
    assert sent.status_code == 303
    assert sent.headers["location"] == "/sign-in?next=%2Fstatements"
    sign_in(client, codes["mcn"])
    assert client.get("/statements", headers=HTML).status_code == 200


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1"]
)
def test_sign_in_never_leads_to_another_site(client: Client, codes: dict[str, str], target: str) -> None:
    data = {"code": codes["mcn"], "next": target, "_csrf_token": form_token(client)}
    assert client.post("/sign-in", data=data, follow_redirects=False).headers["location"] == "/"


def test_the_session_cookie_is_closed_to_scripts_and_other_sites(
    client: Client, codes: dict[str, str]
) -> None:
    data = {"code": codes["mcn"], "next": "/", "_csrf_token": form_token(client)}
    cookie = client.post("/sign-in", data=data, follow_redirects=False).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_signing_out_ends_the_session_on_the_server(client: Client, codes: dict[str, str]) -> None:
    sign_in(client, codes["mcn"])
    kept = client.cookies["tallystick_session"]
    assert (
        client.post(
            "/sign-out", data={"_csrf_token": form_token(client, "/")}, follow_redirects=False
        ).status_code
        == 303
    )
    client.cookies.set("tallystick_session", kept)
    assert client.get("/v1/me").status_code == 401


def test_a_form_without_its_token_is_refused(client: Client, codes: dict[str, str]) -> None:
    answer = client.post("/sign-in", data={"code": codes["mcn"]})
    assert answer.status_code == 403
    assert answer.json()["code"] == "request.forged-form"


def test_a_wrong_code_is_refused_and_guessing_is_slowed_down(client: Client) -> None:
    data = {"code": "tly_0000000000_wrong", "_csrf_token": form_token(client)}
    statuses = [client.post("/sign-in", data=data).status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]


def test_guessed_bearer_tokens_are_slowed_down_too(client: Client) -> None:
    answers = [client.get("/v1/me", headers=bearer("tly_0000000000_wrong")) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_a_bearer_token_says_who_is_asking(client: Client, codes: dict[str, str]) -> None:
    me = client.get("/v1/me", headers=bearer(codes["mcn"])).json()
    assert me["member"] == "mcn-member"
    assert {"role": "approve", "party": "mcn"} in me["grants"]


def test_what_is_hidden_and_what_does_not_exist_get_one_answer(client: Client, codes: dict[str, str]) -> None:
    hidden = client.get("/v1/statements/head-streamer.1.3", headers=bearer(codes["brand"]))
    unknown = client.get("/v1/statements/no-such", headers=bearer(codes["brand"]))
    assert hidden.status_code == unknown.status_code == 403
    assert hidden.json() == unknown.json()
    assert hidden.json()["code"] == "access.denied"


def test_an_outsider_sees_empty_lists_and_an_auditor_full_ones(client: Client, codes: dict[str, str]) -> None:
    for path, count in (("agreements", 1), ("statements", 5), ("disputes", 2)):
        assert client.get(f"/v1/{path}", headers=bearer(codes["outsider"])).json() == []
        assert len(client.get(f"/v1/{path}", headers=bearer(codes["auditor"])).json()) == count


def test_accepting_needs_the_role_and_the_form_token(client: Client, codes: dict[str, str]) -> None:
    sign_in(client, codes["brand"])
    data = {"_csrf_token": form_token(client, "/")}
    assert client.post("/statements/head-streamer.1.3/accept", data=data).status_code == 403
    client.cookies.clear()
    sign_in(client, codes["mcn"])
    data = {"_csrf_token": form_token(client, "/")}
    assert (
        client.post("/statements/head-streamer.1.3/accept", data=data, follow_redirects=False).status_code
        == 303
    )
    assert client.get("/v1/statements/head-streamer.1.3").json()["status"] == "accepted"


def test_bad_parameters_are_a_problem_that_names_them(client: Client, codes: dict[str, str]) -> None:
    answer = client.get(
        "/v1/statements/head-streamer.1.3/lines?limit=many&after=-1", headers=bearer(codes["mcn"])
    )
    assert answer.status_code == 400
    assert answer.headers["content-type"] == PROBLEM_JSON
    problem = answer.json()
    assert problem["code"] == "request.invalid"
    assert problem["type"] == "/problems/request.invalid"
    assert {item["where"] for item in problem["errors"]} == {"query.limit", "query.after"}


def test_an_unknown_page_is_a_page_for_browsers_and_a_problem_for_programs(client: Client) -> None:
    assert client.get("/nowhere", headers=HTML | {"accept-language": "zh"}).text.count("没有这个页面") >= 1
    assert client.get("/nowhere").json()["code"] == "request.not-found"
    assert client.delete("/health").json()["code"] == "request.method"


def test_an_internal_fault_leaks_nothing(
    client: Client, house: House, codes: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        message = "SELECT secret FROM table"
        raise RuntimeError(message)

    monkeypatch.setattr(type(house.overview), "overview", fail)
    answer = client.get("/v1/overview", headers=bearer(codes["mcn"]))
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["code"] == "internal"
    assert len(answer.json()["reference"]) == 12


def test_every_problem_code_has_a_page(client: Client) -> None:
    for code in known_codes():
        for lang in ("zh", "en"):
            answer = client.get(f"/problems/{code}?lang={lang}", headers=HTML)
            assert answer.status_code == 200, code
            assert code in answer.text
    assert client.get("/problems/no.such").status_code == 404


def test_lines_as_csv_are_exact_and_complete(client: Client, codes: dict[str, str]) -> None:
    answer = client.get("/v1/statements/head-streamer.1.3/lines.csv", headers=bearer(codes["mcn"]))
    rows = answer.text.lstrip("\ufeff").splitlines()
    assert rows[0].startswith("number,order,line,clause,version,leg")
    assert len(rows) == 1001
    assert rows[1].endswith("16.69,1669,CNY")


def test_lines_are_paged_by_cursor_to_the_end(client: Client, codes: dict[str, str]) -> None:
    seen: list[int] = []
    after: int | None = None
    while True:
        query = "" if after is None else f"&after={after}"
        page = client.get(
            f"/v1/statements/head-streamer.1.3/lines?limit=300{query}", headers=bearer(codes["mcn"])
        ).json()
        seen += [line["number"] for line in page["lines"]]
        after = page["next_after"]
        if after is None:
            break
    assert seen == list(range(1000))


def test_the_openapi_document_is_whole(client: Client) -> None:
    document = client.get("/v1/schema/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "Tallystick"
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    text = str(document)
    names = re.findall(r"#/components/schemas/([^'\"]+)", text)
    assert names
    assert set(names) <= set(document["components"]["schemas"])
    ids = [op["operationId"] for item in document["paths"].values() for op in item.values()]
    assert len(ids) == len(set(ids))
    for path, item in document["paths"].items():
        assert path.startswith("/v1/"), path
        for operation in item.values():
            assert operation.get("description"), path
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    assert list(answer["content"]) == [PROBLEM_JSON], (path, status)
            assert {"400", "401", "403", "429", "500"} <= set(operation["responses"]), path


def test_a_cookie_may_read_the_api_but_not_write_it(client: Client, codes: dict[str, str]) -> None:
    sign_in(client, codes["mcn"])
    assert client.get("/v1/me").status_code == 200
    assert client.post("/v1/me").status_code == 405
