"""The ports of the portal as fakes that fail: DynamoDB, GMO and SES."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from portal.clock import Clock
from portal.database import (
    Contended,
    Found,
    Item,
    Key,
    Put,
    Query,
    Read,
    Rejected,
    Unreachable,
    Update,
    Write,
)
from portal.gmo.model import PayType, Trade
from portal.mail.sender import Letter, NotTaken, OutcomeUnknown
from tests import dynamo_rules as rules
from tests import fake_gmo
from tests.fakes import MemoryDatabase, Place, projection
from tests.faults.machine import Crash, Fault, Machine
from tests.faults.watch import Change, Watch

type Rows = Mapping[Place, Item]


class FaultyDatabase(MemoryDatabase):
    """The database in memory on a machine that fails. Each write that happened is *watch*-ed."""

    def __init__(self, machine: Machine, watch: Watch) -> None:
        super().__init__()
        self._machine = machine
        self._watch = watch
        self._past: dict[str, Rows] = {}

    def get(self, table: str, key: Key) -> Item | None:
        return self._read(lambda: MemoryDatabase.get(self, table, key))

    def read(self, reads: Sequence[Read]) -> list[Found]:
        return self._read(lambda: MemoryDatabase.read(self, reads))

    def query(self, query: Query) -> list[Item]:
        return self._read(lambda: MemoryDatabase.query(self, query))

    def due(
        self,
        table: str,
        index: str,
        hash_value: Mapping[str, str],
        until: Mapping[str, str],
        limit: int,
    ) -> list[Item]:
        def happen() -> list[Item]:
            if self._machine.process.lagging:
                return _due(self._past.get(table, {}), index, hash_value, until)[:limit]
            return MemoryDatabase.due(self, table, index, hash_value, until, limit)

        return self._read(happen)

    def commit(self, *writes: Write) -> None:
        def happen() -> None:
            MemoryDatabase.commit(self, *writes)

        self._write(happen, repeats=len(writes) == 1 and _conditional(writes[0]))

    def update(self, update: Update) -> Item:
        def happen() -> Item:
            return MemoryDatabase.update(self, update)

        return self._write(happen, repeats=_conditional(update))

    def remember(self) -> None:
        """Keep the present rows as what a lagging index will show."""
        self._past = {name: dict(rows) for name, rows in self.tables.items()}

    def _read[T](self, happen: Callable[[], T]) -> T:
        match self._machine.enter():
            case Fault.CRASH_BEFORE | Fault.CRASH_AFTER:
                raise Crash
            case Fault.BUSY | Fault.REFUSED:
                raise Contended
            case Fault.LOST | Fault.UNHEARD:
                raise Unreachable("lost")
        return happen()

    def _write[T](self, happen: Callable[[], T], *, repeats: bool) -> T:
        fault = self._machine.enter()
        match fault:
            case Fault.CRASH_BEFORE:
                raise Crash
            case Fault.BUSY:
                raise Contended
            case Fault.LOST:
                raise Unreachable("lost")
            case Fault.REFUSED if not repeats:
                raise Contended
            case Fault.UNHEARD:
                return self._unheard(happen)
        done = happen()
        if fault is Fault.CRASH_AFTER:
            raise Crash
        if fault is Fault.REFUSED:
            raise Rejected(frozenset({0}))
        return done

    def _unheard[T](self, happen: Callable[[], T]) -> T:
        try:
            happen()
        except Rejected:
            raise Unreachable("unheard") from None
        raise Unreachable("unheard")

    def _apply(self, writes: Sequence[Write]) -> None:
        before = [self.tables[one.table].get(_place(one.key)) for one in writes]
        try:
            super()._apply(writes)
        except AssertionError as error:
            # The last line of defence in the code under test would make this a line of its log.
            self._watch.broken.append(f"a write that DynamoDB refuses: {error}")
            raise
        after = [self.tables[one.table].get(_place(one.key)) for one in writes]
        self._watch.wrote(
            self.tables,
            [
                Change(write.table, _place(write.key), old, new)
                for write, old, new in zip(writes, before, after, strict=True)
            ],
        )


def _due(
    rows: Rows, index: str, hash_value: Mapping[str, str], until: Mapping[str, str]
) -> list[Item]:
    ((name, equal),) = hash_value.items()
    ((order, most),) = until.items()
    found = [r for r in rows.values() if r.get(name) == equal and str(r.get(order, "~")) <= most]
    known = rules.INDEXES[index]
    return [projection(row, known) for row in sorted(found, key=lambda row: str(row[order]))]


def _place(key: Key) -> Place:
    return key["pk"], key.get("sk", "")


def _conditional(write: Write) -> bool:
    return isinstance(write, Put | Update) and bool(write.when)


LAG = timedelta(minutes=10)
"""How far GMO's search may be behind its own payment page."""

_AT_GMO = {
    Fault.BUSY: fake_gmo.Fault.BUSY,
    Fault.LOST: fake_gmo.Fault.DOWN,
    Fault.UNHEARD: fake_gmo.Fault.TIMEOUT,
    Fault.REFUSED: fake_gmo.Fault.REFUSED,
}


class FaultyGmo(fake_gmo.FakeGmo):
    """GMO with a truth of its own. While it is ``lagging`` a search shows what was before."""

    def __init__(self, machine: Machine, clock: Clock) -> None:
        super().__init__(clock)
        self._machine = machine
        self._time = clock
        self.lagging = False
        self.before: dict[str, tuple[datetime, Trade | None]] = {}
        self.begun: dict[str, datetime] = {}
        """When the first transaction of an order began."""

    def change(self, order_id: str, happen: Callable[[], object]) -> None:
        """Let something happen to an order and note what a lagging search still shows."""
        before = self.orders[order_id].trade
        happen()
        self.before[order_id] = (self._time(), before)
        self.begun.setdefault(order_id, self._time())

    def _called[T](self, call: str, order_id: str, happen: Callable[[], T]) -> T:
        fault = self._machine.enter()
        if fault is Fault.CRASH_BEFORE:
            raise Crash
        if fault in _AT_GMO:
            self.fail(call, _AT_GMO[fault])
        if call == "search":
            happen = self._as_seen(order_id, happen)
        done = super()._called(call, order_id, happen)
        if fault is Fault.CRASH_AFTER:
            raise Crash
        return done

    def _as_seen[T](self, order_id: str, happen: Callable[[], T]) -> Callable[[], T]:
        since, seen = self.before.get(order_id, (None, None))
        if not self.lagging or since is None or self._time() - since > LAG:
            return happen

        def looked() -> T:
            order = self.orders[order_id]
            self.orders[order_id] = replace(order, trade=seen)
            try:
                return happen()
            finally:
                self.orders[order_id] = order

        return looked

    def pay_otherwise(self, order_id: str) -> None:
        """As the fake has it, but only while nothing else came of the order."""
        if not self.payable(order_id) or self.orders[order_id].trade is not None:
            raise fake_gmo.CannotPay(order_id)
        if self.orders[order_id].request.pay_type is not PayType.CARD:
            raise fake_gmo.CannotPay(order_id)
        super().pay_otherwise(order_id)


class FaultySes:
    """SES: ``taken`` counts what it took, ``excused`` the takings our process could not mark."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._numbers = count(1)
        self.down = False
        self.taken: Counter[str] = Counter()
        self.excused: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def send(self, letter: Letter) -> str:
        """Take a letter, or fail."""
        mail_id = letter.mail_id
        fault = self._machine.enter()
        if self.down or fault in (Fault.BUSY, Fault.REFUSED, Fault.LOST, Fault.CRASH_BEFORE):
            self.refused[mail_id] += 1
            raise _not_taken(fault)
        self.taken[mail_id] += 1
        if fault in (Fault.UNHEARD, Fault.CRASH_AFTER):
            self.excused[mail_id] += 1
            raise Crash if fault is Fault.CRASH_AFTER else OutcomeUnknown("unheard")
        process = self._machine.process
        process.unmarked, process.hits = mail_id, 0
        return f"ses-{next(self._numbers)}"


def _not_taken(fault: Fault | None) -> BaseException:
    if fault is Fault.CRASH_BEFORE:
        return Crash()
    return OutcomeUnknown("lost") if fault is Fault.LOST else NotTaken("down")
