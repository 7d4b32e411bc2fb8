"""Reaching a Dask cluster, and making sure that its machines can make the same reports."""

import logging
import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from crmresearch.errors import RequestError, UserError
from crmresearch.run.cluster import agreement, held, worker
from crmresearch.run.cluster.results import Results

SESSION = "crmresearch-"  # what the name of a session begins with; then follows the client's
ANSWER_SECONDS = 20  # for a scheduler to answer
JOIN_SECONDS = 120  # for the first worker; one that is asked for may have to be started
_PROFILER = (
    "the workers' profiler is on, which costs each some of its processor also while it waits; "
    "start them with DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED=False."
)


@contextmanager
def opened(address: str) -> Iterator:
    """A Dask client of the scheduler at `address`, which may also be the path of its file."""
    try:
        from distributed import Client
    except ImportError as error:
        raise RequestError(
            f"--cluster needs a package that is missing here, {error.name}. "
            "Install what it needs: pip install 'crmresearch[cluster]'"
        ) from None

    class Started(Client):
        """A client that ends where it cannot start: Dask's tries to when it is forgotten."""

        def start(self, **options) -> None:
            try:
                super().start(**options)
            except BaseException:
                with suppress(Exception):
                    self.close(timeout=1)
                raise

    place = {"scheduler_file": address} if os.path.isfile(address) else {"address": address}
    with _quiet("distributed"), _quiet("distributed.client"):
        try:
            client = Started(
                **place, timeout=ANSWER_SECONDS, set_as_default=False, name="crmresearch"
            )
        except Exception as error:  # of many kinds, and all mean that there is no client
            raise UserError(
                f"no Dask scheduler answers at {address} ({_first_line(error)}). Name the address "
                "that it shows when it starts, such as tcp://10.0.0.1:8786, or the path of its "
                "file."
            ) from None
        try:
            yield client
        finally:
            with suppress(Exception):  # the connection may have been lost already
                client.close(timeout=ANSWER_SECONDS)


def checked(
    client, ours: Mapping[str, str], results: Results | None, say: Callable[[str], None]
) -> int:
    """How many reports the workers make at a time, once all machines were found alike.

    Raises
    ------
    UserError
        With a line for each way in which the scheduler or workers differ from this process, or
        where there is no worker, or one cannot reach the `results`.
    """
    _await_worker(client)
    found = {"the scheduler": _on_scheduler(client)}
    found |= _asked(client, agreement.here)
    problems = agreement.told(found, ours)
    if problems:
        raise UserError(
            "the machines of the cluster cannot make the same reports as this one.\n"
            + "\n".join(f"  {line}" for line in problems)
            + "\nInstall the same version of crmresearch from the same requirements.lock on all, "
            "then start them again."
        )
    if results:
        _check_results(client, results)
    if any(client.run(worker.profiles, on_error="ignore").values()):
        say(_PROFILER)
    return sum(client.nthreads().values())


def forget_others(client) -> None:
    """Remove what builds that were killed have left on the workers."""
    alive = [f"{SESSION}{name}" for name in client.run_on_scheduler(worker.clients)]
    client.run(held.keep_only, alive, on_error="ignore")


def clear(client, run: str) -> None:
    """Let the scheduler forget that a run began."""
    from distributed import Event

    with suppress(Exception):  # it may have been lost; what it knew is then gone
        Event(run, client=client).clear()


def _await_worker(client) -> None:
    """Wait for a worker; a cluster that starts workers on demand sees a demand."""
    from distributed import TimeoutError

    try:
        client.submit(int, key=f"crmresearch-{uuid.uuid4().hex}", pure=False).result(JOIN_SECONDS)
    except TimeoutError:
        raise UserError(
            f"the scheduler at {client.scheduler.address} has had no worker for {JOIN_SECONDS} "
            "seconds. Start workers, then build again."
        ) from None


def _asked(client, question: Callable, *given: object) -> dict[str, object]:
    """What each worker that is still there answers, or the error that it ended with."""
    answers = client.run(question, *given, on_error="return")
    there = client.nthreads()
    return {who: said for who, said in answers.items() if who in there}


def _on_scheduler(client) -> object:
    try:
        return client.run_on_scheduler(agreement.here)
    except Exception as error:  # told like those of the workers
        return error


def _check_results(client, results: Results) -> None:
    """Let every worker find what is left at the results, before reports are left there."""
    name = f"crmresearch-{uuid.uuid4().hex}.txt"
    results.keep(name, b"seen from here")
    try:
        seen = _asked(client, results.found, name)
    finally:
        results.remove(name)
    blind = {who: said for who, said in seen.items() if not isinstance(said, bytes)}
    if blind:
        reasons = {
            str(said or "what is written here does not show there") for said in blind.values()
        }
        raise UserError(
            f"{results} is not the same place for {', '.join(blind)}: "
            f"{'; '.join(sorted(reasons))}. Name a place that this machine and all workers reach."
        )


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Nothing from this logger of Dask's: what befalls the connection is told with the reports."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
