"""Documents are checked as they come, and fetched only by who says which one it expects."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

import pytest
from django.http import StreamingHttpResponse
from django.test import RequestFactory

from crinale.services.program_interface.http import documents, door

if TYPE_CHECKING:
    from crinale.services.program_interface.tests.callers import Caller

pytestmark = pytest.mark.django_db
CONTENT = b"0123456789"
ETAG = f'"{hashlib.sha256(CONTENT).hexdigest()}"'
AT = f"/documents/{hashlib.sha256(CONTENT).hexdigest()}"


def digest_of(content: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


@pytest.mark.parametrize(
    ("digest", "status"),
    [(digest_of(CONTENT), 201), (digest_of(b"other"), 400), ("sha-256=:%%:", 201), ("sha-256=:abc:", 400)],
)
def test_the_content_is_the_one_that_was_told(caller: Caller, digest: str, status: int) -> None:
    path = "/documents?file_name=a.txt"
    answer = caller.ask("POST", path, CONTENT, Content_Type="text/plain", Content_Digest=digest)
    assert answer.status_code == status
    found = caller.ask("GET", AT, If_Match=ETAG)
    assert found.status_code == (200 if status == 201 else 404)
    assert (found.getvalue() == CONTENT) == (status == 201)


def test_an_empty_document_is_refused(caller: Caller) -> None:
    answer = caller.ask("POST", "/documents?file_name=a.txt", b"", Content_Type="text/plain")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("headers", "status", "content"),
    [
        ({}, 428, None),
        ({"If_Match": '"other"'}, 412, None),
        ({"If_Match": f"W/{ETAG}"}, 412, None),
        ({"If_Match": "no tag"}, 412, None),
        ({"If_Match": ETAG}, 200, CONTENT),
        ({"If_Match": "*"}, 200, CONTENT),
        ({"If_Match": f'"other", {ETAG}'}, 200, CONTENT),
        ({"If_Match": ETAG, "Range": "bytes=2-4"}, 206, b"234"),
        ({"If_Match": ETAG, "Range": "bytes=7-"}, 206, b"789"),
        ({"If_Match": ETAG, "Range": "bytes=-3"}, 206, b"789"),
        ({"If_Match": ETAG, "Range": "bytes=8-99"}, 206, b"89"),
        ({"If_Match": ETAG, "Range": "bytes=-99"}, 206, CONTENT),
        ({"If_Match": ETAG, "Range": "bytes=10-"}, 416, None),
        ({"If_Match": ETAG, "Range": "bytes=-0"}, 416, None),
        ({"If_Match": ETAG, "Range": "bytes=4-2"}, 200, CONTENT),
        ({"If_Match": ETAG, "Range": "bytes=0-1,3-4"}, 200, CONTENT),
        ({"If_Match": ETAG, "Range": "lines=1-2"}, 200, CONTENT),
        ({"If_Match": ETAG, "Range": "bytes=0-1", "If_Range": '"other"'}, 200, CONTENT),
        ({"If_Match": ETAG, "Range": "bytes=0-1", "If_Range": ETAG}, 206, b"01"),
    ],
)
def test_ranges_and_conditions(
    caller: Caller, headers: dict[str, str], status: int, content: bytes | None
) -> None:
    caller.deliver(CONTENT)
    answer = caller.ask("GET", AT, **headers)
    assert answer.status_code == status
    if content is None:
        assert answer["Content-Type"] == "application/problem+json"
    else:
        assert answer.getvalue() == content
        assert (answer["ETag"], answer["Content-Length"]) == (ETAG, str(len(content)))
    if status == 206:
        assert answer["Content-Range"].endswith("/10")
    if status == 416:
        assert answer["Content-Range"] == "bytes */10"


def test_a_document_that_nobody_reads_to_the_end_is_closed(caller: Caller) -> None:
    caller.deliver(CONTENT)
    request = RequestFactory().get(
        caller.base + AT, headers={"Authorization": f"Bearer {caller.token}", "If-Match": ETAG}
    )
    answer = door.answer(request)
    assert isinstance(answer, StreamingHttpResponse)
    closers = answer._resource_closers  # type: ignore[attr-defined]
    (pieces,) = [one.__self__ for one in closers if isinstance(one.__self__, documents._Pieces)]
    answer.close()
    assert pieces.stream.closed


def test_head_tells_the_size_without_the_bytes(caller: Caller) -> None:
    caller.deliver(CONTENT)
    answer = caller.ask("HEAD", AT, If_Match=ETAG)
    assert (answer.status_code, answer["Content-Length"], answer.content) == (200, "10", b"")
