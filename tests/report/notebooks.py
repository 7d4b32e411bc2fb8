"""Executed notebooks made in memory: cells whose outputs are real exhibits, without a kernel."""

import json

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output


def prose(text):
    return new_markdown_cell(text)


def code(source, *outputs, tags=()):
    """A code cell; an output is a `Shown`, a text that was printed, or a MIME bundle."""
    return new_code_cell(
        source,
        execution_count=1,
        outputs=[_output(output) for output in outputs],
        metadata={"tags": list(tags)} if tags else {},
    )


def notebook(*cells):
    """The notebook as it is read back from its file."""
    made = new_notebook(cells=list(cells))
    return nbformat.from_dict(json.loads(json.dumps(made)))


def _output(output):
    if isinstance(output, str):
        return new_output("stream", name="stdout", text=output)
    if isinstance(output, dict):
        return new_output("display_data", data=output)
    return new_output("execute_result", data=output._repr_mimebundle_(), execution_count=1)
