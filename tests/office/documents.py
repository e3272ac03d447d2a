"""Words in, a file of an Office program that holds them out."""

from __future__ import annotations

import io
import shutil
import zipfile

import pytest

needs_libreoffice = pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice (soffice) is not installed")

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
</Types>"""
_RELATIONS = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Target="word/document.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/>
</Relationships>"""

_BREAK = '<w:r><w:br w:type="page"/></w:r>'


def docx(*pages: str) -> bytes:
    """Give a Word document with one text on each page."""
    runs = _BREAK.join(f"<w:r><w:t>{text}</w:t></w:r>" for text in pages)
    body = f'<w:document xmlns:w="{_WORD}"><w:body><w:p>{runs}</w:p></w:body></w:document>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as pack:
        pack.writestr("[Content_Types].xml", _TYPES)
        pack.writestr("_rels/.rels", _RELATIONS)
        pack.writestr("word/document.xml", body)
    return out.getvalue()


_LINKS = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{links}</Relationships>"""
_LINK = (
    '<Relationship Id="rId{at}" TargetMode="External" Target="{address}"'
    ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"/>'
)
_LINKED = """<w:p><w:r><w:drawing><wp:inline><wp:extent cx="2000000" cy="2000000"/><wp:docPr id="{at}" name="p{at}"/>
<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>
<pic:nvPicPr><pic:cNvPr id="{at}" name="x"/><pic:cNvPicPr/></pic:nvPicPr>
<pic:blipFill><a:blip r:link="rId{at}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>
<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="2000000" cy="2000000"/></a:xfrm><a:prstGeom prst="rect"/></pic:spPr>
</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"""
_INCLUDED = """<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r>
<w:instrText xml:space="preserve"> INCLUDETEXT "{path}" </w:instrText></w:r>
<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>"""
_DRAWN = (
    f'xmlns:w="{_WORD}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)


def docx_that_links(*pictures: str, text: str) -> bytes:
    """Give a Word document that shows the pictures at these addresses and includes the text file at that path."""
    body = "".join(_LINKED.format(at=at) for at in range(len(pictures))) + _INCLUDED.format(path=text)
    links = "".join(_LINK.format(at=at, address=address) for at, address in enumerate(pictures))
    out = io.BytesIO(docx("各位居民"))
    with zipfile.ZipFile(out) as pack:
        parts = {name: pack.read(name) for name in pack.namelist()}
    start = f"<w:document {_DRAWN}><w:body><w:p><w:r><w:t>各位居民</w:t></w:r></w:p>"
    parts["word/document.xml"] = f"{start}{body}</w:body></w:document>".encode()
    parts["word/_rels/document.xml.rels"] = _LINKS.format(links=links).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as pack:
        for name, content in parts.items():
            pack.writestr(name, content)
    return out.getvalue()
