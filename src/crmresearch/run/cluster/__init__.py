"""Reports made by an existing Dask cluster: ``crmresearch build --cluster ADDRESS``.

The batch is the same as on one machine; only what makes a report differs. `session` is the
client's side, with its `connection`, the files that it is `sending` and the reports that it is
`asking` for. `worker` is what runs on the workers, `parcels` what is sent there, `archives` what
comes back, `results` the place that it comes back through when that is not the scheduler, and
`agreement` what has to be alike on all machines.

A client, a scheduler and its workers trust each other wholly: Dask sends code and pickles, so who
can reach the scheduler can run anything on the workers and on the client. Keep it inside a network
that you trust, or use Dask's own TLS: an address that begins with ``tls://`` and certificates in
Dask's configuration. The answers of the survey pass through the scheduler and lie, for as long as
the batch runs, in a folder of the worker's user that nobody else can read.
"""
