"""Toy points lie where the mathematics says, fairly shared among the classes, and the same for the same generator."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_lib.datasets import make_circles, make_moons, make_spirals

SEEDS = st.integers(0, 2**32 - 1)
SPREADS = st.floats(0, 2)
MAKERS = {
    "spirals": lambda noise, rng: make_spirals(40, 3, noise, rng),
    "moons": lambda noise, rng: make_moons(101, noise, rng),
    "circles": lambda noise, rng: make_circles(101, noise, rng),
}
every_toy = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


def rng(seed=0):
    return np.random.default_rng(seed)


@given(st.integers(1, 50), st.integers(1, 6), SPREADS, SEEDS)
def test_each_arm_of_a_spiral_has_the_number_of_points_asked_for(num_per_class, num_classes, noise, seed):
    X, y = make_spirals(num_per_class, num_classes, noise, rng(seed))
    assert X.shape == (num_per_class * num_classes, 2)
    assert X.dtype == np.float64
    assert y.dtype == np.int64
    assert np.isfinite(X).all()
    assert np.bincount(y).tolist() == [num_per_class] * num_classes


@pytest.mark.parametrize("make", [make_moons, make_circles])
@given(N=st.integers(2, 200), noise=SPREADS, seed=SEEDS)
def test_two_classes_share_the_points_and_the_first_has_the_odd_one(make, N, noise, seed):
    X, y = make(N, noise, rng(seed))
    assert X.shape == (N, 2)
    assert X.dtype == np.float64
    assert y.dtype == np.int64
    assert np.isfinite(X).all()
    assert np.bincount(y).tolist() == [math.ceil(N / 2), N // 2]


@every_toy
@given(noise=SPREADS, seed=SEEDS)
def test_the_same_generator_gives_the_same_points(make, noise, seed):
    X, y = make(noise, rng(seed))
    again_X, again_y = make(noise, rng(seed))
    np.testing.assert_array_equal(X, again_X)
    np.testing.assert_array_equal(y, again_y)


@every_toy
def test_toys_neither_read_nor_change_the_global_random_state(make):
    np.random.seed(1)  # noqa: NPY002  the global state is what this is about
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    make(0.1, rng())
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@every_toy
def test_another_generator_gives_other_points_in_another_order(make):
    X, y = make(0.1, rng(0))
    other_X, other_y = make(0.1, rng(1))
    assert (other_X != X).all()
    assert (y != other_y).any()


@every_toy
def test_any_part_of_the_rows_has_points_of_every_class(make):
    _, y = make(0.1, rng())
    assert len(set(y[:30])) == len(set(y[-30:])) == len(set(y))


@every_toy
def test_noise_moves_every_coordinate_by_its_standard_deviation(make):
    # The same seed gives the same order, so that rows correspond.
    moved = make(0.25, rng(3))[0] - make(0, rng(3))[0]
    assert abs(moved.mean()) < 0.25 * 4 / math.sqrt(moved.size)
    assert moved.std() == pytest.approx(0.25, rel=4 / math.sqrt(2 * moved.size))


@given(st.integers(2, 60), st.integers(1, 5))
def test_the_points_of_an_arm_are_evenly_spaced_outwards_and_turn_evenly(num_per_class, num_classes):
    X, y = make_spirals(num_per_class, num_classes, 0, rng())
    for k in range(num_classes):
        arm = X[y == k]
        arm = arm[np.argsort(np.hypot(*arm.T))]
        radius = np.hypot(*arm.T)
        np.testing.assert_allclose(radius, [(i + 1) / num_per_class for i in range(num_per_class)])
        z = arm[:, 0] + 1j * arm[:, 1]
        step = np.angle(z[1:] / z[:-1] * np.exp(-1.5j * math.pi / num_per_class))
        np.testing.assert_allclose(step, 0, atol=1e-9)


def test_each_arm_is_the_first_one_turned():
    X, y = make_spirals(30, 3, 0, rng())
    arms = [sorted(X[y == k] @ [1, 1j], key=abs) for k in range(3)]
    for k in (1, 2):
        np.testing.assert_allclose(arms[k], np.array(arms[0]) * np.exp(2j * math.pi * k / 3), atol=1e-12)


@given(st.integers(2, 100))
def test_moons_are_half_circles_of_radius_one_that_interlock(N):
    X, y = make_moons(N, 0, rng())
    upper, lower = X[y == 0], X[y == 1]
    np.testing.assert_allclose(np.hypot(*upper.T), 1)
    np.testing.assert_allclose(np.hypot(*(lower - [1, 0.5]).T), 1)
    assert (upper[:, 1] >= 0).all()
    assert (lower[:, 1] <= 0.5).all()


def test_the_ends_of_each_moon_are_where_its_diameter_ends():
    X, y = make_moons(40, 0, rng())
    for k, ends in ((0, [[-1, 0], [1, 0]]), (1, [[0, 0.5], [2, 0.5]])):
        along = X[y == k][np.argsort(X[y == k, 0])]
        np.testing.assert_allclose(along[[0, -1]], ends, atol=1e-12)


@given(st.integers(4, 100))
def test_circles_have_radius_a_half_and_one_with_even_gaps(N):
    X, y = make_circles(N, 0, rng())
    np.testing.assert_allclose(np.hypot(*X.T), np.where(y == 0, 0.5, 1))
    for k in (0, 1):
        angle = np.sort(np.arctan2(*X[y == k].T) % (2 * math.pi))
        gaps = np.diff(np.append(angle, angle[0] + 2 * math.pi))
        np.testing.assert_allclose(gaps, 2 * math.pi / len(gaps), atol=1e-9)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: make_spirals(0, 3, 0.1, rng()), "num_per_class should be at least 1; found 0"),
        (lambda: make_spirals(5, 0, 0.1, rng()), "num_classes should be at least 1; found 0"),
        (lambda: make_moons(1, 0.1, rng()), "N should be at least 2; found 1"),
        (lambda: make_circles(1, 0.1, rng()), "N should be at least 2; found 1"),
        (lambda: make_moons(10, -0.1, rng()), r"noise should be .* 0 or more; found -0\.1"),
        (lambda: make_circles(10, math.nan, rng()), "noise should be .*; found nan"),
    ],
)
def test_impossible_numbers_are_refused_by_name(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


@every_toy
def test_a_seed_in_the_place_of_a_generator_is_refused_with_what_to_pass(make):
    with pytest.raises(TypeError, match=r"rng should be a generator such as np\.random\.default_rng\(0\); found 7"):
        make(0.1, 7)
