"""Values on their way from DynamoDB and from its streams."""

from portal.expressions import plain


def test_bytes_of_a_streams_event_come_as_base64() -> None:
    """Lambda hands a stream's records over as JSON, where the client gives bytes."""
    assert plain({"body": {"B": "gmAAbQ=="}}) == {"body": b"\x82\x60\x00m"}


def test_bytes_of_the_client_stay_as_they_are() -> None:
    assert plain({"body": {"B": b"\x82\x60"}}) == {"body": b"\x82\x60"}
