"""Composition root of the function ``member``: メニュー, 会員詳細, 会員編集."""

from pathlib import Path

from functions.member.pages import MemberPages
from portal.aws import dynamo
from portal.clock import utc_now
from portal.config import Config, postcode_file
from portal.members.postcodes import Postcodes
from portal.web.app import App
from portal.web.render import Renderer

_config = Config.from_env()
_database = dynamo()
_renderer = Renderer(lambda: _config.society)
_postcodes = Postcodes(postcode_file(Path(__file__).parent))


def _true_name() -> bool:
    return _config.society.member_true_name


_pages = MemberPages(_database, _config.tables, _renderer, _postcodes.areas, _true_name)

handler = App(_config, _database, utc_now, _renderer, _pages.routes())
