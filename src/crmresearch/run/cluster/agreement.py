"""What has to be alike on every machine, so that a report is the same wherever it is made."""

from collections.abc import Mapping

from crmresearch.run import manifest

_PACKAGE = "the package's files"


def here() -> dict[str, str]:
    """What this process makes reports with: the hash of the package, and the versions of all."""
    return {_PACKAGE: manifest.package_digest(), **manifest.versions()}


def differences(theirs: Mapping[str, str], ours: Mapping[str, str]) -> str:
    """``pandas 3.0.1, here 3.1.0; …``: empty where everything is alike."""
    names = sorted({*theirs, *ours} - {_PACKAGE})
    found = [
        f"{name} {theirs.get(name, 'missing')}, here {ours.get(name, 'missing')}"
        for name in names
        if theirs.get(name) != ours.get(name)
    ]
    if not found and theirs.get(_PACKAGE) != ours.get(_PACKAGE):
        found = ["crmresearch of the same version, but not the same files as here"]
    return "; ".join(found)


def told(found: Mapping[str, object], ours: Mapping[str, str]) -> list[str]:
    """One line for every way in which machines differ, with the machines.

    `found` is a machine's name to what `here` said there, or to the error that it ended with.
    """
    lines: dict[str, list[str]] = {}
    for machine, said in found.items():
        if not isinstance(said, Mapping):
            problem = f"cannot run crmresearch ({said or type(said).__name__})"
        elif differs := differences(said, ours):
            problem = f"has {differs}"
        else:
            continue
        lines.setdefault(problem, []).append(machine)
    return [f"{', '.join(machines)}: {problem}" for problem, machines in lines.items()]
