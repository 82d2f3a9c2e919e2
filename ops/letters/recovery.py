"""Ends what earlier runs of letters left unfinished, before anything new is begun (0038)."""

from collections.abc import Iterable
from dataclasses import dataclass

from ops.desk import Desk, Signature
from ops.letters.batches import VOID, Batch, Batches
from ops.letters.files import LetterFolder


@dataclass(frozen=True)
class Recovery:
    """Looks into *folder* and into the audit."""

    desk: Desk
    by: Signature
    folder: LetterFolder

    def __call__(self, unfinished: Iterable[str]) -> list[tuple[str, str]]:
        """Void the *unfinished* batches of credentials, and bring the folder's files to an end.

        Return the complete batches whose PDF never got its name and is not in this folder, each
        with the folder that was typed when it was made.
        """
        parts = [batch for name in self.folder.parts() if (batch := Batch.named(name))]
        named = (Batch.named(name) for name in unfinished)
        self._void({*parts, *(batch for batch in named if batch)})
        for batch in parts:
            self._file(batch)
        return self._elsewhere()

    @property
    def _batches(self) -> Batches:
        return Batches(self.desk.database, self.desk.tables.audit)

    def _void(self, batches: Iterable[Batch]) -> None:
        known = self._batches.ended()
        for batch in sorted(batches, key=lambda one: one.name):
            if batch.name not in known:
                # False when that run was only slow and has just completed it: so be it.
                self._batches.end(batch, VOID, self.by, self.desk.clock(), {})

    def _file(self, batch: Batch) -> None:
        if self._batches.ended()[batch.name].complete:
            self.folder.finish(batch.name)
        else:
            self.folder.discard(batch.name)

    def _elsewhere(self) -> list[tuple[str, str]]:
        found = []
        for name, ended in self._batches.ended().items():
            if not ended.complete or ended.placed:
                continue
            if self.folder.file(name).exists():
                self._batches.place(Batch(name), self.by, self.desk.clock())
            else:
                found.append((name, ended.folder))
        return found
