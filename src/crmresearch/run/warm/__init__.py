"""Warm kernels: each is forked from a process that has imported what the notebooks import.

`owner` is the batch's side, `parent` the process that forks, `child` the kernel's first steps,
`preload` what the parent imports and `learnt` where it knows that from.
"""
