"""Student's t at single values, where an interval or a p is made for every estimate of a report.

The same functions as behind ``scipy.stats.t``, without its handling of shapes and locations, which
costs a hundred times what the number itself does.
"""

from scipy import special


def t_quantile(chance: float, df: float) -> float:
    """The value that t with `df` degrees of freedom stays below with this chance, above 0.

    NaN without degrees of freedom.
    """
    return float(special.stdtrit(df, chance))


def two_sided_p(t: float, df: float) -> float:
    """The chance of a t at least this far from 0, on either side; NaN without degrees of freedom.

    Computed in the tail, so that it keeps its digits where it is small.
    """
    return float(2 * special.stdtr(df, -abs(t)))


def chance_beyond(t: float, df: float, shift: float) -> float:
    """The chance that the noncentral t, whose numerator has the mean `shift`, exceeds `t`."""
    return float(special.nctdtr(df, -shift, -t))
