"""Characters of common names that lie outside JIS X 0208, each with the one the manual asks for.

The pairs are written by hand: old and new printed forms of the characters found in Japanese
names, and the radicals that a copy out of a PDF brings along. What Unicode itself calls a
compatibility form (神 U+FA19, ①, ㈱, Kangxi radicals) is not listed: ``unicodedata`` knows it.
A pair is only ever a proposal. Nothing is replaced without the member's press of a button.
"""

import unicodedata

# Each word is one pair: the refused character, then the one to offer.
_NAMES = """
髙高 﨑崎 德徳 濵濱 瀨瀬 靑青 黑黒 閒間 曻昇 昻昂 栁柳 桺柳 桒桑 郞郎 𠮷吉 𣘺橋 槗橋 吳呉 悅悦
敎教 淸清 增増 寬寛 橫横 緖緒 薰薫 步歩 每毎 內内 彥彦 產産 戶戸 溫温 綠緑 錄録 姸妍 𡈽土 𠀋丈 𦚰脇
𨺓隆 㐂喜 頰頬 剝剥 塡填 俱倶 𠮟叱 鷗鴎 蔣蒋 禱祷 驒騨 萊莱 繫繋 俠侠 焰焔 顚顛 麵麺 醬醤 簞箪
蟬蝉 繡繍 瘦痩 噓嘘 搔掻 摑掴 說説 稅税 銳鋭 晚晩 淚涙 尙尚 强強 姬姫 硏研 鄕郷 﨏垰
"""
_RADICALS = "⻑長 ⻄西 ⻘青 ⻩黄 ⻫斉 ⻭歯 ⻯竜 ⻁虎 ⻤鬼 ⻲亀 ⻨麦 ⻝食 ⻛風 ⻆角 ⺠民 ⻅見"
_MARKS = "〝“ 〟” –− ‑− ‒− ﹣− ❘｜ •・ ⋅・"

# In a reading these are nearly always a slip of the eye or of the conversion.
_KANA_LOOKALIKES = "−ー ―ー ‐ー –ー 一ー 二ニ 三ミ 口ロ 力カ 工エ 夕タ 八ハ 卜ト 才オ 千チ 〜ー"


def _pairs(text: str) -> dict[str, str]:
    return {pair[0]: pair[1:] for pair in text.split()}


REPLACEMENTS = _pairs(_NAMES) | _pairs(_RADICALS) | _pairs(_MARKS)
KANA_LOOKALIKES = _pairs(_KANA_LOOKALIKES)


def substitute(character: str) -> str | None:
    """Return what could stand for one refused character, or None where nothing is known.

    The hand-written pairs come first; then Unicode's own compatibility form. The answer still
    has to be checked against the field: ① becomes 1, which a name does not take.
    """
    listed = REPLACEMENTS.get(character)
    if listed is not None:
        return listed
    compatible = unicodedata.normalize("NFKC", character)
    if compatible == character:
        return None
    return REPLACEMENTS.get(compatible, compatible)
