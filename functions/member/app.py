"""Composition root of the function ``member``: メニュー, 会員詳細, 会員編集."""

from functions.member.pages import MemberPages
from portal.aws import dynamo
from portal.clock import utc_now
from portal.config import Config
from portal.web.app import App
from portal.web.render import Renderer

_config = Config.from_env()
_database = dynamo()
_renderer = Renderer(lambda: _config.society)
_pages = MemberPages(_database, _config.tables, _renderer)

handler = App(_config, _database, utc_now, _renderer, _pages.routes())
