"""`Report`: a report that can write itself as JSON, HTML or PDF."""

from __future__ import annotations

from dataclasses import dataclass

from ds_bridge.report.contents import Contents
from ds_bridge.report.formats import need_extra
from ds_bridge.store.encoding import encode_json


@dataclass(frozen=True, kw_only=True)
class Report(Contents):
    """A report, ready to be written. See `Contents` for what is in it."""

    def write(self, form: str) -> bytes:
        """The report as `json`, `html` or `pdf`. Raises ConfigurationError."""
        need_extra(form)
        if form == "json":
            return encode_json(self.to_json()) + b"\n"
        return self.to_html().encode() if form == "html" else self.to_pdf()

    def to_pdf(self) -> bytes:
        """The document, tagged (PDF/UA-1). Raises ConfigurationError without the extra."""
        need_extra("pdf")
        from ds_bridge.report.pages.pdf import render

        return render(self)

    def to_html(self) -> str:
        """One page, without script, that needs nothing else. Raises ConfigurationError without the extra."""
        need_extra("html")
        from ds_bridge.report.pages.html import render

        return render(self)
