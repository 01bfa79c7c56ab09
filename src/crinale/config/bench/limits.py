"""The limits of the machine, measured beside our own figures: one-row commits, RSA-2048 signatures."""

from __future__ import annotations

import psycopg
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from crinale.config.bench.measure import Measurement, Step, repeat_in_processes

_MESSAGE = b"x" * 64


def bare_commits(*, owner_url: str, processes: int, seconds: float) -> Measurement:
    """Transactions of one inserted row, prepared, each committed durably by itself."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("create table if not exists bench_commit (id bigserial primary key, at timestamptz)")

    def prepare(_: int) -> Step:
        connection = psycopg.connect(owner_url, autocommit=True)
        return lambda: connection.execute(
            "insert into bench_commit (at) values (clock_timestamp())", prepare=True
        )

    return repeat_in_processes(prepare, processes=processes, seconds=seconds)


def bare_signatures(*, processes: int, seconds: float) -> Measurement:
    """RSA-2048 signatures (PKCS #1 v1.5, SHA-256) with a loaded key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def prepare(_: int) -> Step:
        return lambda: key.sign(_MESSAGE, padding.PKCS1v15(), hashes.SHA256())

    return repeat_in_processes(prepare, processes=processes, seconds=seconds)
