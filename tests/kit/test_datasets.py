"""The data sets load everywhere, cannot be poisoned, and are what their provenance says."""

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cs_lib.datasets import add_bias_column, data_directory, load_digits, places

ROOT = Path(__file__).resolve().parents[2]
SHIPPED_DIGITS = ROOT / "datasets" / "digits.npz"
SPLITS = ("train", "val", "test")


@pytest.fixture
def data_elsewhere(tmp_path, monkeypatch):
    """An empty data directory, with no shipped directory to fall back to."""
    monkeypatch.setenv("CS_LIB_DATA", str(tmp_path))
    monkeypatch.setattr(places, "SHIPPED", tmp_path / "nowhere")
    return tmp_path


def write_npz(path, **changes):
    with np.load(SHIPPED_DIGITS, allow_pickle=False) as stored:
        content = {**stored, **changes}
    np.savez(path, **{name: array for name, array in content.items() if array is not None})


def test_shapes_and_dtypes_are_as_documented():
    digits = load_digits()
    for split in SPLITS:
        X, y = getattr(digits, f"X_{split}"), getattr(digits, f"y_{split}")
        assert X.shape == (len(y), 64)
        assert X.dtype == np.float64
        assert y.dtype == np.int64
        assert X.min() == 0
        assert X.max() == 1
    assert [len(getattr(digits, f"y_{split}")) for split in SPLITS] == [1199, 299, 299]
    assert digits.class_names == ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
    assert digits.picture_shape == (8, 8)


def test_every_picture_and_label_is_scikit_learns():
    original = pytest.importorskip("sklearn.datasets").load_digits()
    label_of = {row.tobytes(): label for row, label in zip(original.data, original.target, strict=True)}
    digits = load_digits()
    X = np.concatenate([digits.X_train, digits.X_val, digits.X_test])
    y = np.concatenate([digits.y_train, digits.y_val, digits.y_test])
    assert len(X) == len(original.data)
    assert [label_of.pop((row * 16).tobytes()) for row in X] == y.tolist()
    assert not label_of  # so each picture was used exactly once


def test_each_class_has_the_same_share_of_every_split():
    digits = load_digits()
    train, val, test = (np.bincount(getattr(digits, f"y_{split}"), minlength=10) for split in SPLITS)
    total = train + val + test
    np.testing.assert_allclose(val, total / 6, rtol=0, atol=0.5)  # whole pictures: half a one either way
    np.testing.assert_allclose(test, total / 6, rtol=0, atol=0.5)


def test_writing_into_a_data_set_does_not_poison_the_next_load():
    digits = load_digits()
    expected = digits.X_train.copy()
    digits.X_train[:] = -1
    digits.y_train[:] = 0
    again = load_digits()
    np.testing.assert_array_equal(again.X_train, expected)
    assert set(again.y_train) == set(range(10))


def test_a_data_set_shows_itself_in_one_line_of_sizes():
    assert repr(load_digits()) == (
        "Dataset(1,199 training, 299 validation, 299 test examples; 64 features; 10 classes)"
    )


def test_digits_load_from_any_directory_without_the_drawing_library(tmp_path):
    program = (
        "import sys; from cs_lib.datasets import load_digits; load_digits();"
        "assert 'matplotlib' not in sys.modules and 'sklearn' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, check=True)


def test_the_data_directory_is_the_courses_own_unless_the_variable_names_another(tmp_path, monkeypatch):
    monkeypatch.delenv("CS_LIB_DATA", raising=False)
    assert data_directory() == ROOT / "datasets"
    monkeypatch.setenv("CS_LIB_DATA", "")
    assert data_directory() == ROOT / "datasets"
    monkeypatch.setenv("CS_LIB_DATA", str(tmp_path))
    assert data_directory() == tmp_path


def test_digits_fall_back_to_the_shipped_file_when_the_variable_names_another_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("CS_LIB_DATA", str(tmp_path))
    assert len(load_digits().X_train) == 1199


def test_a_missing_file_is_reported_with_what_to_do(data_elsewhere):
    with pytest.raises(FileNotFoundError, match=r"digits\.npz is not in .*copy it back.*CS_LIB_DATA") as caught:
        load_digits()
    assert str(data_elsewhere) in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not an archive",
        SHIPPED_DIGITS.read_bytes()[:-5000],
        SHIPPED_DIGITS.read_bytes().replace(b"\x10", b"\x11"),
    ],
    ids=["empty", "text", "cut short", "a changed pixel"],
)
def test_a_damaged_file_is_reported_with_what_to_do(data_elsewhere, content):
    (data_elsewhere / "digits.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"digits\.npz is damaged .* fresh copy"):
        load_digits()


def test_a_file_without_one_of_its_arrays_is_reported_as_damaged(data_elsewhere):
    write_npz(data_elsewhere / "digits.npz", labels=None)
    with pytest.raises(ValueError, match=r"damaged .*labels"):
        load_digits()


def test_a_single_array_under_the_archives_name_is_reported_as_damaged(data_elsewhere):
    with (data_elsewhere / "digits.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(ValueError, match="damaged"):
        load_digits()


def test_pickled_objects_are_never_loaded(data_elsewhere):
    write_npz(data_elsewhere / "digits.npz", labels=np.array([print], dtype=object))
    with pytest.raises(ValueError, match="damaged"):
        load_digits()


@given(arrays.arrays(st.sampled_from([np.float32, np.float64]), st.tuples(st.integers(0, 5), st.integers(0, 5))))
def test_the_bias_column_is_ones_last_and_everything_else_stays(X):
    extended = add_bias_column(X)
    assert extended.shape == (X.shape[0], X.shape[1] + 1)
    assert extended.dtype == X.dtype
    np.testing.assert_array_equal(extended[:, :-1], X)
    assert (extended[:, -1] == 1).all()


def test_the_bias_trick_adds_the_last_row_of_the_weights_to_every_score():
    rng = np.random.default_rng(5)
    X, W, b = rng.normal(size=(7, 4)), rng.normal(size=(4, 3)), rng.normal(size=3)
    np.testing.assert_allclose(add_bias_column(X) @ np.vstack([W, b]), X @ W + b, rtol=1e-13)


def test_a_bias_column_needs_one_example_per_row():
    with pytest.raises(ValueError, match=r"X should have shape \(N, D\).*found shape \(64,\)"):
        add_bias_column(np.zeros(64))


def run_script(*arguments):
    command = [sys.executable, str(ROOT / "datasets" / "make_digits.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def test_the_script_makes_the_shipped_file_byte_for_byte(tmp_path):
    pytest.importorskip("sklearn")
    made = tmp_path / "digits.npz"
    assert run_script("--output", made).returncode == 0
    assert made.read_bytes() == SHIPPED_DIGITS.read_bytes()
    assert made.stat().st_size < 150_000


def test_the_script_notices_a_file_that_it_would_not_make(tmp_path):
    pytest.importorskip("sklearn")
    other = tmp_path / "digits.npz"
    write_npz(other)
    kept = other.read_bytes()
    result = run_script("--check", "--output", other)
    assert result.returncode == 1
    assert "run this script without --check" in result.stderr
    assert other.read_bytes() == kept


def test_the_shipped_file_holds_plain_arrays_without_a_date():
    with zipfile.ZipFile(SHIPPED_DIGITS) as archive:
        members = archive.infolist()
    assert {member.filename for member in members} == {
        "pictures.npy",
        "labels.npy",
        "train.npy",
        "val.npy",
        "test.npy",
    }
    assert {member.date_time for member in members} == {(1980, 1, 1, 0, 0, 0)}
