"""Choosing a microphone, and what is said when there is none. Capturing is tested end to end."""

import sys
from collections.abc import Callable

import numpy as np
import pytest

from fermata.errors import UsageError
from fermata.live.playback import Playback, mixed_down
from fermata.live.sources.microphone import Microphone, choose_device
from fermata.live.sources.portaudio import InputDevice

BUILT_IN = InputDevice(0, "Built-in Audio", 2, 48_000, is_default=False)
HEADSET = InputDevice(3, "USB Headset", 1, 44_100, is_default=True)
HEADSET_RAW = InputDevice(4, "USB Headset raw", 1, 44_100, is_default=False)
DEVICES = (BUILT_IN, HEADSET, HEADSET_RAW)


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (None, HEADSET),
        (0, BUILT_IN),
        ("built-in", BUILT_IN),
        ("USB Headset", HEADSET),
        ("RAW", HEADSET_RAW),
    ],
)
def test_a_device_is_chosen_by_number_name_or_part_of_it(
    wanted: int | str | None, chosen: InputDevice
) -> None:
    assert choose_device(DEVICES, wanted) is chosen


def test_a_name_that_fits_two_devices_is_refused_with_both() -> None:
    with pytest.raises(UsageError, match=r"more than one .* 'usb'; .* 3 'USB Headset', 4 'USB"):
        choose_device(DEVICES, "usb")


@pytest.mark.parametrize("wanted", [7, "webcam"])
def test_a_device_that_is_not_there_is_refused_with_what_is(wanted: int | str) -> None:
    with pytest.raises(UsageError, match=r"no microphone .*0 'Built-in Audio', 3 'USB Headset'"):
        choose_device(DEVICES, wanted)


def test_a_machine_without_devices_says_none_was_found() -> None:
    with pytest.raises(UsageError, match=r"there is no microphone; .*none found"):
        choose_device((), None)


@pytest.mark.parametrize("use", [Microphone, lambda: Playback(16_000, 1)])
def test_without_pyaudio_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, use: Callable[[], object]
) -> None:
    monkeypatch.setitem(sys.modules, "pyaudio", None)
    with pytest.raises(UsageError, match=r"portaudio19-dev .* `make setup`"):
        use()


def test_what_a_person_hears_is_one_channel_alone_or_two_sides() -> None:
    one = np.array([[5, -7]], np.int16)
    assert np.array_equal(mixed_down(one), one)
    two = np.array([[5, -7], [32767, -32768]], np.int16)
    assert np.array_equal(mixed_down(two), two)
    three = np.array([[10, 32767], [4, 4], [20, 32767]], np.int16)
    assert mixed_down(three).tolist() == [[15, 32767], [4, 4]]
