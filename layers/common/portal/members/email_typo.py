"""Addresses that can exist but look mistyped (``gmial.com``): asked about once, never refused."""

KNOWN_DOMAINS = (
    # Carriers.
    *("docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp", "i.softbank.jp", "ymobile.ne.jp"),
    *("uqmobile.jp", "rakumail.jp", "disney.ne.jp", "vodafone.ne.jp", "y-mobile.ne.jp"),
    # Mail for everybody.
    *("gmail.com", "yahoo.co.jp", "ymail.ne.jp", "yahoo.ne.jp", "yahoo.com", "ymail.com"),
    *("icloud.com", "me.com", "mac.com", "mail.com", "outlook.com", "outlook.jp"),
    *("hotmail.com", "hotmail.co.jp", "live.jp", "live.com", "msn.com", "aol.com", "gmx.com"),
    *("googlemail.com", "infoseek.jp", "excite.co.jp", "proton.me", "protonmail.com"),
    # Providers.
    *("ocn.ne.jp", "nifty.com", "biglobe.ne.jp", "so-net.ne.jp", "plala.or.jp", "dion.ne.jp"),
    *(
        "eonet.ne.jp",
        "asahi-net.or.jp",
        "dti.ne.jp",
        "wakwak.com",
        "hi-ho.ne.jp",
        "jcom.home.ne.jp",
    ),
)
"""Domains that members have. One of them is never asked about; what is close to one is."""

_ENDINGS = {
    **dict.fromkeys(("con", "cmo", "ocm", "comm", "coom", "vom", "xom", "cim", "cpm"), "com"),
    **dict.fromkeys(("jpp", "jo", "kp", "ip", "jap"), "jp"),
}
_CLOSE = 0.88
"""Of two domains as difflib compares them: one letter more, less, other or two exchanged."""


def meant(address: str) -> str:
    """Return the address that was probably meant by a well-formed one; empty if none looks so."""
    # Loaded here because only a changed address is looked at.
    from difflib import get_close_matches

    local, _, typed = address.rpartition("@")
    domain = typed.lower()
    if domain in KNOWN_DOMAINS:
        return ""
    rest, _, ending = domain.rpartition(".")
    ended = f"{rest}.{_ENDINGS.get(ending, ending)}"
    close = get_close_matches(ended, KNOWN_DOMAINS, n=1, cutoff=_CLOSE)
    likely = close[0] if close else ended
    return f"{local}@{likely}" if likely != domain else ""


def mended(address: str) -> str:
    """Return an address without the slips that make it none: a dot or comma too many.

    The result may still be no address; the check says so.
    """
    local, at, domain = address.rpartition("@")
    parts = [one for one in domain.replace(",", ".").replace("、", ".").split(".") if one]
    return local + at + ".".join(parts)
