"""Interruption: which signals end a command, with what exit code, and when they wait."""

import signal
import sys
import threading

import pytest

from crmresearch.run.batch.interruption import Interrupted, Stopped, interruptible, shielded

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="raises signals in this process")


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_the_body_with_its_exit_code(name):
    number = getattr(signal, name)
    as_it_was = signal.signal(number, signal.default_int_handler)  # `nohup` ignores one of them
    done = []

    def body():
        with interruptible("not begun"):
            try:
                signal.raise_signal(number)
            except Exception as error:  # as around a report
                done.append(error)
            done.append("more")

    try:
        with pytest.raises(Stopped, match=r"^not begun$") as stopped:
            body()
        assert signal.getsignal(number) is signal.default_int_handler
    finally:
        signal.signal(number, as_it_was)
    assert stopped.value.exit_code == 128 + number
    assert done == []


def test_it_waits_for_the_end_of_what_is_shielded():
    done = []

    def body():
        with shielded():
            signal.raise_signal(signal.SIGTERM)
            done.append("all of it")
        done.append("more")

    with interruptible(""), pytest.raises(Interrupted) as interrupted:
        body()
    assert interrupted.value.number == signal.SIGTERM
    assert done == ["all of it"]


def test_what_was_ignored_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible(""):
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_other_threads_leave_signals_alone():
    done = []

    def body():
        with interruptible(""):
            done.append(True)

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    assert done == [True]
