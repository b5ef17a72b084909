"""The scripts know the merge fields that the server knows."""

import re
from pathlib import Path

from mailer.authoring.text.merging import NAMES

_FIELDS = Path(__file__).resolve().parents[3] / "mailer/web/static/js/fields.js"


def test_the_editor_offers_the_servers_merge_fields() -> None:
    offered = _FIELDS.read_text().partition("NAMES = {")[2].partition("}")[0]

    assert dict(re.findall(r'(\w+): "([^"]+)"', offered)) == dict(NAMES)
