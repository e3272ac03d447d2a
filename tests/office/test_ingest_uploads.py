"""An upload appears whole, under a free name, and inside `media/`; one that breaks off leaves nothing."""

from __future__ import annotations

import pytest

from signage.content.mediapath import PathError
from signage.office.ingest.uploads import Upload, UploadTooLargeError


def sent(media, folder, name, content=b"new", **options):
    with Upload(media, folder, name, **options) as upload:
        for at in range(0, len(content), 2):
            upload.write(content[at : at + 2])
        return upload.finish()


def test_an_upload_appears_whole_under_its_name(tmp_path):
    assert sent(tmp_path, "work/七月", "C:\\fakepath\\照片.jpg") == "work/七月/照片.jpg"
    assert (tmp_path / "work/七月/照片.jpg").read_bytes() == b"new"


def test_a_name_that_is_taken_gets_a_number_and_nothing_is_overwritten(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"old")

    assert [sent(tmp_path, "", "a.jpg"), sent(tmp_path, "", "a.jpg")] == ["a (2).jpg", "a (3).jpg"]
    assert (tmp_path / "a.jpg").read_bytes() == b"old"


def test_a_file_is_replaced_where_that_is_wanted(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"old")

    assert sent(tmp_path, "", "a.jpg", replaces=True) == "a.jpg"
    assert (tmp_path / "a.jpg").read_bytes() == b"new"


def test_one_that_breaks_off_or_is_too_large_leaves_nothing(tmp_path):
    with Upload(tmp_path, "", "a.jpg") as upload:
        upload.write(b"half")
    with pytest.raises(UploadTooLargeError):
        sent(tmp_path, "", "b.jpg", b"12345", most_bytes=4)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("folder", "name"),
    [("..", "a.jpg"), ("/etc", "a.jpg"), ("", ""), ("", ".."), ("", ".a"), ("", "a.yaml"), ("", "a\n.jpg")],
)
def test_what_would_lead_elsewhere_or_is_no_medium_is_refused(tmp_path, folder, name):
    with pytest.raises(PathError):
        sent(tmp_path, folder, name)


@pytest.mark.parametrize("elsewhere", ["", "media-old"])
def test_a_link_that_leads_out_is_not_followed(tmp_path, elsewhere):
    (tmp_path / "media").mkdir()
    (tmp_path / elsewhere).mkdir(exist_ok=True)
    (tmp_path / "media/out").symlink_to(tmp_path / elsewhere)

    with pytest.raises(PathError):
        sent(tmp_path / "media", "out", "a.jpg")


def test_signs_that_windows_does_not_take_are_replaced(tmp_path):
    assert sent(tmp_path, "", 'a:b?"c".jpg') == "a_b__c_.jpg"


def test_signs_that_nobody_sees_are_taken_out_of_a_chosen_name(tmp_path):
    assert sent(tmp_path, "", "海报\u202egpj\u200b.jpg") == "海报gpj.jpg"
    assert sent(tmp_path, "", "ئىتتىپاقلىق.jpg") == "ئىتتىپاقلىق.jpg"
