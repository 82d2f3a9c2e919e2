"""HTML of the stand-in's pages: plain forms that need no JavaScript."""

from collections.abc import Iterable
from html import escape

STYLE = """
body{margin:0;background:#f2f4f7;color:#1c2430;font:1rem/1.7 system-ui,"Noto Sans JP",sans-serif}
header{background:#16467a;color:#fff;padding:.6rem 1rem;font-weight:700}
main{max-width:34rem;margin:0 auto;padding:1rem}
.note{background:#fff7d6;border:1px solid #d9b84a;border-radius:.4rem;padding:.4rem .8rem;
 font-size:.85rem}
.card{background:#fff;border-radius:.6rem;padding:1rem;margin:1rem 0;box-shadow:0 1px 3px #0003;
 overflow-x:auto}
.error{background:#fdecec;border:2px solid #b3261e;border-radius:.4rem;padding:.6rem .8rem;
 color:#8c1d18;margin-bottom:1rem}
h1{font-size:1.3rem;margin:.5rem 0}h2{font-size:1.1rem;margin:0 0 .5rem}
label,legend{display:block;font-weight:700;margin-top:.8rem}form>:first-child{margin-top:0}
fieldset{border:0;padding:0;margin:0}fieldset label{font-weight:400;margin:.2rem 0;padding:.4rem 0}
input[type=text],input[type=tel]{box-sizing:border-box;width:100%;font-size:1.1rem;padding:.6rem;
 border:1px solid #6b7787;border-radius:.3rem}
input[type=radio]{width:1.3rem;height:1.3rem;vertical-align:middle;margin-right:.6rem}
button{display:block;width:100%;min-height:3rem;margin-top:1rem;border:0;border-radius:.4rem;
 background:#16467a;color:#fff;font:inherit;font-weight:700}
button.quiet{background:#fff;color:#16467a;border:2px solid #16467a}
button:disabled{background:#c9ced6;color:#444}
a.choice{display:block;padding:.9rem;margin-top:.8rem;border:2px solid #16467a;border-radius:.4rem;
 text-align:center;font-weight:700;color:#16467a}
dl{margin:0}dt{font-size:.9rem;color:#4a5563}dd{margin:0 0 .6rem;font-weight:700}
dd.number{font-size:1.5rem;letter-spacing:.08em;font-variant-numeric:tabular-nums}
table{border-collapse:collapse;width:100%;font-size:.85rem}td,th{padding:.4rem;text-align:left;
 border-bottom:1px solid #ccd3dc;white-space:nowrap}
.wide main{max-width:64rem}.row{display:flex;gap:.4rem}.row button{margin:0;min-height:2.4rem;
 padding:0 .7rem;width:auto}
"""


def page(title: str, *parts: str, wide: bool = False) -> str:
    """A whole page; `parts` are HTML."""
    inner = "\n".join(part for part in parts if part)
    return (
        '<!doctype html>\n<html lang="ja"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="icon" href="data:,"><style>{STYLE}</style>'
        f'</head><body class="{"wide" if wide else ""}"><header>お支払い手続き</header><main>'
        '<p class="note">これは GMO ペイメントゲートウェイの画面をまねた練習用の画面です。'
        f"実際の請求は行われません。</p><h1>{escape(title)}</h1>\n{inner}\n</main></body></html>"
    )


def card(*parts: str) -> str:
    """A box on the page."""
    return f'<section class="card">{"".join(parts)}</section>'


def errors(messages: Iterable[str]) -> str:
    """What is to be put right; nothing when there is nothing."""
    lines = "".join(f"<div>{escape(message)}</div>" for message in messages)
    return f'<div class="error" role="alert">{lines}</div>' if lines else ""


def facts(pairs: Iterable[tuple[str, str]], numbers: bool = False) -> str:
    """Names and their values; `numbers` are set large for reading at a till."""
    kind = ' class="number"' if numbers else ""
    rows = "".join(f"<dt>{escape(k)}</dt><dd{kind}>{escape(v)}</dd>" for k, v in pairs)
    return f"<dl>{rows}</dl>"


def field(name: str, label: str, value: str = "", kind: str = "text", **attributes: str) -> str:
    """A labelled input; an underscore in an attribute's name becomes a hyphen."""
    extra = "".join(f' {k.replace("_", "-")}="{escape(v)}"' for k, v in attributes.items())
    return (
        f'<label for="{name}">{escape(label)}</label>'
        f'<input type="{kind}" id="{name}" name="{name}" value="{escape(value)}"{extra}>'
    )


def radios(name: str, legend: str, choices: Iterable[tuple[str, str]], chosen: str) -> str:
    """One of several."""
    options = "".join(
        f'<label><input type="radio" name="{name}" value="{escape(value)}"'
        f"{' checked' if value == chosen else ''}>{escape(label)}</label>"
        for value, label in choices
    )
    return f"<fieldset><legend>{escape(legend)}</legend>{options}</fieldset>"


def form(action: str, *parts: str) -> str:
    """A form that posts; checked by the server, not by the browser, so that both ways are seen."""
    return f'<form method="post" action="{escape(action)}" novalidate>{"".join(parts)}</form>'


def hidden(name: str, value: str) -> str:
    """A value that goes along."""
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def button(text: str, quiet: bool = False, name: str = "", value: str = "") -> str:
    """A button that submits."""
    named = f' name="{name}" value="{escape(value)}"' if name else ""
    look = ' class="quiet"' if quiet else ""
    return f'<button type="submit"{named}{look}>{escape(text)}</button>'


def yen(amount: int) -> str:
    """An amount as a person reads it."""
    return f"{amount:,}円"
