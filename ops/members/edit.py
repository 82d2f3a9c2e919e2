"""``members edit``: single texts of one member, by the same checks and the same write as a file."""

import unicodedata
from collections.abc import Sequence

from ops.desk import DONE, ONLY_LOOKED, REFUSED, Desk, Signature
from ops.encodings import FileRefused
from ops.exits import Status
from ops.members.csv_file import NAMES_OF_COLUMNS, Columns, society_columns
from ops.members.importing import importer
from ops.members.taken import described
from ops.patience import Stopped
from ops.people import person, still_there, whose
from portal.members.importing import COLUMNS, Entry, Outcome, Plan, Rules


class NotUnderstood(Exception):
    """What was typed after ``--set`` is none; the text says why."""


def edited(
    number: str, typed: Sequence[str], signature: Signature, desk: Desk, *, yes: bool
) -> Status:
    """Say what changes in one member, and change it with *yes*."""
    one = person(number, desk)
    if one is None or not still_there(one, desk):
        return REFUSED
    try:
        texts = understood(typed, society_columns(NAMES_OF_COLUMNS, desk))
    except (NotUnderstood, FileRefused) as error:
        desk.say(str(error))
        return REFUSED
    desk.say(whose(one.member.member_id, one.member.member_no, desk))
    entry = Entry(0, one.member.member_no, texts, one.member.version)
    # An empty text empties what a new member may lack, as the office wants it here.
    writer = importer(Rules(desk.society.kind_names), desk, changed="member_edited")
    try:
        (plan,) = writer.plans([entry])
        if yes and plan.after is not None:
            plan = writer.write(entry, plan, signature)
    except Stopped:
        desk.say("データベースの応答がありません。もう一度、同じ命令を実行してください。")
        return Status.UNKNOWN
    return _told(plan, desk, yes=yes)


def understood(typed: Sequence[str], columns: Columns) -> dict[str, str]:
    """Return the texts by field name of ``項目=値``. Raises NotUnderstood."""
    known = {_plain(text): name for name, texts in columns.fields.items() for text in texts}
    found: dict[str, str] = {}
    for one in typed:
        label, sign, text = one.partition("=")
        name = known.get(_plain(label))
        if not sign or name is None:
            labels = "、".join(texts[0] for texts in columns.fields.values())
            raise NotUnderstood(
                f"--set「{one[:40]}」が分かりません。"
                f"「勤務先=港病院」のように指定します。項目: {labels}"
            )
        if name in found:
            raise NotUnderstood(f"--set {label} が2回あります。")
        found[name] = text
    return found


def _told(plan: Plan, desk: Desk, *, yes: bool) -> Status:
    kinds = desk.society.kind_names
    desk.out.fact("outcome", plan.outcome.value)
    desk.out.fact("changed", [COLUMNS[name].label for name in plan.changed])
    if plan.outcome is Outcome.REFUSED:
        desk.say("変更できません。")
        for reason in plan.reasons:
            desk.say(f"  {reason}")
        return REFUSED
    if plan.outcome is Outcome.UNCHANGED:
        desk.say("すでにそのとおりです。何も変更していません。")
        return DONE
    desk.say(described(plan, kinds))
    if "email" in plan.changed:
        desk.say("前と新しいアドレスの両方に、変更のお知らせを送ります。")
    desk.say("変更しました。" if yes else ONLY_LOOKED)
    return DONE


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
