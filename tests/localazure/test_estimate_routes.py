"""How long a training will take here: the trainer's own table, and only for who runs the local Azure."""

from collections.abc import Mapping

import anyio
import httpx
import pytest
from starlette.applications import Starlette

from localazure.estimate_routes import estimate_routes
from localazure.pipeline import error_handlers
from localazure.training.rungs import choose_rung, rungs

ASKED = {"kind": "detector", "pictures": "53", "classes": "3", "budgetHours": "1"}


def ask(token: str = "admin", **changes: str) -> tuple[int, Mapping[str, float | None]]:
    app = Starlette(routes=estimate_routes(admin_token="admin"), exception_handlers=error_handlers())

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://local") as client:
            headers = {"Authorization": f"Bearer {token}"}
            return await client.get("/_local/training-estimate", params=ASKED | changes, headers=headers)

    answer = anyio.run(send)
    return answer.status_code, answer.json()


def test_it_says_what_the_trainer_will_do() -> None:
    status, found = ask()
    assert status == 200
    assert found == {"seconds": choose_rung(53, 3600).cost_s(53), "leastSeconds": rungs(53)[-1].cost_s(53)}
    assert (ask(kind="classifier")[1]["seconds"] or 0) > 0


def test_a_budget_that_is_too_small_has_no_time_but_a_least() -> None:
    _, found = ask(pictures="1000000")
    assert found["seconds"] is None
    assert (found["leastSeconds"] or 0) > 3600


@pytest.mark.parametrize("changes", [{"kind": "x"}, {"pictures": "0"}, {"classes": "-1"}, {"budgetHours": "1e3"}])
def test_what_makes_no_sense_is_refused(changes: dict[str, str]) -> None:
    assert ask(**changes)[0] == 400


def test_it_asks_for_the_admin_token() -> None:
    assert ask(token="guess")[0] == 401
