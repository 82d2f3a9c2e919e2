"""A stand-in of GMO Payment Gateway's link type Plus for the laptop and for tests.

It is written from what GMO's interface is known to do and shares no code with the portal, so that a
misunderstanding on one side shows up as a failure and not as agreement.
"""

from local.gmo.server import Running, serve
from local.gmo.settings import Settings

__all__ = ["Running", "Settings", "serve"]
