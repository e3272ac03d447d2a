"""A block list in a YAML text in; its entries as blocks of lines, with the comments above them, in a new order out."""

from __future__ import annotations

from signage.base.yamlspans import Span, content_end
from signage.office.edit.errors import RewriteError


class ListBlocks:
    """The entries of one list. `contents` may be changed before `joined`; `column` is where the dashes stand."""

    def __init__(self, text: str, span: Span) -> None:
        self._text = text
        self._newline = "\r\n" if "\r\n" in text else "\n"
        dashes = [self._dash(part) for part in span.parts]
        self.column = dashes[0] - self._line_start(dashes[0])
        starts: list[int] = []
        ends: list[int] = []
        for dash, part in zip(dashes, span.parts, strict=True):
            bound = ends[-1] if ends else self._line_end(text.rfind(":", 0, dashes[0]))
            starts.append(self._lead(self._line_start(dash), bound))
            end = content_end(text, part) if part.start < part.end else dash + 1
            ends.append(self._line_end(end))
        self.contents = [text[start:end] for start, end in zip(starts, ends, strict=True)]
        self._gaps = [text[end:start] for end, start in zip(ends, starts[1:], strict=False)]
        self._start, self._end = starts[0], ends[-1]

    def joined(self, order: list[int | None] | list[int], fresh: list[str]) -> str:
        """Give the text with the entries in this order; None takes the next of `fresh`. Gaps keep their places."""
        new = iter(fresh)
        contents = [next(new) if at is None else self.contents[at] for at in order]
        usual = self._gaps[0] if self._gaps and not self._gaps[0].strip() else self._newline
        needed = len(contents) - 1
        gaps = (self._gaps + [usual] * needed)[:needed]
        left = "".join(gap.rstrip() for gap in self._gaps[needed:] if gap.strip())
        joined = contents[0] + "".join(gap + content for gap, content in zip(gaps, contents[1:], strict=True))
        return self._text[: self._start] + joined + left + self._text[self._end :]

    def _dash(self, part: Span) -> int:
        dash = self._text.rfind("-", 0, part.start)
        is_alone = dash >= 0 and not self._text[self._line_start(dash) : dash].strip()
        if not is_alone or self._text[dash + 1 : part.start].strip():
            raise RewriteError("is a list that cannot be changed here; change its text")
        return dash

    def _lead(self, start: int, bound: int) -> int:
        """Give where the comment lines right above a line begin."""
        while start > bound + 1:
            above = self._line_start(start - 1)
            line = self._text[above:start].strip()
            if above <= bound or not line.startswith("#"):
                break
            start = above
        return start

    def _line_start(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1

    def _line_end(self, start: int) -> int:
        end = self._text.find("\n", start)
        end = len(self._text) if end < 0 else end
        return end - 1 if end > start and self._text[end - 1] == "\r" else end
