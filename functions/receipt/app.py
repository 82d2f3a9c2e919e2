"""Composition root of the function ``receipt``: the addressee, once, and the PDF."""

from functions.receipt.pages import ReceiptPages
from portal.aws import dynamo
from portal.billing.receipt_pdf import ReceiptPrinter
from portal.clock import utc_now
from portal.config import Config, receipt_fonts
from portal.web.app import App
from portal.web.render import Renderer

_config = Config.from_env()
_database = dynamo()
_renderer = Renderer(lambda: _config.society)
_pages = ReceiptPages(_database, _config.tables, _renderer, ReceiptPrinter(receipt_fonts()))

handler = App(_config, _database, utc_now, _renderer, _pages.routes())
