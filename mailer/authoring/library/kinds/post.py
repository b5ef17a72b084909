"""A post of the blog."""

from dataclasses import dataclass
from typing import ClassVar

from mailer.authoring.blocks.base import Block
from mailer.authoring.blocks.linking import BlogEntry, BlogList
from mailer.authoring.library.kinds.base import KeptItem, borrowed


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPost(KeptItem):
    """It becomes an entry of the list of the blog."""

    key: ClassVar[str] = "post"
    type_title: ClassVar[str] = "Blog post"
    type_plural: ClassVar[str] = "Blog posts"
    about: ClassVar[str] = "something on the blog to read"
    drawing: ClassVar[str] = "pencil"
    position: ClassVar[int] = 60
    block: ClassVar[type[Block]] = BlogList
    listed_in: ClassVar[str] = "entries"
    named_by: ClassVar[str] = "title"
    dated_by: ClassVar[str] = "published"

    title: str = borrowed(BlogEntry, "title")
    author: str = borrowed(BlogEntry, "author")
    published: str = borrowed(BlogEntry, "published")
    summary: str = borrowed(BlogEntry, "summary")
    link: str = borrowed(BlogEntry, "link")
