"""The operations, on rows whose results are known."""

from __future__ import annotations

import numpy as np
import pytest

from tensorreel.core.functional import RowError, attention, attention_mask, layer_norm, masked, relu, softmax


def test_softmax_rows_add_up_to_one_and_ignore_a_shift() -> None:
    x = np.random.default_rng(1).normal(size=(2, 3, 5))
    np.testing.assert_allclose(softmax(x).sum(-1), 1, atol=1e-15)
    np.testing.assert_allclose(softmax(x + 100), softmax(x), atol=1e-13)


def test_softmax_of_huge_scores_does_not_overflow() -> None:
    with np.errstate(all="raise", under="ignore"):
        np.testing.assert_allclose(softmax(np.array([1e308, 1e308, -1e307])), [0.5, 0.5, 0.0])


def test_softmax_gives_masked_scores_exactly_zero() -> None:
    assert softmax(np.array([[0.0, -np.inf]])).tolist() == [[1.0, 0.0]]


def test_softmax_names_a_fully_masked_row() -> None:
    x = np.zeros((2, 3, 3))
    x[1, 2] = -np.inf
    with pytest.raises(RowError, match="masked") as err:
        softmax(x)
    assert err.value.row == (1, 2)


def test_layer_norm_of_one_hot_has_population_variance() -> None:
    got = layer_norm(np.array([1.0, 0, 0, 0]), np.ones(4), np.zeros(4), 1e-12)
    root = np.sqrt(3)
    np.testing.assert_allclose(got, [root, -1 / root, -1 / root, -1 / root], atol=1e-10)
    assert f"{got[0]:.3f} {got[1]:.3f}" == "1.732 -0.577"


def test_layer_norm_has_eps_inside_the_root() -> None:
    got = layer_norm(np.array([1.0, -1.0]), np.array([2.0, 2.0]), np.array([0.0, 5.0]), 3.0)
    np.testing.assert_allclose(got, [1.0, 4.0])


def test_layer_norm_names_a_row_without_variance() -> None:
    x = np.array([[1.0, 2.0], [3.0, 3.0]])
    with pytest.raises(RowError, match="variance") as err:
        layer_norm(x, np.ones(2), np.zeros(2), 0.0)
    assert err.value.row == (1,)
    assert layer_norm(x, np.ones(2), np.zeros(2), 1e-5)[1].tolist() == [0.0, 0.0]


def test_layer_norm_names_a_row_of_too_large_variance() -> None:
    with np.errstate(all="raise"), pytest.raises(RowError, match="too large") as err:
        layer_norm(np.array([[1.0, 2.0], [1e200, 0.0]]), np.ones(2), np.zeros(2), 1e-5)
    assert err.value.row == (1,)


def test_relu_keeps_what_is_positive() -> None:
    assert relu(np.array([-1.0, 0.0, 2.0])).tolist() == [0.0, 0.0, 2.0]


def test_masks() -> None:
    assert attention_mask(3, causal=False).all()
    assert attention_mask(3, causal=True).tolist() == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    assert masked(np.zeros((2, 2)), attention_mask(2, causal=True)).tolist() == [[0, -np.inf], [0, 0]]


def test_attention_of_equal_keys_is_the_mean_of_the_values() -> None:
    value = np.array([[1.0, 2.0], [3.0, 6.0]])
    got = attention(np.ones((2, 2)), np.ones((2, 2)), value, attention_mask(2, causal=False))
    np.testing.assert_allclose(got, [[2, 4], [2, 4]])
