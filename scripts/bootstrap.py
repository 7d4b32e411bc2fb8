"""Make or renew the project's environment in `.venv`; does nothing when it is up to date.

Uses the standard library alone: a virtual environment, then uv from `requirements-uv.lock`, then
with it every package of `requirements.lock` and this project, editable. Both files carry hashes,
so nothing is installed unchecked. Where uv cannot do its work, pip installs the same files.

A stamp, written last, says what `.venv` was made from. Without it, or with another one, `.venv` is
made anew: a set-up that was interrupted at any moment recovers when it is started again.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "made-from.txt"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
VERSIONS = ((3, 11), (3, 12), (3, 13))


class SetupError(Exception):
    """Set-up cannot go on; its text is the whole message."""


def main():
    """Make `.venv` unless its stamp says that it is up to date."""
    try:
        use_suitable_python()
        with one_at_a_time():
            stamp = fingerprint()
            if not up_to_date(stamp):
                make_environment(stamp)
    except SetupError as error:
        sys.exit(f"set-up: {error}")
    except KeyboardInterrupt:
        sys.exit("set-up: interrupted; start it again and it begins anew")


def use_suitable_python():
    """Go on in another Python of the machine when this one is too old or too new."""
    if sys.version_info[:2] in VERSIONS:
        return
    for major, minor in reversed(VERSIONS):
        other = shutil.which(f"python{major}.{minor}")
        if other and works(other):
            os.execv(other, [other, *sys.argv])
    raise SetupError(
        "crmresearch needs Python 3.11, 3.12 or 3.13; this is {}.{}.{} and no other was found. "
        "Install one, or name it: make PYTHON=/path/to/python3.12".format(*sys.version_info[:3])
    )


def works(python):
    """Whether `python` starts; a version manager's placeholder only prints advice."""
    return subprocess.run([python, "-c", ""], capture_output=True).returncode == 0


@contextlib.contextmanager
def one_at_a_time():
    """Hold a lock that the system frees however the process ends."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with open(__file__, "rb") as this:
        try:
            fcntl.flock(this, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("set-up: waiting for another set-up of this folder", flush=True)
            fcntl.flock(this, fcntl.LOCK_EX)
        yield


def fingerprint(root=ROOT):
    """What the environment is made from, as text to compare with the stamp."""
    import tomllib

    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    needs = {key: project.get(key) for key in ("build-system", "project", "dependency-groups")}
    parts = {
        "folder": root,
        "python": f"{os.path.realpath(sys.executable)} {sys.version.split()[0]}",
        "pyproject.toml": digest(repr(needs).encode()),
        "requirements.lock": digest((root / "requirements.lock").read_bytes()),
        "requirements-uv.lock": digest((root / "requirements-uv.lock").read_bytes()),
    }
    return "".join(f"{name}: {value}\n" for name, value in parts.items())


def digest(content):
    """The SHA-256 of some bytes."""
    return hashlib.sha256(content).hexdigest()


def up_to_date(stamp):
    """Whether `.venv` was finished from the same files by the same, still present, Python."""
    with contextlib.suppress(OSError):
        return STAMP.read_text(encoding="utf-8") == stamp and environment_python().exists()
    return False


def environment_python():
    """The interpreter in `.venv`."""
    return BIN / ("python.exe" if os.name == "nt" else "python")


def make_environment(stamp):
    """Make `.venv` from nothing and write the stamp last."""
    require_venv()
    version = "{}.{}.{}".format(*sys.version_info[:3])
    print(f"set-up: making .venv with Python {version}; one to several minutes", flush=True)
    remove_environment()
    if run([sys.executable, "-m", "venv", str(VENV)]) != 0:
        raise SetupError("the environment could not be made; the reason is above")
    python = str(environment_python())
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    if run([*pip, "--require-hashes", "-r", "requirements-uv.lock"]) != 0:
        raise SetupError("uv could not be installed; the reason is above")
    if not with_uv(python) and not with_pip(pip):
        raise SetupError("the packages could not be installed; the reason is above")
    STAMP.write_text(stamp, encoding="utf-8")


def require_venv():
    """Refuse a Python that cannot make environments, as some systems ship it."""
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        version = "{}.{}".format(*sys.version_info[:2])
        raise SetupError(
            f"this Python cannot make environments; on Debian: apt install python{version}-venv"
        ) from None


def remove_environment():
    """Remove `.venv`, also when it is only a link to a folder elsewhere."""
    if VENV.is_symlink():
        VENV.unlink()
    elif VENV.exists():
        shutil.rmtree(VENV)


def with_uv(python):
    """Install everything with uv; whether that worked."""
    print("set-up: installing the packages with uv", flush=True)
    uv = [str(BIN / "uv"), "pip", "install", "--quiet", "--python", python]
    return (
        run([*uv, "--require-hashes", "-r", "requirements.lock"]) == 0
        and run([*uv, "--no-deps", "--no-build-isolation", "--editable", "."]) == 0
    )


def with_pip(pip):
    """Install everything with pip, which takes minutes where uv takes seconds."""
    print("set-up: uv failed; installing the packages with pip, several minutes", flush=True)
    return (
        run([*pip, "--no-compile", "--require-hashes", "-r", "requirements.lock"]) == 0
        and run([*pip, "--no-deps", "--no-build-isolation", "--editable", "."]) == 0
    )


def run(command):
    """Run a command in the project's folder; its exit code, or 127 where it cannot start.

    The environment's programs come first on the path: pip's build of this project looks for one.
    """
    path = os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)])
    try:
        return subprocess.run(command, cwd=ROOT, env={**os.environ, "PATH": path}).returncode
    except OSError as error:
        print(f"set-up: {command[0]}: {error.strerror}", file=sys.stderr)
        return 127


if __name__ == "__main__":
    main()
