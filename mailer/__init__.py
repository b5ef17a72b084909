"""What reaches people and what comes back, in the order in which it happens.

audience → authoring → campaigns → composition → delivery → receipts → reports.
"""

from typing import Final

VERSION: Final = "0.1.0"
