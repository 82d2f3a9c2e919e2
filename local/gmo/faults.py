"""What goes wrong on purpose, one word for each part."""

import threading
from typing import Literal, cast, get_args

NotificationWord = Literal["normal", "drop", "duplicate", "delay", "reverse", "tamper"]
SearchWord = Literal["normal", "down", "slow", "lag", "throttled", "forbidden"]
LinkWord = Literal["normal", "down", "timeout_after_commit", "throttled", "forbidden"]
ReturnWord = Literal["normal", "never", "before_notification"]

WORDS: dict[str, tuple[str, ...]] = {
    "notifications": get_args(NotificationWord),
    "search": get_args(SearchWord),
    "link": get_args(LinkWord),
    "return": get_args(ReturnWord),
}


class Faults:
    """The words that hold from now on; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._words = dict.fromkeys(WORDS, "normal")

    def merge(self, given: object) -> dict[str, str]:
        """Takes over the words given and returns all that hold now.

        Raises ValueError for an unknown part or word; then nothing changes.
        """
        chosen = checked(given)
        with self._lock:
            self._words.update(chosen)
            return dict(self._words)

    def reset(self) -> None:
        """Everything works again."""
        self.merge(dict.fromkeys(WORDS, "normal"))

    def words(self) -> dict[str, str]:
        """All words that hold now."""
        with self._lock:
            return dict(self._words)

    @property
    def notifications(self) -> NotificationWord:
        """What happens to result notifications."""
        return cast("NotificationWord", self.words()["notifications"])

    @property
    def search(self) -> SearchWord:
        """What happens to SearchTrade and SearchTradeMulti."""
        return cast("SearchWord", self.words()["search"])

    @property
    def link(self) -> LinkWord:
        """What happens to the calls that issue and stop links."""
        return cast("LinkWord", self.words()["link"])

    @property
    def browser_return(self) -> ReturnWord:
        """What happens to the browser's way back."""
        return cast("ReturnWord", self.words()["return"])


def checked(given: object) -> dict[str, str]:
    """The words of a request. Raises ValueError naming what is not one."""
    if not isinstance(given, dict):
        raise ValueError("a JSON object is expected")  # noqa: TRY004 - a caller's input, no bug.
    for part, word in given.items():
        if part not in WORDS:
            raise ValueError(f"unknown part {part!r}; known: {', '.join(WORDS)}")
        if not isinstance(word, str) or word not in WORDS[part]:
            raise ValueError(f"unknown word for {part}; known: {', '.join(WORDS[part])}")
    return given
