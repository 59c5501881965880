"""What the page's own buttons and hints say, in both languages."""

from __future__ import annotations

from html import escape

WORDS = {
    "en": {
        "back": "Back",
        "next": "Next",
        "replay": "Again",
        "place": "Place in the stage",
        "captions": "Captions",
        "none": "none",
        "map": "Map",
        "about": "About",
        "speaker": "Speaker view",
        "full": "Full screen",
        "help": "Keys",
        "close": "Close",
        "bar": "Lecture",
        "now": "Now",
        "after": "Next",
        "reset": "Start again",
        "blocked": "The browser blocked the speaker's window: allow pop-ups for this page.",
        "start": "go on; again while it moves: complete the picture",
        "script": "This lecture needs JavaScript.",
        "touch": "Tap or swipe to go on",
        "mapped": "Map of the lecture",
    },
    "ja": {
        "back": "戻る",
        "next": "次へ",
        "replay": "もう一度",
        "place": "ステージ内の位置",
        "captions": "字幕",
        "none": "なし",
        "map": "地図",
        "about": "解説",
        "speaker": "発表者ビュー",
        "full": "全画面",
        "help": "キー",
        "close": "閉じる",
        "bar": "講義の操作",
        "now": "いま",
        "after": "次",
        "reset": "計り直す",
        "blocked": "発表者の窓がブロックされました。このページのポップアップを許可してください。",
        "start": "先へ。動いている間にもう一度押すと、図が完成する",
        "script": "この講義にはJavaScriptが必要です。",
        "touch": "タップかスワイプで進む",
        "mapped": "講義の地図",
    },
}
_KEYS = (
    ("→", "Space", "go on; while it moves: complete the picture", "先へ。動いている間は図を完成させる"),
    ("←", "", "back, at once", "すぐに戻る"),
    ("↓ ↑", "", "next stage, stage before", "次のステージ、前のステージ"),
    ("R", "", "play the step again", "このステップをもう一度"),
    ("P", "", "pause, go on", "一時停止、再開"),
    ("C", "", "captions: English, Japanese, none", "字幕：英語、日本語、なし"),
    ("M", "", "map of the lecture", "講義の地図"),
    ("I", "", "about this stage: formula, shapes, a question", "このステージの式、形、問いかけ"),
    ("S", "", "speaker view with notes", "ノート付きの発表者ビュー"),
    ("F", "", "full screen", "全画面"),
    ("Home", "End", "first, last", "最初、最後"),
)


def help_items(lang: str) -> str:
    """The list of keys as ``dt`` and ``dd``."""
    lines = []
    for first, second, en, ja in _KEYS:
        keys = " ".join(f"<kbd>{escape(key)}</kbd>" for key in (*first.split(), second) if key)
        lines.append(f"<dt>{keys}</dt><dd>{escape(ja if lang == 'ja' else en)}</dd>")
    return "".join(lines)
