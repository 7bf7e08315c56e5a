"""Deliveries to webhooks: everything from a position on, in order, signed, and again until it is accepted."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_network
from pathlib import Path

import pytest
from msgspec.structs import replace
from standardwebhooks.webhooks import Webhook

from hanse_io.outgoing import Reach
from hanse_node.access.caller import ITSELF, Caller, CallerKind
from hanse_node.base.bounds import WEBHOOK_FIRST_PAUSE_MS, WEBHOOK_GIVEN_UP_MS, WEBHOOK_LONGEST_PAUSE_MS
from hanse_node.base.metrics import Metrics
from hanse_node.feed import Feed
from hanse_node.queries.event import Event
from hanse_node.signing.tokens import Scope, TokenBook, create_token, revoke_token
from hanse_node.store.beside.webhooks import Hook, Hooks
from hanse_node.webhooks import onehook
from hanse_node.webhooks.courses import Webhooks
from hanse_node.webhooks.onehook import Surroundings, pause_ms
from hanse_node.webhooks.owners import Owners, party_owner
from hanse_node.webhooks.secretfiles import rotate_secret, secret_file, write_secret
from hanse_node.webhooks.signing import Scheme, make_secret
from hanse_node.webhooks.wanting import Wants, wanted, write_wants
from tests.system.stage.receiver import PATIENCE_S, Receiver, receiver
from tests.world.front import Front, front
from tests.world.node_ledger import HOUR, PARTIES, START, invoice, party

LOOPBACK = Reach([ip_network("127.0.0.0/8")])
SECRET = make_secret(Scheme.HMAC)


def now_ms() -> int:
    """Tell the present in milliseconds."""
    return time.time_ns() // 1_000_000


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Front]:
    """Run a node in which a seller and a buyer are enrolled: positions 1 and 2."""
    with front(tmp_path / "node") as running:
        running.must_stand(PARTIES)
        yield running


@pytest.fixture
def place() -> Iterator[Receiver]:
    """Run a receiver."""
    with receiver() as running:
        yield running


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once, and give up soon."""
    monkeypatch.setattr(onehook, "WEBHOOK_FIRST_PAUSE_MS", 10)
    monkeypatch.setattr(onehook, "WEBHOOK_LONGEST_PAUSE_MS", 50)


class Stage:
    """The webhooks of a node in a test."""

    def __init__(self, node: Front, folder: Path) -> None:
        self.node, self.folder, self.hooks = node, folder, Hooks(node.store)
        self.heard: list[tuple[Caller, bytes]] = []

    def add(self, name: str, url: str, **values: object) -> Hook:
        """Add a webhook that gets everything, or what `values` say."""
        write_secret(self.folder, name, SECRET)
        made = Hook(name=name, owner="operator", url=url, wants=b"{}", public="", made=1, version=1, position=0, due=0)
        self.hooks.add(replace(made, **values), most=9)
        return self.hooks.find(name)

    def told(self, caller: Caller, event: Event) -> None:
        """Note who was told of an event."""
        self.heard.append((caller, event.id))

    @contextmanager
    def run(self, reach: Reach = LOOPBACK) -> Iterator[Webhooks]:
        """Deliver until the block ends."""
        events = self.node.service.events
        feed = Feed(events.read, events.tells, heartbeat_seconds=0.2)
        self.node.service.watch(feed.notify)
        owners = Owners(TokenBook(self.folder / "tokens", now_ms), self.node.store.reading, lambda: START + HOUR)
        around = Surroundings(self.folder, self.node.service.source, feed, owners, reach, Metrics(), now_ms, self.told)
        made = Webhooks(self.hooks, around, lambda: self.node.store.head.size, look_seconds=0.05)
        with ExitStack() as stack:
            stack.callback(made.stop)
            made.start()
            yield made

    def until(self, name: str, what: Callable[[Hook], bool]) -> Hook:
        """Wait until what is written of a webhook is so."""
        ends = time.monotonic() + PATIENCE_S
        while not what(found := self.hooks.find(name)):
            assert time.monotonic() < ends, found
            time.sleep(0.02)
        return found


@pytest.fixture
def stage(node: Front, tmp_path: Path) -> Stage:
    """Give the webhooks of the node."""
    return Stage(node, tmp_path)


def test_everything_from_a_position_on_is_delivered_in_order(stage: Stage, place: Receiver) -> None:
    """What stood before, what comes; each once, signed, as a CloudEvent whose id is the message's."""
    stage.add("erp", place.url, position=2)
    with stage.run():
        place.wait(1)
        stage.node.must_stand([invoice(number) for number in range(3)])
        came = place.wait(4)
        stage.until("erp", lambda hook: hook.position == 7)
    assert place.positions() == [2, 4, 5, 6]
    operator = Caller(CallerKind.NODE, "erp")
    assert stage.heard == [(operator, bytes.fromhex(each.id)) for each in came], "for the read log"
    for each in came:
        event = Webhook(SECRET).verify(each.body, each.headers)
        assert each.headers["content-type"] == "application/cloudevents+json"
        assert (event["specversion"], event["source"]) == ("1.0", stage.node.service.source)
        assert each.id == event["id"] == event["data"]["id"]
        assert event["type"] == f"hanse.{event['data']['kind']}"
    kept = stage.hooks.deliveries("erp", 9)
    assert [(each.position, each.status, each.fault) for each in kept] == [(at, 204, "") for at in (6, 5, 4, 2)]


def test_a_stop_loses_and_doubles_nothing(stage: Stage, place: Receiver) -> None:
    """Where a stopped node has come is written: the next one goes on from there."""
    stage.add("erp", place.url)
    with stage.run():
        place.wait(2)
        # Answered too: a call that is under way when a node stops is made again.
        stage.until("erp", lambda hook: hook.position == 3)
    stage.node.must_stand([invoice(1)])
    with stage.run():
        place.wait(3)
    assert place.positions() == [1, 2, 4]


@pytest.mark.usefixtures("_quick")
def test_what_fails_is_sent_again_under_its_id(stage: Stage, place: Receiver) -> None:
    """Until it is accepted, and nothing else before it; then all is forgotten."""
    place.answer = lambda _: (500 if len(place.came) < 4 else 200, {})
    stage.add("erp", place.url)
    with stage.run():
        came = place.wait(5)
        done = stage.until("erp", lambda hook: hook.position == 3)
    assert place.positions() == [1, 1, 1, 1, 2]
    assert len({each.id for each in came}) == 2
    assert (done.failing, done.attempts, done.due) == (None, 0, 0)
    faults = [each.fault for each in stage.hooks.deliveries("erp", 9)]
    assert faults == ["", "", *["it answers with the status 500"] * 3]


def test_where_it_fails_is_kept(stage: Stage, place: Receiver) -> None:
    """Since when, how often, and when the next attempt is due; a restart begins it no sooner."""
    place.answer = lambda _: (503, {"retry-after": "600"})
    stage.add("erp", place.url)
    with stage.run() as webhooks:
        found = stage.until("erp", lambda hook: hook.attempts == 1)
        while not webhooks.warning:
            time.sleep(0.02)
        assert webhooks.warning == "1 of 1 webhooks fail: hanse webhook list"
    assert found.failing is not None
    assert 590_000 < found.due - found.failing < 620_000
    with stage.run():
        time.sleep(0.3)
    assert len(place.came) == 1
    assert stage.hooks.find("erp") == found


@pytest.mark.usefixtures("_quick")
def test_after_three_days_a_webhook_is_paused(stage: Stage, place: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says why, and where it goes on; once it is resumed nothing is left out."""
    monkeypatch.setattr(onehook, "WEBHOOK_GIVEN_UP_MS", 200)
    place.answer = lambda _: (500, {})
    stage.add("erp", place.url)
    with stage.run() as webhooks:
        found = stage.until("erp", lambda hook: hook.paused is not None)
        assert found.reason == "nothing was accepted for three days: it answers with the status 500"
        assert found.position in (0, 1)
        while not webhooks.warning.startswith("1 of 1 webhooks are paused"):
            time.sleep(0.02)
        count = len(place.came)
        stage.node.must_stand([invoice(1)])
        time.sleep(0.3)
        assert len(place.came) == count
        place.answer = lambda _: (200, {})
        stage.hooks.change("erp", now_ms(), paused=None, reason="")
        stage.until("erp", lambda hook: hook.position == 5)
    assert place.positions()[count:] == [1, 2, 4]


def test_a_receiver_that_is_gone_is_left_alone(stage: Stage, place: Receiver) -> None:
    """410 says that nothing more is wanted, ever."""
    place.answer = lambda _: (410, {})
    stage.add("erp", place.url)
    with stage.run():
        found = stage.until("erp", lambda hook: hook.paused is not None)
    assert "410" in found.reason
    assert len(place.came) == 1


def test_a_slow_receiver_holds_up_nobody(stage: Stage, place: Receiver) -> None:
    """The others get everything while it answers nothing, and the node takes records."""
    with receiver() as slow:
        slow.answer = lambda _: (204 if slow.release.wait(PATIENCE_S) else 500, {})
        for number in range(4):
            stage.add(f"slow-{number}", slow.url)
        stage.add("quick", place.url)
        with stage.run():
            slow.wait(4)
            stage.node.must_stand([invoice(number) for number in range(20)])
            place.wait(22)
            assert len(slow.came) == 4
            slow.release.set()
            stage.until("slow-3", lambda hook: hook.position > 20)


@pytest.mark.parametrize(
    ("status", "headers", "fault"),
    [
        (302, {"location": "http://127.0.0.1:9/"}, "it answers with the status 302"),
        (200, {"content-encoding": "gzip"}, "encoded"),
    ],
    ids=["redirect", "encoded"],
)
def test_what_is_no_plain_yes_has_failed(
    stage: Stage, place: Receiver, status: int, headers: dict[str, str], fault: str
) -> None:
    """Nobody is followed elsewhere, and nothing is unpacked."""
    place.answer = lambda _: (status, headers)
    stage.add("erp", place.url)
    with stage.run():
        stage.until("erp", lambda hook: hook.attempts == 1)
    assert fault in stage.hooks.deliveries("erp", 9)[0].fault
    assert len(place.came) == 1


def test_nothing_inside_is_called_that_is_not_allowed(stage: Stage, place: Receiver) -> None:
    """Loopback is inside; the delivery says so, and the receiver hears nothing."""
    stage.add("erp", place.url)
    stage.add("name", place.url.replace("127.0.0.1", "localhost"))
    with stage.run(Reach()):
        for name in ("erp", "name"):
            stage.until(name, lambda hook: hook.attempts == 1)
            (delivery,) = stage.hooks.deliveries(name, 9)
            assert (delivery.status, "which is inside" in delivery.fault) == (None, True)
    assert place.came == []


@pytest.mark.usefixtures("_quick")
def test_a_receiver_that_is_not_there_is_waited_for(stage: Stage) -> None:
    """Whoever comes later on the same port gets everything."""
    with receiver() as gone:
        port, url = int(gone.url.split(":")[2].split("/")[0]), gone.url
    stage.add("erp", url)
    with stage.run():
        stage.until("erp", lambda hook: hook.attempts > 2)
        with receiver(port) as back:
            back.wait(2)
            assert back.positions() == [1, 2]


def test_the_operator_sends_it_back_while_it_runs(stage: Stage, place: Receiver) -> None:
    """A position that is changed counts at once; what was on its way does not undo it."""
    stage.add("erp", place.url)
    with stage.run():
        first = place.wait(2)
        stage.hooks.change("erp", now_ms(), position=1)
        again = place.wait(4)
        stage.hooks.remove("erp")
        time.sleep(0.3)
        stage.node.must_stand([invoice(1)])
        time.sleep(0.3)
    assert [each.id for each in again] == [each.id for each in first] * 2
    assert stage.hooks.every() == []


def test_only_what_is_wanted_is_sent(stage: Stage, place: Receiver) -> None:
    """By kind, and by what it concerns; the position goes on over the rest."""
    stage.add("kinds", place.url, wants=write_wants(Wants(kinds=("invoice.issue",))))
    stage.add("nothing", place.url, wants=write_wants(Wants(objects=("ab" * 32,))))
    with stage.run():
        stage.node.must_stand([invoice(1)])
        place.wait(1)
        for name in ("kinds", "nothing"):
            stage.until(name, lambda hook: hook.position == 5)
    assert place.positions() == [4]


def test_wants_are_held_against_every_step(node: Front) -> None:
    """A whole kind, its first word, a party; of a bundle each step counts."""
    node.must_stand([invoice(1)])
    (event,) = node.service.events.read(ITSELF, 3).events
    told = {
        "all": Wants(),
        "kind": Wants(kinds=("invoice.issue",)),
        "word": Wants(kinds=("invoice",)),
        "party": Wants(objects=(party("seller").hex(),)),
        "both": Wants(kinds=("invoice",), objects=(party("seller").hex(),)),
    }
    assert all(wanted(wants)(event) for wants in told.values())
    for wants in (Wants(kinds=("party",)), Wants(kinds=("invoice",), objects=("ab" * 32,))):
        assert not wanted(wants)(event)
    bundle = replace(event, kind="bundle", kinds=("title.issue", "invoice.issue"))
    assert all(wanted(Wants(kinds=(kind,)))(bundle) for kind in ("bundle", "title", "invoice.issue"))


def test_a_token_that_ends_ends_its_webhooks(stage: Stage, place: Receiver) -> None:
    """What its holder may not read any more is not sent, also in the middle; a webhook says so and stops."""
    tokens, year = stage.folder / "tokens", now_ms() + 10**10
    create_token(tokens, "auditor", (Scope.READ,), ends=year, now=now_ms())
    create_token(tokens, "feeder", (Scope.SUBMIT,), ends=year, now=now_ms())
    for name in ("auditor", "feeder", "nobody"):
        stage.add(name, place.url, owner=f"token {name}")
    with stage.run():
        place.wait(2)
        for name, why in (("feeder", "does not open read"), ("nobody", "there is no token nobody")):
            assert why in stage.until(name, lambda hook: hook.paused is not None).reason
        revoke_token(tokens, "auditor")
        found = stage.until("auditor", lambda hook: hook.paused is not None)
        stage.node.must_stand([invoice(1)])
        time.sleep(0.3)
    assert found.reason == "its owner may not hear anything: there is no token auditor"
    assert place.positions() == [1, 2]


def test_a_webhook_tells_what_its_owner_may_read(stage: Stage, place: Receiver) -> None:
    """A party's gets what concerns it, a member's every header; one of whom nobody is told is paused, and says why."""
    owners = {"seller": party_owner(party("seller")), "buyer": party_owner(party("buyer")), "member": "member market"}
    owners |= {"nobody": f"party {'ab' * 32}", "left": "member elsewhere"}
    with ExitStack() as stack:
        places = {name: stack.enter_context(receiver()) for name in owners}
        for name, owner in owners.items():
            stage.add(name, places[name].url, owner=owner)
        stack.enter_context(stage.run())
        stage.node.must_stand([invoice(1)])
        for name in ("seller", "buyer", "member"):
            stage.until(name, lambda hook: hook.position == 5)
        for name, why in (("nobody", f"there is no party {'ab' * 32}"), ("left", "there is no member elsewhere")):
            assert why in stage.until(name, lambda hook: hook.paused is not None).reason
    came = {name: each.positions() for name, each in places.items()}
    assert came == {"seller": [1, 4], "buyer": [2, 4], "member": [1, 2, 4], "nobody": [], "left": []}
    assert place.came == []


def test_a_new_secret_counts_at_once_and_the_old_one_for_a_while(stage: Stage, place: Receiver) -> None:
    """The node runs: both sign until the overlap ends, then the new one alone; the old one is deleted."""
    stage.add("erp", place.url)
    new = make_secret(Scheme.HMAC)
    with stage.run():
        place.wait(2)
        stage.until("erp", lambda hook: hook.position == 3)
        rotate_secret(stage.folder, "erp", new, now_ms(), now_ms() + 1_500)
        stage.hooks.change("erp", now_ms())
        # Another version: from now on what the node sends knows both.
        stage.until("erp", lambda hook: hook.version > 1)
        time.sleep(0.2)
        stage.node.must_stand([invoice(1)])
        both = place.wait(3)[2]
        for secret in (SECRET, new):
            Webhook(secret).verify(both.body, both.headers)
        ends = time.monotonic() + PATIENCE_S
        while SECRET in secret_file(stage.folder, "erp").read_text():
            assert time.monotonic() < ends
            time.sleep(0.05)
        stage.node.must_stand([invoice(2)])
        last = place.wait(4)[3]
    assert " " not in last.headers["webhook-signature"]
    Webhook(new).verify(last.body, last.headers)


def test_a_webhook_without_its_secret_is_paused(stage: Stage, place: Receiver) -> None:
    """Nothing is sent unsigned; the others go on."""
    stage.add("erp", place.url)
    stage.add("other", place.url)
    secret_file(stage.folder, "erp").unlink()
    with stage.run():
        assert "cannot be read" in stage.until("erp", lambda hook: hook.paused is not None).reason
        place.wait(2)
    assert stage.hooks.find("other").paused is None


def test_pauses_grow_up_to_an_hour() -> None:
    """Twice as long each time, a fifth more or less; in three days it is tried some eighty times."""
    assert [pause_ms(attempts, 0) for attempts in range(3)] == [5_000, 10_000, 20_000]
    assert pause_ms(40, 0) == WEBHOOK_LONGEST_PAUSE_MS
    assert (pause_ms(0, -0.2), pause_ms(0, 0.2)) == (4_000, 6_000)
    spent = attempts = 0
    while spent < WEBHOOK_GIVEN_UP_MS:
        spent, attempts = spent + pause_ms(attempts, 0), attempts + 1
    assert 75 < attempts < 90
    assert WEBHOOK_FIRST_PAUSE_MS < WEBHOOK_LONGEST_PAUSE_MS
