"""The choice between software and GPU: cheap, safe, and said aloud."""

from __future__ import annotations

import pytest

from signage.base.errors import SignageError
from signage.stage import renderer as renderer_module
from signage.stage.app import check_display
from signage.stage.options import RendererWish
from signage.stage.renderer import choose_renderer, prepare_environment


@pytest.fixture
def machine(monkeypatch):
    """A Linux machine with a GPU device whose driver answers as told, and which counts how often it is asked."""

    class Machine:
        answer = "Mesa Intel(R) UHD Graphics 630"
        devices = ["/dev/dri/renderD128@1"]
        asked = 0

    def ask(_environment: object) -> str:
        Machine.asked += 1
        return Machine.answer

    monkeypatch.setattr(renderer_module.sys, "platform", "linux")
    monkeypatch.setattr(renderer_module, "_devices", lambda: Machine.devices)
    monkeypatch.setattr(renderer_module, "_ask_driver", ask)
    return Machine


def test_a_machine_without_a_gpu_draws_in_software_without_asking(machine):
    machine.devices = []

    chosen = choose_renderer(RendererWish.AUTO, {})

    assert (chosen.is_software, machine.asked) == (True, 0)
    assert chosen.reason == "there is no GPU device"


def test_a_real_gpu_is_used_and_named(machine):
    chosen = choose_renderer(RendererWish.AUTO, {})

    assert not chosen.is_software
    assert "Intel" in chosen.reason


@pytest.mark.parametrize("answer", ["llvmpipe (LLVM 15.0.6, 256 bits)", "softpipe", "Google SwiftShader", ""])
def test_a_driver_that_draws_on_the_processor_or_fails_means_software(machine, answer):
    machine.answer = answer

    assert choose_renderer(RendererWish.AUTO, {}).is_software


@pytest.mark.parametrize(("wish", "is_software"), [(RendererWish.SOFTWARE, True), (RendererWish.GPU, False)])
def test_what_is_asked_for_goes_first(machine, wish, is_software):
    chosen = choose_renderer(wish, {"SIGNAGE_RENDERER": "gpu" if is_software else "software"})

    assert chosen.is_software is is_software
    assert machine.asked == 0


def test_the_environment_can_ask_too_and_a_misspelling_is_named(machine, expect_log):
    expect_log("SIGNAGE_RENDERER=opengl is not known")

    assert choose_renderer(RendererWish.AUTO, {"SIGNAGE_RENDERER": "software"}).is_software
    assert not choose_renderer(RendererWish.AUTO, {"SIGNAGE_RENDERER": "opengl"}).is_software


def test_the_driver_is_asked_once_for_the_same_devices(machine, tmp_path):
    cache = tmp_path / "state" / "renderer.json"

    for _ in range(3):
        choose_renderer(RendererWish.AUTO, {}, cache)
    machine.devices = ["/dev/dri/renderD128@2"]
    choose_renderer(RendererWish.AUTO, {}, cache)

    assert machine.asked == 2


def test_a_damaged_cache_is_asked_anew(machine, tmp_path):
    cache = tmp_path / "renderer.json"
    cache.write_text("{no json")

    assert not choose_renderer(RendererWish.AUTO, {}, cache).is_software


def test_software_is_told_to_qt_before_it_starts():
    environment: dict[str, str] = {}

    prepare_environment(choose_renderer(RendererWish.SOFTWARE, {}), environment)

    assert environment["QT_QUICK_BACKEND"] == "software"
    assert environment["QSG_RENDER_LOOP"] == "basic"


@pytest.mark.parametrize("environment", [{}, {"DISPLAY": ":9987"}])
def test_a_machine_without_a_display_gets_a_clear_word(monkeypatch, environment):
    monkeypatch.setattr("signage.stage.app.sys.platform", "linux")

    with pytest.raises(SignageError, match="display"):
        check_display(environment)


def test_a_display_of_qts_own_needs_no_server():
    check_display({"QT_QPA_PLATFORM": "offscreen"})
