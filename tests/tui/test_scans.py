"""A scanner is told from a person by the keys around a code, or by its rhythm."""

from __future__ import annotations

from posconsole.tui.scans import RUN, ScanRouter


def test_marked_scans_are_taken_out_of_the_keys() -> None:
    router = ScanRouter(prefix="f20", suffix="f21")
    fed = [
        router.feed(key, key if len(key) == 1 else None, at / 1000)
        for at, key in enumerate(["f20", *"40063", "f21", "7"])
    ]
    assert [held for held, _ in fed] == [True] * 7 + [False]
    assert [scan for _, scan in fed if scan] == ["40063"]


def test_a_prefix_without_its_suffix_does_not_swallow_the_day() -> None:
    router = ScanRouter(prefix="f20")
    router.feed("f20", None, 1.0)
    assert router.feed("4", "4", 1.01) == (True, None)
    assert router.feed("5", "5", 9.0) == (False, None)
    assert router.feed("6", "6", 9.01) == (False, None)


def test_rhythm_tells_a_burst_from_a_person() -> None:
    person, scanner = ScanRouter(), ScanRouter()
    for at in range(RUN):
        person.feed("4", "4", at * 0.12)
        scanner.feed("4", "4", at * 0.002)
    assert (person.quick, person.scanning, scanner.quick, scanner.scanning) == (False, False, True, True)


def test_the_sign_after_another_key_is_the_first_of_its_text() -> None:
    router = ScanRouter()
    begun = []
    for at, key in enumerate(["2", "up", "4", "0", "enter", "enter"]):
        router.feed(key, key if len(key) == 1 else None, at * 0.1)
        begun.append(router.begins)
    assert begun == [True, True, True, False, False, True]


def test_a_barcode_is_told_from_what_was_typed_before_it_even_with_a_gap_in_it() -> None:
    router, at = ScanRouter(), 0.0

    def typed(text: str, gap: float) -> str:
        nonlocal at
        for sign in text:
            at += gap
            router.feed("enter" if sign == "\r" else sign, sign, at)
        return router.barcode

    assert typed("fla", 0.1) == ""
    assert typed("2", 0.1) + typed("100000001026\r", 0.001) == "2100000001026"
    assert typed("20000", 0.001) + typed("0", 0.4) + typed("0000015\r", 0.001) == "2000000000015"
    assert typed("12345678\r", 0.1) == ""
    assert typed("98", 0.1) == ""
    for _ in range(8):
        at += 0.001
        router.feed("f7", None, at)
    assert typed("120050\r", 0.1) == ""
