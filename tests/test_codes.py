"""Codes that stand for money: typed wrongly, guessed, read aloud."""

from __future__ import annotations

import math
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posconsole import codes
from posconsole.codes import ALPHABET, BODY, checks, fold, identifier, mask, mint, mint_many, seal, series_of
from posconsole.errors import InvalidInput
from tests.examples import examples

PREFIXES = st.from_regex("[A-Z][A-Z0-9]{1,11}", fullmatch=True)
BODIES = st.text(ALPHABET, min_size=BODY - 1, max_size=BODY - 1)
SAMPLED = [
    seal(prefix, "".join(random.Random(number).choices(ALPHABET, k=BODY - 1)))
    for number, prefix in enumerate(
        ["GIFT", "GIFT", "VU", "OIL", "X9", "ABCDEFGHJKLM", "CREDIT", "PRIZE", "UUU", "V0V"]
    )
]


def test_a_code_looks_as_it_is_printed_in_the_documents() -> None:
    prefix, *groups = mint().split("-")
    assert prefix == "GIFT"
    assert [len(group) for group in groups] == [4, 4, 4]
    assert set("".join(groups)) <= set(ALPHABET)
    assert not set("ILOU") & set(ALPHABET)


@pytest.mark.parametrize("code", SAMPLED)
def test_every_single_wrong_symbol_shows(code: str) -> None:
    """All 31 others in each of the twelve places; of a prefix, every symbol that isn't read as the same."""
    key = fold(code)
    assert checks(code)
    for place in range(len(key)):
        for symbol in ALPHABET:
            if symbol != key[place] and {symbol, key[place]} != {"U", "V"}:
                assert not checks(key[:place] + symbol + key[place + 1 :]), (code, place, symbol)


@pytest.mark.parametrize("code", SAMPLED)
def test_every_swap_of_neighbours_shows(code: str) -> None:
    key = fold(code)
    for place in range(len(key) - 1):
        one, other = key[place], key[place + 1]
        if one != other and {one, other} != {"U", "V"}:
            assert not checks(key[:place] + other + one + key[place + 2 :]), (code, place)


@given(PREFIXES, BODIES)
@examples(200, 20_000)
def test_what_is_minted_checks_and_folds_to_one_key(prefix: str, body: str) -> None:
    code = seal(prefix, body)
    assert checks(code)
    assert fold(fold(code)) == fold(code)
    assert series_of(code, frozenset({fold(prefix)})) == fold(prefix)


@given(BODIES, st.data())
@examples(200, 10_000)
def test_what_people_type_is_forgiven(body: str, data: st.DataObject) -> None:
    """Case, dashes, spaces, O for 0, I and L for 1, in any mixture."""
    code = seal("GIFT", body)
    typed = ""
    for symbol in fold(code):
        as_read = {"0": "0Oo", "1": "1IiLl"}.get(symbol, symbol + symbol.lower())
        typed += data.draw(st.sampled_from(as_read)) + data.draw(st.sampled_from(["", "", "-", " ", "\N{EN DASH}"]))
    assert fold(typed) == fold(code)
    assert checks(typed)


def test_what_a_code_is_not_forgiven() -> None:
    code = seal("GIFT", "7K2P9QXM4TR")
    for wrong in (
        "",
        "GIFT",
        code[:-1],
        code + "A",
        code.replace("GIFT", "G1FU"),
        "٣" * 16,
        "Ｇ" + code[1:],
        "\x00" + code,
    ):
        assert not checks(wrong), wrong
    assert not checks("A" * 1_000_000)


@given(st.text(max_size=60))
@examples(300, 20_000)
def test_no_text_at_all_breaks_folding_checking_or_masking(text: str) -> None:
    assert fold(text) == fold(text.upper()) or not text.isascii()
    assert isinstance(checks(text), bool)
    assert len(mask(text)) <= 2 + 4


def test_a_code_has_55_random_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eleven symbols, each one of 32 and all of them alike often, from the system's source of secrets."""
    assert (BODY - 1) * math.log2(len(ALPHABET)) == 55
    assert len(set(ALPHABET)) == 32
    counted = Counter("".join(fold(mint())[-BODY:-1] for _ in range(4000)))
    expected = 4000 * (BODY - 1) / 32
    chi_squared = sum((counted[symbol] - expected) ** 2 / expected for symbol in ALPHABET)
    assert chi_squared < 90  # 31 degrees of freedom: once in a million runs
    asked: list[int] = []
    monkeypatch.setattr(codes.secrets, "token_bytes", lambda size: asked.append(size) or bytes(range(size)))  # type: ignore[attr-defined,func-returns-value]
    assert mint() == seal("GIFT", ALPHABET[:11])
    assert asked == [11]


def test_ten_thousand_codes_and_identifiers_are_all_different() -> None:
    assert len({mint() for _ in range(10_000)}) == 10_000
    assert len({identifier("pay") for _ in range(10_000)}) == 10_000


@pytest.mark.parametrize("prefix", ["", "A", "1A", "A B", "ÄB", "A" * 13, "A-B", "٣A", "A\n", "G\x00"])
def test_a_prefix_is_two_to_twelve_letters_and_digits(prefix: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        mint(prefix)
    assert refused.value.field == "prefix"


def test_a_mask_shows_the_last_four() -> None:
    assert mask("GIFT-7K2P-9QXM-4TRB") == mask("gift7k2p9qxm4trb") == "…-4TRB"


def test_a_series_takes_only_codes_of_its_own_length() -> None:
    series = frozenset({"G1FT", "V1P"})
    assert series_of("gift 7k2p 9qxm 4trb", series) == "G1FT"
    assert series_of("GIFT-7K2P-9QXM-4TR", series) is None
    assert series_of("GIFTS", series) is None
    # One symbol too many may leave the sum right; the length still gives it away.
    assert series_of(mint() + "0", series) is None


@examples(50, 2_000)
@given(PREFIXES, st.integers(0, 60))
def test_many_codes_are_what_one_after_the_other_are(prefix: str, count: int) -> None:
    made = mint_many(prefix, count)
    assert len(made) == count
    for key, code in made.items():
        assert code == seal(prefix, key[-BODY:-1])
        assert fold(code) == key
        assert checks(code)


def test_codes_made_together_use_every_symbol_in_every_place_alike() -> None:
    made = list(mint_many("GIFT", 32_000))
    for place in range(4, 4 + BODY):
        counted = Counter(key[place] for key in made)
        assert counted.keys() == set(ALPHABET)
        assert max(abs(many - 1000) for many in counted.values()) < 200


def test_codes_that_come_out_alike_are_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    dealt = iter([bytes(22), bytes(range(11))])
    monkeypatch.setattr("posconsole.codes.secrets.token_bytes", lambda _count: next(dealt))
    assert list(mint_many("GIFT", 2).values()) == [seal("GIFT", "0" * 11), seal("GIFT", ALPHABET[:11])]


def test_of_two_identifiers_the_later_is_the_greater_and_no_two_are_alike() -> None:
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: [identifier("evt") for _ in range(2_000)], range(4)))
    assert all(one == sorted(one) for one in made)
    assert len({one for some in made for one in some}) == 8_000
