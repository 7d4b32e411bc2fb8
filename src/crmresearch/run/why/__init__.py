"""Why a report changed: its ingredients swapped one at a time between two of its builds."""
