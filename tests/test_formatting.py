"""The number formatter: what it prints, and that what it prints is what is meant."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorreel.core.formatting import (
    MINUS,
    decimals_for,
    exact_at,
    format_number,
    leading,
    parse_number,
    snap,
)

finite = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)
decimals = st.integers(0, 3)


@pytest.mark.parametrize(
    ("x", "n", "printed"),
    [
        (0.1, 1, "0.1"),
        (-0.3, 2, "−0.30"),
        (0.1 + 0.2, 1, "0.3"),
        (0.024999999999999998, 2, "0.03"),
        (-0.005, 2, "−0.01"),
        (0.0, 2, "0.00"),
        (-0.0, 1, "0.0"),
        (1e-13, 2, "0.00"),
        (-1e-17, 2, "0.00"),
        (0.0004, 2, "4e−4"),
        (-0.00042, 2, "−4e−4"),
        (0.00996, 1, "1e−2"),
        (-123.45, 2, "−123.45"),
        (9999.994, 2, "9999.99"),
        (9999.996, 2, "1e4"),
        (123456.0, 0, "1.2e5"),
        (-98765.4, 1, "−9.9e4"),
        (99999.0, 0, "1e5"),
        (1e300, 2, "1e300"),
        (-math.inf, 2, "−∞"),
        (math.inf, 0, "∞"),
        (5.0, 0, "5"),
        (2.5, 0, "3"),
        (-2.5, 0, "−3"),
    ],
)
def test_known_numbers(x: float, n: int, printed: str) -> None:
    assert format_number(x, n) == printed


def test_nan_is_refused() -> None:
    with pytest.raises(ValueError, match="NaN"):
        format_number(math.nan, 2)


@pytest.mark.parametrize(
    ("values", "n"),
    [
        ([1.0, 2.0, -3.0], 0),
        ([0.1, 0.30000000000000004], 1),
        ([0.25, 1.0], 2),
        ([0.02, 0.03], 2),
        ([1 / 3], 2),
        ([0.0123, -0.08], 3),
        ([0.0123, 0.1], 2),
        ([-math.inf, 0.5], 1),
        ([], 0),
        ([1e-5], 3),
        ([0.1, -0.3000001], 1),
        ([0.1, -0.30001], 2),
        (np.array([0.1, 0.7, -3.3], np.float32), 1),
        (np.array([0.25, 12.05], np.float32), 2),
        ([2e-7, 1.0], 2),
        ([9999.01], 2),
        (np.array([[0.5, 0.25], [1.0, 2.0]]), 2),
    ],
)
def test_decimals_of_a_matrix(values: list[float], n: int) -> None:
    assert decimals_for(values) == n


@given(finite, decimals)
def test_plain_print_is_the_nearest(x: float, n: int) -> None:
    printed = format_number(x, n)
    value = Decimal(repr(snap(x)))
    error = abs(parse_number(printed) - value)
    if "e" in printed and abs(value) >= 1:
        assert error <= abs(value) * Decimal("0.051")
    elif "e" in printed:  # one significant digit, at least ten times finer than the matrix prints
        assert error <= Decimal(5).scaleb(value.adjusted() - 1)
        assert error <= Decimal(5).scaleb(-n - 2)
    else:
        assert error <= Decimal(5).scaleb(-n - 1)
        assert len(printed.partition(".")[2]) == n


@given(finite, decimals)
def test_print_never_hides_a_sign_or_a_value(x: float, n: int) -> None:
    printed = format_number(x, n)
    value = parse_number(printed)
    assert "-" not in printed
    assert (value < 0) == (snap(x) < 0) == printed.startswith(MINUS)
    assert (value == 0) == (snap(x) == 0)


@given(finite, decimals)
def test_exact_means_that_printing_loses_nothing(x: float, n: int) -> None:
    printed = format_number(x, n)
    if "e" not in printed:
        assert exact_at(x, n) == (parse_number(printed) == Decimal(repr(snap(x))))


@given(st.integers(-99999, 99999), decimals)
def test_decimals_survive_arithmetic_noise(k: int, n: int) -> None:
    x = k / 10**n
    assert exact_at(x * 3 / 3 + 0.1 - 0.1, max(n, 1))


@given(st.lists(finite, min_size=1, max_size=8))
def test_decimals_are_at_most_three_and_exact_when_possible(values: list[float]) -> None:
    n = decimals_for(values)
    assert 0 <= n <= 3
    if all(exact_at(x, 2) for x in values):
        assert all(exact_at(x, n) for x in values)
        assert n == 0 or not all(exact_at(x, n - 1) for x in values)


@given(finite)
def test_snap_is_idempotent_and_close(x: float) -> None:
    assert snap(snap(x)) == snap(x)
    assert abs(snap(x) - x) <= max(1e-12, 1e-11 * abs(x))


def test_parse_refuses_other_text() -> None:
    with pytest.raises(ValueError, match="printed number"):
        parse_number("head 1")


@pytest.mark.parametrize(
    ("values", "n", "first"),
    [
        ([0.2, 0.2, 0.2], 1, [0, 1, 2]),
        ([0.1251, 0.1, 0.1249], 2, [0]),
        ([0.128, 0.1, 0.132], 2, [0, 2]),
        ([0.128, 0.1, 0.132], 3, [2]),
        ([-math.inf, 3.0], 2, [1]),
        ([0.0, -1e-15], 2, [0, 1]),
        ([7.0], 0, [0]),
    ],
)
def test_a_tie_is_one_of_printed_digits(values: list[float], n: int, first: list[int]) -> None:
    assert leading(values, n) == first
