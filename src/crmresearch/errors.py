"""The one kind of error that is a user's to fix.

Everything a user can get wrong (a file, a codebook, a parameter, a study that the data cannot
carry) is raised as a `UserError`, whose text says where, what was found, the rule and the fix.
The command line prints the text alone and exits with `exit_code`; anything else is our bug and
keeps its traceback.
"""


class UserError(Exception):
    """A mistake that the user can fix; its text is the whole message."""

    exit_code = 1

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows of it: its text, without the calls that found the mistake."""
        return [str(self)]


class RequestError(UserError):
    """The request itself is wrong: an unknown study, parameter, option or path."""

    exit_code = 2


class DataError(UserError):
    """The data, their codebook or their description break a rule."""


def printable(text: str) -> str:
    """A message may quote survey text: what would steer the terminal is shown as its code."""
    return "".join(
        sign if sign.isprintable() or sign == "\n" else sign.encode("unicode_escape").decode()
        for sign in text
    )
