"""How to break what the office does, what reminds, what is closed, and what a restore leaves."""

from tests.faults.breaks import BILLING, Break

OFFICE = (
    Break(
        "a delivery stays as it came",
        f"{BILLING}/inbox.py",
        'set={\n                "outcome": outcome,\n',
        'set={\n                "source": outcome,\n                "outcome": outcome,\n',
        "evidence was changed",
    ),
    Break(
        "a slip is told by mail",
        f"{BILLING}/settle.py",
        'return "slip_issued"',
        'return ""',
        "LOST mails of slips",
    ),
    Break(
        "who paid has a receipt",
        f"{BILLING}/settle.py",
        "if verdict.fact is Fact.PAID:\n            made",
        'if verdict.fact == "never":\n            made',
        "its receipt is of",
    ),
    Break(
        "deliveries of unknown orders are counted",
        f"{BILLING}/hints.py",
        "self.inbox.applied(one, UNKNOWN, now, matched=False, once=True)",
        "self.inbox.applied(one, UNKNOWN, now, matched=False)",
        "deliveries of unknown orders",
    ),
    Break(
        "who closed a discrepancy stays with it",
        f"{BILLING}/discrepancies.py",
        'add={"closings": 1},\n',
        'add={"closings": 0},\n',
        "closed without a word",
    ),
    Break(
        "a find opens a closed discrepancy again",
        f"{BILLING}/found.py",
        "        set={\n"
        '            "open": OPEN,\n'
        '            "kind": kind,\n'
        '            "subject": subject,\n'
        '            "last_found_at": iso(now),\n'
        '            "evidence": dict(evidence),\n'
        "        },\n"
        '        initial={"found_at": iso(now)},',
        "        set={\n"
        '            "kind": kind,\n'
        '            "subject": subject,\n'
        '            "last_found_at": iso(now),\n'
        '            "evidence": dict(evidence),\n'
        "        },\n"
        '        initial={"found_at": iso(now), "open": OPEN},',
        "nobody has to look",
    ),
    Break(
        "a discrepancy that holds its invoice is not closed",
        f"{BILLING}/discrepancies.py",
        "if self._holds_its_invoice(one):",
        'if one.kind == "never":',
        "the member still reads",
    ),
    Break(
        "what was waived or cancelled is never paid",
        f"{BILLING}/judge.py",
        "if not invoice.payable:",
        "if invoice.paid_order:",
        "the invoice was",
    ),
    Break(
        "the office records no second payment",
        f"{BILLING}/office.py",
        '"""Plan to book a bank transfer or cash: a paid payment of its own, with a receipt."""\n'
        "        _payable(invoice)\n",
        '"""Plan to book a bank transfer or cash: a paid payment of its own, with a receipt."""\n'
        "        if not invoice.paid_order:\n"
        "            _payable(invoice)\n",
        "the payment that had paid it was exchanged",
    ),
    Break(
        "what the office ends is stopped at GMO",
        f"{BILLING}/office.py",
        '            stopped=live.order_id if live else "",\n'
        "            writes=(\n"
        "                self.store.changed_invoice(invoice, after),\n"
        '                self._audited(f"invoice.{state.value}", invoice, after, word, {}),\n'
        "                *self._stop(live, word),\n"
        "            ),",
        '            stopped=live.order_id if live else "",\n'
        "            writes=(\n"
        "                self.store.changed_invoice(invoice, after),\n"
        '                self._audited(f"invoice.{state.value}", invoice, after, word, {}),\n'
        "            ),",
        "points at",
    ),
    Break(
        "the office's yes is a yes",
        f"{BILLING}/office.py",
        "        except Contended:\n            raise OfficeError(MEANWHILE) from None",
        "        except Contended:\n            return",
        "LOST acts of the office",
    ),
    Break(
        "what the office cancels it did not waive",
        f"{BILLING}/office.py",
        "InvoiceState.CANCELLED, word)",
        "InvoiceState.WAIVED, word)",
        "nobody wished",
    ),
    Break(
        "the audit tells what the office did",
        f"{BILLING}/office.py",
        '        writes.append(self._audited(f"payment.{what}", invoice, changed, word, facts))\n',
        "",
        "the office's acts",
    ),
    Break(
        "the audit tells what the office ended",
        f"{BILLING}/office.py",
        'self._audited(f"invoice.{state.value}", invoice, after, word, {}),\n',
        "",
        "invoices ended",
    ),
    Break(
        "what is paid is not looked at for reminding",
        f"{BILLING}/rows.py",
        "invoice.next_remind_at if invoice.payable else None",
        "invoice.next_remind_at",
        "to be reminded of",
    ),
    Break(
        "the mailer looks again before it reminds of dues",
        "functions/mailer/reminders.py",
        "if invoice is None or not invoice.payable:",
        "if invoice is None:",
        "reminds of",
    ),
    Break(
        "the mailer looks again before it reminds of a slip",
        "functions/mailer/reminders.py",
        "if invoice is None or not slip_open(payment, invoice, self.clock()):",
        "if invoice is None:",
        "reminds of",
    ),
    Break(
        "a step of reminding is told once",
        f"{BILLING}/remind.py",
        'mail_id=f"{step.told}#{invoice.member_id}#{about}",',
        'mail_id=f"{step.told}#{invoice.member_id}#{about}#{invoice.version}",',
        "DOUBLED reminders",
    ),
    Break(
        "who owes is reminded",
        f"{BILLING}/reminders.py",
        "return Decision(max([tomorrow, *_after_slips(invoice, payments)]), why=waits)",
        "return Decision(None, why=waits)",
        "LOST reminder",
    ),
    Break(
        "a notification of a forgotten order leads back to its invoice",
        f"{BILLING}/hints.py",
        "        self.reattachment.reattach(order_id)",
        "        raise UnknownOrderError",
        "is not one of our payments",
    ),
    Break(
        "GMO's lag does not make a forgotten order unknown",
        f"{BILLING}/hints.py",
        "            if one.tries < len(UNCONFIRMED):\n"
        '                self._wait(one, UNCONFIRMED, "unknown to GMO"',
        "            if one.tries < 0:\n"
        '                self._wait(one, UNCONFIRMED, "unknown to GMO"',
        "is not one of our payments",
    ),
    Break(
        "what is re-attached beside another payment is stopped",
        f"{BILLING}/reattach.py",
        "cancel_wanted=not free,",
        "cancel_wanted=False,",
        "points at",
    ),
    Break(
        "receipt numbers go on counting where a year is billed again",
        f"{BILLING}/bill_again.py",
        "attempts=old.attempts,",
        "attempts=0,",
        "was given twice",
    ),
    Break(
        "the settlement file names the money that nobody told us of",
        f"{BILLING}/match_settlement.py",
        "Outcome.UNKNOWN if payment is None",
        "Outcome.AGREED if payment is None",
        "nobody is told",
    ),
    Break(
        "the audit is append only",
        "layers/common/portal/audit.py",
        '"sk": once or f"{iso(at)}#{crockford(8)}",\n'
        '        "actor": actor,\n'
        '        "action": action,\n'
        '        "source": source,\n'
        '        "note": note,\n'
        "    }\n"
        "    if before is not None:\n"
        '        item["before"] = dict(before)\n'
        "    if after is not None:\n"
        '        item["after"] = dict(after)\n'
        '    return Put(table, item, when=(Missing("pk"),))',
        '"sk": once or f"{iso(at)}",\n'
        '        "actor": actor,\n'
        '        "action": action,\n'
        '        "source": source,\n'
        '        "note": note,\n'
        "    }\n"
        "    if before is not None:\n"
        '        item["before"] = dict(before)\n'
        "    if after is not None:\n"
        '        item["after"] = dict(after)\n'
        "    return Put(table, item)",
        "the past was changed",
    ),
)
