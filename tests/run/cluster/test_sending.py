"""Files are sent once each, and again where the cluster has lost them."""

from types import SimpleNamespace

import pytest

from crmresearch.errors import UserError
from crmresearch.run.cluster import sending
from crmresearch.run.cluster.losses import WorkerLost
from crmresearch.run.cluster.sending import Sending
from crmresearch.run.manifest import known_hash


class Client:
    """Takes note of what is sent, as Dask's would."""

    def __init__(self):
        self.sent: list[bytes] = []
        self.reachable = True

    def scatter(self, data, hash):
        if not self.reachable:
            raise TimeoutError("No valid workers found")
        [(name, content)] = data.items()
        self.sent.append(content)
        return {name: SimpleNamespace(status="finished")}


@pytest.fixture
def client():
    return Client()


@pytest.fixture
def files(tmp_path):
    (tmp_path / "a.csv").write_text("a")
    (tmp_path / "b.csv").write_text("bb")
    return [tmp_path / "a.csv", tmp_path / "b.csv"]


def test_a_file_is_sent_once_until_it_is_lost(client, files):
    mine = Sending(client)
    known = {known_hash(path): path for path in files}
    first = mine.futures(known, known)
    assert list(first) == list(known)
    assert mine.futures(known, known) == first
    assert client.sent == [b"a", b"bb"]
    first[known_hash(files[0])].status = "cancelled"
    mine.futures(known, known)
    assert client.sent == [b"a", b"bb", b"a"]


def test_the_cluster_keeps_no_more_than_it_may(client, files, monkeypatch):
    monkeypatch.setattr(sending, "KEPT", 2)
    mine = Sending(client)
    known = {known_hash(path): path for path in files}
    a, b = known
    for wanted in ([a], [b], [b], [a], [b]):
        mine.futures(wanted, known)
    assert client.sent == [b"a", b"bb", b"a", b"bb"]


def test_a_file_that_has_changed_is_not_sent_as_what_it_was(client, files):
    mine = Sending(client)
    known = {known_hash(path): path for path in files}
    files[0].write_text("c")
    with pytest.raises(UserError, match=r"^a\.csv changed while the reports were made\."):
        mine.futures(known, known)
    assert client.sent == []
    assert known_hash(files[0]) not in known


def test_nobody_to_send_to_is_a_lost_worker(client, files):
    client.reachable = False
    mine = Sending(client)
    with pytest.raises(WorkerLost, match="No valid workers found") as lost:
        mine.futures([known_hash(files[0])], {known_hash(files[0]): files[0]})
    assert lost.value.again
