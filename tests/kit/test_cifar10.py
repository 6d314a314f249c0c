"""CIFAR-10 arrives whole or not at all, is what was published, and no file of it can run anything."""

import contextlib
import fcntl
import hashlib
import http.server
import io
import os
import pickle
import shutil
import ssl
import struct
import subprocess
import sys
import tarfile
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_lib.cli import main
from cs_lib.course import ROOT
from cs_lib.datasets import command, load_cifar10, places
from cs_lib.datasets.download import FetchError, Source
from cs_lib.datasets.fetch import PUBLISHED, fetch_cifar10
from cs_lib.datasets.plain_pickle import StoredArray, read_plain_pickle

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
BATCHES = ("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch")
ROWS = 40  # in each batch
FOLDER = "cifar-10-batches-py"
ARCHIVE = "cifar-10-python.tar.gz"


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    """An empty data directory, with no shipped one to fall back to, and no proxy on the way to 127.0.0.1."""
    directory = tmp_path / "data"
    directory.mkdir()
    monkeypatch.setenv("CS_LIB_DATA", str(directory))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(places, "SHIPPED", tmp_path / "nowhere")
    return directory


def pixels_and_labels(name, rows=ROWS):
    rng = np.random.default_rng(BATCHES.index(name))
    return rng.integers(0, 256, (rows, 3072), np.uint8), rng.integers(0, 10, rows).tolist()


def by_python_2(pixels, labels):
    """A batch in the opcodes of the published files, in which strings are what Python 3 calls bytes."""

    def string(text):
        return b"U" + bytes([len(text)]) + text

    dtype = b"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    shape = b"".join(b"M" + struct.pack("<H", length) for length in pixels.shape) + b"\x86"
    content = b"T" + struct.pack("<I", pixels.size) + pixels.tobytes()
    empty = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
    array = empty + b"(K\x01" + shape + dtype + b"\x89" + content + b"tb"
    numbers = b"](" + b"".join(b"K" + bytes([label]) for label in labels) + b"e"
    return b"\x80\x02}(" + string(b"data") + array + string(b"labels") + numbers + b"u."


def by_python_3(pixels, labels):
    return pickle.dumps({b"batch_label": b"some batch", b"labels": labels, b"data": pixels}, protocol=2)


def meta(names=CLASSES):
    return pickle.dumps({b"label_names": [name.encode() for name in names], b"num_vis": 3072}, protocol=2)


def published_files(write=by_python_2):
    """The content of each file by its name, with few rows."""
    batches = {name: write(*pixels_and_labels(name)) for name in BATCHES}
    return {**batches, "batches.meta": meta(), "readme.html": b"<p>read me</p>"}


@pytest.fixture
def folder(data):
    """The folder as it is when it has been fetched."""
    made = data / FOLDER
    made.mkdir()
    for name, content in published_files().items():
        (made / name).write_bytes(content)
    return made


# Loading


@pytest.mark.parametrize("write", [by_python_2, by_python_3])
def test_pictures_are_rows_of_pixels_from_0_to_1_in_three_splits(folder, write):
    for name in BATCHES:
        (folder / name).write_bytes(write(*pixels_and_labels(name)))
    cifar = load_cifar10(num_train=90, num_val=30, num_test=20)
    stored = [pixels_and_labels(name) for name in BATCHES[:3]]  # 120 rows, all of them needed
    pixels = np.concatenate([each for each, _ in stored])
    labels = np.concatenate([each for _, each in stored])
    for X, y, first in ((cifar.X_train, cifar.y_train, 0), (cifar.X_val, cifar.y_val, 90)):
        assert X.dtype == np.float32
        assert y.dtype == np.int64
        assert X.flags.c_contiguous
        np.testing.assert_array_equal(y, labels[first : first + len(y)])
    assert (cifar.X_train.shape, cifar.X_val.shape, cifar.X_test.shape) == ((90, 3072), (30, 3072), (20, 3072))
    for i in (0, 39, 40, 89):
        picture = cifar.X_train[i].reshape(cifar.picture_shape)
        for row, column, colour in np.ndindex(32, 32, 3):
            stored_value = pixels[i, 1024 * colour + 32 * row + column]
            assert picture[row, column, colour] == np.float32(stored_value) / np.float32(255)
    test_pixels, test_labels = pixels_and_labels("test_batch")
    assert cifar.y_test.tolist() == test_labels[:20]
    np.testing.assert_allclose(cifar.X_test[:, ::3], test_pixels[:20, :1024] / 255, rtol=1e-7)  # the reds
    assert cifar.class_names == CLASSES
    assert cifar.picture_shape == (32, 32, 3)


def test_both_forms_of_the_array_constructors_name_are_read(folder):
    content = by_python_2(*pixels_and_labels("test_batch"))
    (folder / "test_batch").write_bytes(content.replace(b"numpy.core.", b"numpy._core."))
    assert len(load_cifar10(1, 1, ROWS).X_test) == ROWS


def test_writing_into_cifar10_does_not_poison_the_next_load_or_another_split(folder):  # noqa: ARG001
    cifar = load_cifar10(30, 10, 10)
    kept = cifar.X_val.copy()
    X_train = cifar.X_train
    X_train -= X_train.mean(axis=0)
    assert X_train.min() < 0
    np.testing.assert_array_equal(cifar.X_val, kept)
    assert load_cifar10(30, 10, 10).X_train.min() >= 0


def test_only_the_batches_that_are_needed_are_read(folder):
    for name in BATCHES[1:5]:
        (folder / name).write_bytes(b"not read")
    assert len(load_cifar10(ROWS - 1, 1, 1).X_train) == ROWS - 1


def test_data_that_were_not_fetched_are_reported_with_the_command(data):
    with pytest.raises(FileNotFoundError, match=r"Fetch CIFAR-10 with `cs-lib data cifar10`.*CS_LIB_DATA") as caught:
        load_cifar10()
    assert str(data) in str(caught.value)


def test_a_missing_batch_is_reported_with_the_command(folder):
    (folder / "test_batch").unlink()
    with pytest.raises(FileNotFoundError, match=r"test_batch is missing in .*`cs-lib data cifar10`"):
        load_cifar10(1, 1, 1)


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ((0, 1, 1), "num_train should be at least 1; found 0"),
        ((1, -1, 1), "num_val should be at least 1; found -1"),
        ((1, 1, 0), "num_test should be at least 1; found 0"),
        ((49_001, 1_000, 1), "50,000 pictures in data_batch_1 to data_batch_5; 50,001 were asked for"),
        ((1, 1, 10_001), "10,000 pictures in test_batch; 10,001 were asked for"),
        ((200, 1, 1), "has 200 pictures in data_batch_1 to data_batch_5; 201 were asked for"),
    ],
)
def test_more_pictures_than_there_are_or_none_are_refused(folder, numbers, sentence):  # noqa: ARG001
    with pytest.raises(ValueError, match=sentence):
        load_cifar10(*numbers)


PIXELS, LABELS = pixels_and_labels("test_batch")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not a pickle of plain values"),
        (b"<html>Please log in</html>", "not a pickle of plain values"),
        (pickle.dumps([1, 2]), r'should hold an array b"data"'),
        (pickle.dumps({b"data": [[0] * 3072], b"labels": [0]}), r'should hold an array b"data"'),
        (by_python_2(PIXELS, LABELS[:-1]), "40 pictures but 39 labels"),
        (by_python_2(PIXELS, [*LABELS[:-1], 10]), "from 0 to 9; one is 10"),
        (by_python_3(PIXELS, [*LABELS[:-1], True]), "from 0 to 9; one is of type bool"),
        (by_python_3(PIXELS, [*LABELS[:-1], 10**5000]), "not one of CIFAR-10's"),
        (by_python_2(PIXELS[:, :-1], LABELS), r"should be \(rows, 3072\) bytes, stored row by row; found shape"),
        (by_python_3(PIXELS.astype(np.float32), LABELS), "array of type 'f4'"),
        (by_python_3(np.asfortranarray(PIXELS), LABELS), "stored row by row"),
        (by_python_3(PIXELS.reshape(-1), LABELS), r"found shape \(122880,\)"),
        (by_python_2(PIXELS, LABELS).replace(b"M\x28\x00M\x00\x0c", b"M\x29\x00M\x00\x0c"), "41, 3072.*122,880 bytes"),
    ],
)
def test_a_batch_that_is_none_is_refused_with_what_is_wrong_and_what_to_do(folder, content, sentence):
    (folder / "test_batch").write_bytes(content)
    with pytest.raises(ValueError, match=sentence) as caught:
        load_cifar10(1, 1, 1)
    assert "test_batch" in str(caught.value)
    assert "`cs-lib data cifar10`" in str(caught.value)


@pytest.mark.parametrize("names", [CLASSES[:9], ("cat",) * 10, (*CLASSES[:9], "two words"), (*CLASSES[:9], "<b>")])
def test_class_names_must_be_ten_different_words(folder, names):
    (folder / "batches.meta").write_bytes(meta(names))
    with pytest.raises(ValueError, match="10 different words"):
        load_cifar10(1, 1, 1)


# Pickles that would like to do something


class Calls:
    """Pickles as a call of a function."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def text(words):
    return b"X" + struct.pack("<I", len(words)) + words


HOSTILE = {
    "os.system": pickle.dumps(Calls(os.system, "touch CANARY")),
    "eval": pickle.dumps(Calls(eval, "open('CANARY', 'w')")),
    "eval, protocol 0": pickle.dumps(Calls(eval, "open('CANARY', 'w')"), 0),
    "eval of Python 2": b"c__builtin__\neval\n" + text(b"open('CANARY', 'w')") + b"\x85R.",
    "exec inside a batch": pickle.dumps({b"labels": [0], b"data": Calls(exec, "open('CANARY', 'w')")}),
    "as a key": pickle.dumps({Calls(os.system, "touch CANARY"): 0}),
    "the opcode INST": b"(" + text(b"touch CANARY") + b"ios\nsystem\n.",
    "the opcode OBJ": b"(cos\nsystem\n" + text(b"touch CANARY") + b"o.",
    "getattr": pickle.dumps(Calls(getattr, Calls(__import__, "os"), "system")),
    "a dotted name": b"\x80\x04" + text(b"numpy") + text(b"os.system") + b"\x93" + text(b"touch CANARY") + b"\x85R.",
    "a dotted name behind an allowed one": b"\x80\x04" + text(b"numpy") + text(b"ndarray.tofile") + b"\x93.",
    "an attribute of the reader": b"ccs_lib.datasets.plain_pickle\nio.open\n"
    + text(b"CANARY")
    + text(b"w")
    + b"\x86R.",
    "numpy.load": b"cnumpy\nload\n" + text(b"CANARY") + b"\x85R.",
    "a scalar of NumPy": pickle.dumps(np.float64(1)),
    "objects in an array": pickle.dumps(np.array([Calls(os.system, "touch CANARY")], dtype=object)),
    "the type object for an array": b"cnumpy\ndtype\nU\x02O8K\x00K\x01\x87R.",
    "a structured type": pickle.dumps(np.zeros(1, [("a", "O")])),
    "a call of the array type": b"cnumpy\nndarray\nK\x01\x85R.",
    "a new object of the array type": b"\x80\x02cnumpy\nndarray\n)\x81.",
    "another encoding": b"c_codecs\nencode\n" + text(b"abc") + text(b"zip") + b"\x86R.",
    "a changed function": b"\x80\x02cnumpy\ndtype\nN}" + text(b"__call__") + b"K\x01s\x86b.",
    "an extension code": b"\x80\x02\x82\x01.",
    "a persistent object": b"\x80\x02Nq\x00Q.",
    "an array of another class": b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nmatrix\nK\x00\x85U\x01b\x87R.",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_pickle_is_refused_and_nothing_of_it_runs(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "batch"
    path.write_bytes(HOSTILE[name])
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ValueError, match="it "):
        read_plain_pickle(path)
    assert sorted(tmp_path.iterdir()) == before


def test_the_canary_of_these_tests_does_sing_where_pickle_itself_reads(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pickle.loads(HOSTILE["eval"]).close()
    assert (tmp_path / "CANARY").exists()


def test_a_hostile_batch_is_reported_by_what_it_asked_for(folder):
    (folder / "test_batch").write_bytes(HOSTILE["os.system"])
    with pytest.raises(ValueError, match=r"test_batch is not .*asks for \w+\.system, which is refused: nothing"):
        load_cifar10(1, 1, 1)


def test_no_module_is_imported_because_a_pickle_names_it(tmp_path):
    path = tmp_path / "batch"
    path.write_bytes(b"cthis\ns\n.")
    with pytest.raises(ValueError, match=r"this\.s"):
        read_plain_pickle(path)
    assert "this" not in sys.modules


def test_one_pickle_cannot_change_how_the_next_is_read(tmp_path):
    path = tmp_path / "batch"
    path.write_bytes(HOSTILE["a changed function"])
    with pytest.raises(ValueError, match="tries to change a function"):
        read_plain_pickle(path)
    path.write_bytes(by_python_2(PIXELS, LABELS))
    stored = read_plain_pickle(path)[b"data"]
    np.testing.assert_array_equal(stored.bytes_of_shape(columns=3072), PIXELS)


def test_a_file_too_long_for_a_batch_is_refused_unread(tmp_path):
    path = tmp_path / "batch"
    with path.open("wb") as file:
        file.truncate(65 * 2**20)  # a hole: it takes no room
    with pytest.raises(ValueError, match="68,157,440 bytes long, of at most 67,108,864"):
        read_plain_pickle(path)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.binary(min_size=1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
)


@given(PLAIN, st.sampled_from([2, 3, 4, 5]))
def test_plain_values_come_back_as_they_were(value, protocol):
    path = Path(os.environ["CS_LIB_DATA"]) / "value"
    path.write_bytes(pickle.dumps(value, protocol))
    assert read_plain_pickle(path) == value


@given(st.integers(0, len(by_python_2(PIXELS[:2], LABELS[:2])) - 1))
def test_every_beginning_of_a_batch_is_refused(length):
    path = Path(os.environ["CS_LIB_DATA"]) / "value"
    path.write_bytes(by_python_2(PIXELS[:2], LABELS[:2])[:length])
    with pytest.raises(ValueError, match="not a pickle of plain values"):
        read_plain_pickle(path)


# The opcode `r` is left out: with four arbitrary bytes after it, it makes Python reserve gigabytes.
@given(st.lists(st.sampled_from([bytes([i]) for i in range(256) if i != ord("r")]), max_size=60).map(b"".join))
def test_arbitrary_bytes_give_a_plain_value_or_a_sentence(content):
    path = Path(os.environ["CS_LIB_DATA"]) / "value"
    path.write_bytes(content)
    plain = (dict, list, tuple, set, frozenset, str, bytes, bytearray, bool, int, float, StoredArray, type(None))
    with contextlib.suppress(ValueError):
        assert type(read_plain_pickle(path)) in plain


# Fetching


class Site:
    """A server on this computer for one file, which can misbehave; `asked` has the Range of each request."""

    def __init__(self, content, *, ranges=True, cut_after=None, status=200, says_length=True, tells_range=None):
        self.content, self.ranges, self.cut_after, self.status = content, ranges, cut_after, status
        self.says_length, self.tells_range = says_length, tells_range
        self.asked = []
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                site.answer(self)

            def log_message(self, *_):
                """Keep the test's output clean."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # a client that hangs up is what some tests want
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/{ARCHIVE}"

    def source(self, content=None):
        """What this site is believed to publish: its content, unless another is given."""
        published = self.content if content is None else content
        checksums = {method: hashlib.new(method, published).hexdigest() for method in ("md5", "sha256")}
        return Source(self.url, len(published), checksums)

    def answer(self, request):
        wanted = request.headers["Range"]
        self.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and self.ranges else 0
        request.send_response(206 if start else self.status)
        if start:
            told = start if self.tells_range is None else self.tells_range
            request.send_header("Content-Range", f"bytes {told}-{len(self.content) - 1}/{len(self.content)}")
        if self.says_length:
            request.send_header("Content-Length", str(len(self.content) - start))
        request.end_headers()
        request.wfile.write(self.content[start : self.cut_after])


@pytest.fixture
def serve():
    sites = []

    def start(content, **behaviour):
        sites.append(Site(content, **behaviour))
        return sites[-1]

    yield start
    for site in sites:
        site.server.shutdown()
        site.server.server_close()


def packed(members):
    """A .tar.gz with these members: (name, content), or a TarInfo that says more."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for member, content in members:
            info = tarfile.TarInfo(member) if isinstance(member, str) else member
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return file.getvalue()


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def members():
    return [(f"{FOLDER}/{name}", content) for name, content in published_files().items()]


PACKED = packed([(special(FOLDER, tarfile.DIRTYPE), b""), *members()])


def left_in(directory):
    return sorted(path.name for path in directory.iterdir())


def test_the_source_is_the_published_one_over_a_verified_connection():
    assert PUBLISHED.url == "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
    assert PUBLISHED.checksums["md5"] == "c58f30108f718f92721af3b95e74349a"
    assert PUBLISHED.checksums["sha256"] == "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"


def test_a_fetched_archive_is_unpacked_and_loads_and_nothing_else_stays(data, serve):
    site = serve(PACKED)
    folder = fetch_cifar10(source=site.source())
    assert folder == data / FOLDER
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == published_files()
    assert left_in(data) == [FOLDER]
    assert repr(load_cifar10(100, 50, 40)).startswith("Dataset(100 training, 50 validation, 40 test examples; 3072")


def test_an_unpacked_folder_has_the_usual_permissions_so_that_a_class_can_read_it(data, serve):
    (data / "usual").mkdir()
    folder = fetch_cifar10(source=serve(PACKED).source())
    assert folder.stat().st_mode == (data / "usual").stat().st_mode


def test_what_is_there_already_is_not_fetched_again(folder, serve):
    site = serve(PACKED)
    assert fetch_cifar10(source=site.source()) == folder
    assert not site.asked


def test_an_incomplete_folder_is_reported_and_left_alone(folder, serve):
    (folder / "test_batch").unlink()
    with pytest.raises(FetchError, match=r"lacks test_batch\. Delete that folder and run `cs-lib data cifar10`"):
        fetch_cifar10(source=serve(PACKED).source())
    assert (folder / "data_batch_1").exists()


def test_the_directory_is_made_and_may_be_given(tmp_path, serve):
    directory = tmp_path / "a" / "b"
    assert fetch_cifar10(directory, source=serve(PACKED).source()) == directory / FOLDER


def test_a_partial_download_goes_on_where_it_stopped(data, serve):
    site = serve(PACKED, cut_after=1000)
    with pytest.raises(FetchError, match=r"ended after 1,000 of .* bytes.*is kept, and the next try goes on"):
        fetch_cifar10(source=site.source())
    assert (data / f"{ARCHIVE}.part").read_bytes() == PACKED[:1000]
    site.cut_after = None
    fetch_cifar10(source=site.source())
    assert site.asked == [None, "bytes=1000-"]
    assert left_in(data) == [FOLDER]


@pytest.mark.parametrize("behaviour", [{"ranges": False}, {"tells_range": 7}], ids=["no ranges", "another range"])
def test_a_server_that_cannot_go_on_sends_all_of_it_anew(data, serve, behaviour):
    site = serve(PACKED, **behaviour)
    (data / f"{ARCHIVE}.part").write_bytes(PACKED[:1000])
    fetch_cifar10(source=site.source())
    assert site.asked[0] == "bytes=1000-"
    assert (data / FOLDER / "test_batch").exists()


def test_a_download_that_was_complete_is_not_repeated(data, serve):
    site = serve(PACKED)
    (data / f"{ARCHIVE}.part").write_bytes(PACKED)
    fetch_cifar10(source=site.source())
    assert not site.asked


def test_a_beginning_longer_than_the_whole_is_fetched_anew(data, serve):
    site = serve(PACKED)
    (data / f"{ARCHIVE}.part").write_bytes(PACKED + b"more")
    fetch_cifar10(source=site.source())
    assert site.asked == [None]


def test_a_wrong_beginning_is_found_out_and_the_next_try_starts_afresh(data, serve):
    site = serve(PACKED)
    (data / f"{ARCHIVE}.part").write_bytes(b"x" * 1000)
    with pytest.raises(FetchError, match=r"checksum differs\. It has been deleted; run `cs-lib data cifar10` again"):
        fetch_cifar10(source=site.source())
    assert left_in(data) == []
    fetch_cifar10(source=site.source())


@pytest.mark.parametrize("method", ["md5", "sha256"])
def test_an_archive_must_have_every_checksum(data, serve, method):
    site = serve(PACKED)
    source = site.source()
    wrong = Source(source.url, source.size, {**source.checksums, method: "0" * 32})
    with pytest.raises(FetchError, match="not the published file: its checksum differs"):
        fetch_cifar10(source=wrong)
    assert left_in(data) == []


@pytest.mark.parametrize("says_length", [True, False])
def test_more_bytes_than_published_are_not_stored(data, serve, says_length):
    site = serve(PACKED + b"x" * 10**6, says_length=says_length)
    with pytest.raises(FetchError, match=r"instead of [\d,]+, so it is not the published file"):
        fetch_cifar10(source=site.source(PACKED))
    assert not (data / FOLDER).exists()
    assert sum(path.stat().st_size for path in data.iterdir()) <= len(PACKED)


def test_a_login_page_in_the_archives_place_is_recognised_and_not_stored(data, serve):
    site = serve(b"<html>Welcome to the hotel</html>")
    with pytest.raises(FetchError, match="A network that asks for a login first"):
        fetch_cifar10(source=site.source(PACKED))
    assert left_in(data) == []


def test_without_a_network_one_sentence_says_where_to_get_it_and_where_to_put_it(data, serve):
    site = serve(PACKED)
    site.server.shutdown()
    site.server.server_close()
    with pytest.raises(FetchError, match="could not be fetched") as caught:
        fetch_cifar10(source=site.source())
    for part in ("Connection refused", site.url, f"into {data} as {ARCHIVE}", "`cs-lib data cifar10`"):
        assert part in str(caught.value)
    assert left_in(data) == []


def test_a_file_that_is_not_there_any_more_is_reported_with_the_servers_word(serve):
    with pytest.raises(FetchError, match="HTTP Error 404"):
        fetch_cifar10(source=serve(PACKED, status=404).source())


def test_a_server_whose_certificate_nobody_vouches_for_is_refused(data, serve, tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=127.0.0.1"]
    made = ["openssl", "req", "-x509", *curve, "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*made, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    site = serve(PACKED)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    site.server.socket = context.wrap_socket(site.server.socket, server_side=True)
    source = site.source()
    secure = Source(source.url.replace("http:", "https:"), source.size, source.checksums)
    with pytest.raises(FetchError, match=r"(?i)certificate.verify.failed"):
        fetch_cifar10(source=secure)
    assert left_in(data) == []


def test_an_archive_put_there_by_hand_is_used_and_kept(data, serve):
    site = serve(PACKED)
    (data / ARCHIVE).write_bytes(PACKED)
    fetch_cifar10(source=site.source())
    assert not site.asked
    assert left_in(data) == [FOLDER, ARCHIVE]


@pytest.mark.parametrize(
    ("content", "difference"), [(PACKED[:-1], "its length is"), (PACKED[:-1] + b"x", "its md5 is")]
)
def test_an_archive_put_there_by_hand_is_verified_and_left_alone(data, serve, content, difference):
    (data / ARCHIVE).write_bytes(content)
    with pytest.raises(FetchError, match=rf"not the file published at .*{difference}"):
        fetch_cifar10(source=serve(PACKED).source())
    assert left_in(data) == [ARCHIVE]


def without(name):
    return [(member, content) for member, content in members() if member != f"{FOLDER}/{name}"]


LINKED = f"{FOLDER}/test_batch"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (packed([*members(), ("../evil", b"x")]), r"'\.\./evil', which is not expected"),
        (packed([*members(), ("/tmp/evil", b"x")]), "'/tmp/evil', which is not expected"),
        (packed([*members(), (f"{FOLDER}/../evil", b"x")]), "which is not expected"),
        (packed([*members(), (f"{FOLDER}/extra", b"x")]), "extra', which is not expected"),
        (packed([*members(), (special("elsewhere", tarfile.DIRTYPE), b"")]), "'elsewhere', which is not expected"),
        (packed([*members(), members()[0]]), "data_batch_1', which is not expected there, or not again"),
        (packed([(special(LINKED, tarfile.SYMTYPE, "/etc/passwd"), b"")]), "else than a plain file"),
        (packed([(special(LINKED, tarfile.LNKTYPE, "/etc/passwd"), b"")]), "else than a plain file"),
        (packed([(special(LINKED, tarfile.FIFOTYPE), b"")]), "else than a plain file"),
        (packed([(special(LINKED, tarfile.CHRTYPE), b"")]), "else than a plain file"),
        (packed([(LINKED, bytes(32 * 2**20 + 1))]), "of 33,554,433 bytes; at most 33,554,432"),
        (packed(without("test_batch")), f"lacks {LINKED}"),
        (PACKED[: len(PACKED) // 2], "is damaged"),
        (b"not an archive", "is damaged"),
    ],
)
def test_an_archive_with_anything_else_in_it_leaves_nothing_behind(data, serve, content, sentence):
    site = serve(content)
    with pytest.raises(FetchError, match=sentence):
        fetch_cifar10(source=site.source())
    assert left_in(data) == [f"{ARCHIVE}.part"]
    assert left_in(data.parent) == ["data"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_reported_with_the_room_needed(data, serve):
    (data / f"{ARCHIVE}.part").symlink_to("/dev/full")
    with pytest.raises(FetchError, match=r"cannot be written .*No space left.*needs 360 MB.*CS_LIB_DATA"):
        fetch_cifar10(source=serve(PACKED).source())
    assert not (data / FOLDER).exists()


def test_a_disk_that_fills_up_while_unpacking_leaves_the_download_and_no_half_folder(data, serve, monkeypatch):
    site = serve(PACKED)

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfileobj", full)
        with pytest.raises(FetchError, match="No space left"):
            fetch_cifar10(source=site.source())
    assert left_in(data) == [f"{ARCHIVE}.part"]
    fetch_cifar10(source=site.source())
    assert site.asked == [None]


def test_two_cannot_fetch_into_one_directory_at_once(data, serve):
    site = serve(PACKED)
    first = os.open(data, os.O_RDONLY)
    fcntl.flock(first, fcntl.LOCK_EX)
    with pytest.raises(FetchError, match="Another `cs-lib data cifar10` is at work"):
        fetch_cifar10(source=site.source())
    os.close(first)
    assert not site.asked
    fetch_cifar10(source=site.source())


def test_a_file_system_without_locks_can_hold_the_data(data, serve, monkeypatch):
    def without_locks(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", without_locks)
    assert fetch_cifar10(source=serve(PACKED).source()) == data / FOLDER


def test_a_directory_that_cannot_be_made_is_reported(tmp_path, serve):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FetchError, match="cannot be written into"):
        fetch_cifar10(tmp_path / "file" / "below", source=serve(PACKED).source())


# The command


def test_the_command_says_where_the_data_are(folder, capsys):
    assert main(["data", "cifar10"]) == 0
    assert capsys.readouterr().out == f"CIFAR-10 is in {folder}; cs_lib.datasets.load_cifar10() reads it.\n"


def test_the_command_shows_a_bar_while_it_fetches(serve, capsys):
    assert command.fetch(serve(PACKED).source()) == 0
    assert f"{ARCHIVE}: 100%" in capsys.readouterr().err


def test_the_command_fails_with_a_sentence_and_without_a_traceback(serve, capsys):
    assert command.fetch(serve(PACKED, status=500).source()) == 1
    said = capsys.readouterr().err
    assert said.startswith("cs-lib: ")
    assert "HTTP Error 500" in said
    assert "Traceback" not in said


def test_a_command_that_is_stopped_says_that_it_can_go_on(serve, monkeypatch, capsys):
    def stopped(**_):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "fetch_cifar10", stopped)
    assert command.fetch(serve(PACKED).source()) == 130
    assert "goes on from there" in capsys.readouterr().err


def test_another_name_is_refused_with_the_names_there_are(capsys):
    with pytest.raises(SystemExit):
        main(["data", "mnist"])
    assert "'cifar10'" in capsys.readouterr().err


def test_help_does_not_wait_for_numpy():
    program = "import sys; from cs_lib.cli import parser; parser().format_help(); assert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)


def test_loading_neither_reaches_for_the_network_nor_imports_what_could():
    program = "import sys, cs_lib.datasets; assert not {'urllib.request', 'tarfile', 'tqdm'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
