"""Model files that are wrong: made by hand, each for a reason, and mutants of good ones."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from tensorreel.models import builtin_text, tiny_model

TINY = tiny_model()
TEXT = builtin_text()
Made = Callable[[], bytes]


# ---- good files -------------------------------------------------------------------------------------------
def arrays() -> dict[str, Any]:
    return dict(TINY.params)


def npz(content: dict[str, Any], facts: bool = True) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, array in content.items():
            archive.writestr(f"{name}.npy", npy(array))
        if facts:
            archive.writestr("words.npy", npy(np.array(TINY.words)))
    return out.getvalue()


def npy(array: Any) -> bytes:
    out = io.BytesIO()
    np.lib.format.write_array(out, np.asarray(array), allow_pickle=True)
    return out.getvalue()


def raw_npy(header: str, data: bytes = b"", version: bytes = b"\1\0") -> bytes:
    text = header.encode("latin1")
    return b"\x93NUMPY" + version + struct.pack("<H", len(text)) + text + data


CODES = {"f8": "F64", "f4": "F32", "f2": "F16"}


def safetensors(content: dict[str, Any], metadata: dict[str, Any] | None = None) -> bytes:
    header: dict[str, Any] = {}
    data = b""
    for name, array in content.items():
        array = np.asarray(array)
        code = CODES[f"{array.dtype.kind}{array.dtype.itemsize}"]
        place = [len(data), len(data) + array.nbytes]
        header[name] = {"dtype": code, "shape": list(array.shape), "data_offsets": place}
        data += array.tobytes()
    facts = {"words": json.dumps(TINY.words)} if metadata is None else metadata
    return packed({"__metadata__": facts, **header}, data)


def packed(header: Any, data: bytes, length: int | None = None) -> bytes:
    text = (header if isinstance(header, str) else json.dumps(header)).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def opened(data: bytes) -> tuple[dict[str, Any], bytes]:
    length = struct.unpack("<Q", data[:8])[0]
    return json.loads(data[8 : 8 + length]), data[8 + length :]


# ---- by hand ----------------------------------------------------------------------------------------------
def changed(**tensors: Any) -> dict[str, Any]:
    return arrays() | {name.replace("__", "."): value for name, value in tensors.items()}


def without(name: str) -> dict[str, Any]:
    return {k: v for k, v in arrays().items() if k != name}


def spoilt(name: str, value: float) -> dict[str, Any]:
    array = arrays()[name].copy()
    array.flat[array.size // 2] = value
    return arrays() | {name: array}


def _tensors() -> Iterator[tuple[str, dict[str, Any]]]:
    """Faults of tensors, for the two formats that hold arrays."""
    for name in ("E", "P", "layers.0.W_Q", "layers.0.W_O", "layers.1.W_1", "layers.1.beta_2"):
        yield f"{name} missing", without(name)
        yield f"{name} with NaN", spoilt(name, np.nan)
        yield f"{name} with inf", spoilt(name, -np.inf)
        yield f"{name} one axis more", arrays() | {name: arrays()[name][None]}
        yield f"{name} cut", arrays() | {name: arrays()[name][..., :-1]}
    yield "W_Q of three heads", changed(layers__0__W_Q=np.ones((3, 4, 2)))
    yield "W_K of one head", changed(layers__0__W_K=np.ones((1, 4, 4)))
    yield "unknown tensor", changed(W_X=np.ones(2))
    yield "misspelt", changed(layers__0__W_q=np.ones(2))
    yield "a layer of a thousand", changed(layers__5000__W_Q=np.ones(2))
    yield "a hole in the layers", {k.replace("layers.1", "layers.2"): v for k, v in arrays().items()}
    yield "scalar", changed(E=np.float64(1))
    yield "no rows", changed(E=np.ones((0, 4)))
    yield "no columns", changed(E=np.ones((8, 0)))
    yield "zero width", changed(layers__0__W_1=np.ones((4, 0)), layers__0__b_1=np.ones(0))
    yield "transposed", changed(layers__0__W_1=arrays()["layers.0.W_1"].T)
    yield "odd width", changed(E=np.ones((8, 5)))
    yield "nothing", {}
    yield "overflow", {k: np.full_like(v, 1e300) for k, v in arrays().items()}
    yield "zero variance", {k: np.zeros_like(v) for k, v in arrays().items()} | {"eps-0": None}


def _npz() -> Iterator[tuple[str, Made]]:
    for name, content in _tensors():
        if content.pop("eps-0", 1) is None:
            content["eps"] = np.array(0.0)
        yield name, partial(npz, content)
    dtypes = ("i4", "u1", "i8", "?", "c16", "c8", "S3", "U3", "M8[s]", "m8[s]", "V4", "O", "f16")
    for dtype in dtypes:
        yield f"dtype {dtype}", partial(_typed, dtype)
    records = np.zeros((8, 4), dtype=[("a", "f8")])
    yield "records", lambda: npz(changed(E=records))
    for key, value in {
        "words": np.ones(8), "words of two axes": np.array([list("ab")]), "tokens": np.array([1.5]),
        "tokens out of range": np.array([99]), "tokens below": np.array([-1]), "no tokens": np.array([], int),
        "tokens of two axes": np.array([[1]]), "words too few": np.array(["a"]),
        "causal": np.array(1), "causal twice": np.array([True, False]), "eps": np.array("x"),
        "eps below": np.array(-1.0), "eps NaN": np.array(np.nan), "glosses": np.array([1.0]),
    }.items():  # fmt: skip
        yield key, partial(npz, arrays() | {key.split()[0]: value}, facts=False)
    header = "{'descr': '<f8', 'fortran_order': False, 'shape': (8, 4), }\n"
    members = {
        "no magic": b"hello", "version": raw_npy(header, bytes(256), b"\7\0"), "short": raw_npy(header, bytes(255)),
        "long": raw_npy(header, bytes(257)), "code": raw_npy("__import__('os').abort()"), "no dict": raw_npy("[1]"),
        "huge": raw_npy(header.replace("(8, 4)", "(99999999999, 99999999999)")), "below": raw_npy(
            header.replace("(8, 4)", "(-8, -4)"), bytes(256)), "deep": raw_npy("(" * 3000), "empty": b"",
        "axes": raw_npy(header.replace("(8, 4)", f"({'1,' * 40})"), bytes(8)), "pickle": npy(np.array([{}], object)),
        "long header": raw_npy(header[:-1] + " " * 20000), "cut header": raw_npy(header)[:20],
    }  # fmt: skip
    for name, data in members.items():
        yield f"member {name}", partial(_with, {"E.npy": data})
    beyond = np.array([[97 + i, 0x110000] for i in range(8)], "<u4").view("<U2").reshape(-1)
    yield "no character", lambda: npz(arrays() | {"words": beyond}, facts=False)
    for name in ("evil.py", "../E.npy", "E", "E.npy/", "a\x1b[31m.npy"):
        yield f"member named {name!r}", partial(_with, {name: npy(np.ones(2))})
    yield "cut", lambda: npz(arrays())[:-30]
    yield "only the beginning", lambda: npz(arrays())[:100]
    yield "garbage inside", lambda: npz(arrays()).replace(b"\x9a\x99", b"\x9a\x98", 1)
    yield "empty archive", lambda: b"PK\5\6" + bytes(18)
    yield "just PK", lambda: b"PK\3\4"


def _typed(dtype: str) -> bytes:
    return npz(changed(E=np.zeros((8, 4), dtype=dtype)))


def _with(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO(npz(without("E")))
    with zipfile.ZipFile(out, "a") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def _safetensors() -> Iterator[tuple[str, Made]]:
    for name, content in _tensors():
        facts = {"eps": "0.0"} if content.pop("eps-0", 1) is None else None
        yield name, partial(safetensors, content, facts)
    good, data = opened(safetensors(arrays()))
    for dtype in ("I64", "U8", "BOOL", "F8_E4M3", "C64", "", None, 7, "f64", ["F64"]):
        yield f"dtype {dtype}", partial(packed, {**good, "E": {**good["E"], "dtype": dtype}}, data)
    entries: dict[str, dict[str, Any]] = {
        "offsets past the end": {"data_offsets": [0, 10**9]}, "offsets backwards": {"data_offsets": [256, 0]},
        "offsets of text": {"data_offsets": ["0", "9"]}, "offsets below": {"data_offsets": [-8, 248]},
        "shape below": {"shape": [-8, -4]}, "shape of text": {"shape": "8, 4"}, "shape too large": {"shape": [8, 5]},
        "shape huge": {"shape": [2**40, 2**40]}, "shape of floats": {"shape": [8.0, 4.0]}, "deep": {"shape": [[8]]},
    }  # fmt: skip
    for what, entry in entries.items():
        yield what, partial(packed, {**good, "E": {**good["E"], **entry}}, data)
    for key, text in {
        "words": "no JSON", "words as number": "7", "words too few": '["a"]',
        "tokens": "[99]", "tokens as text": '"abc"', "tokens as floats": "[1.5]", "causal": '"yes"', "eps": "-1",
        "eps NaN": "NaN", "glosses": "[1]", "words deep": "[" * 5000,
    }.items():  # fmt: skip
        yield f"metadata {key}", partial(safetensors, arrays(), {key.split()[0]: text})
    yield "metadata of numbers", lambda: packed({**good, "__metadata__": {"words": 1}}, data)
    yield "metadata as list", lambda: packed({**good, "__metadata__": []}, data)
    yield "entry as list", lambda: packed({**good, "E": []}, data)
    yield "twice", lambda: packed('{"E": {"dtype": "F64"}, "E": {"dtype": "F64"}}', b"")
    yield "header as list", lambda: packed('{"a": ' + "[" * 9000, b"")
    yield "header cut", lambda: packed(good, data, 40)
    yield "header too long", lambda: packed(good, data, len(data) + 10**6)
    yield "header huge", lambda: packed(good, data, 2**39)
    yield "data cut", lambda: packed(good, data[:-1])
    yield "data longer", lambda: packed(good, data + b"x")
    yield "no UTF-8", lambda: struct.pack("<Q", 8) + b'{"\xff": 1}'
    for project, content in checkpoints().items():
        yield f"a {project} checkpoint", partial(safetensors, content, SAID | {"format": "pt"})
    for key in SAID:
        yield f"{key} not said", partial(safetensors, pytorch(), {k: v for k, v in SAID.items() if k != key})
    for key, text in {
        "n_heads": "2.5", "n_heads none": "null", "n_heads that do not divide": "3", "norm": "sandwich",
        "norm empty": "", "final_norm": "layer", "activation": "gelu_new", "activation of others": "silu", "eps": '"x"',
        "eps below": "-1", "causal": "1", "causal deep": "[" * 5000,
    }.items():  # fmt: skip
        yield f"said {key}", partial(safetensors, pytorch(), SAID | {key.split()[0]: text})
        yield f"said {key} in our names", partial(safetensors, arrays(), {key.split()[0]: text})
    for key, text in {"norm": "pre", "norm in quotes": '"pre"', "activation": "gelu"}.items():
        yield f"said {key} of others in our names", partial(safetensors, arrays(), {key.split()[0]: text})
    twice = {"module.layers.0.linear1.weight": np.ones((6, 4))}
    yield "a doubled tensor of PyTorch", lambda: safetensors(pytorch() | twice, SAID)
    others = {f"other.{k}": v for k, v in pytorch().items()}
    yield "two stacks of layers", lambda: safetensors(pytorch() | others, SAID)
    yield "a doubled tensor of ours", lambda: safetensors(arrays() | {"_orig_mod.E": np.ones((8, 4))})
    yield (
        "no three matrices",
        lambda: safetensors(pytorch() | {"layers.0.self_attn.in_proj_weight": np.ones((13, 4))}, SAID),
    )


SAID = {
    "n_heads": "2", "norm": "post", "final_norm": "none", "activation": "relu", "eps": "1e-05", "causal": "false",
}  # fmt: skip
OPTIONS = [  # the same on the command line
    "--n-heads", "2", "--norm", "post", "--final-norm", "none", "--activation", "relu", "--eps", "1e-5", "--no-causal",
]  # fmt: skip
STATED = {
    "n_heads": np.array(2), "norm": np.array("post"), "final_norm": np.array("none"), "activation": np.array("relu"),
    "eps": np.array(1e-5), "causal": np.array(False),
}  # fmt: skip


def pytorch() -> dict[str, Any]:
    """A torch.nn.TransformerEncoder of the tiny model, by the names of its state_dict."""
    out: dict[str, Any] = {"E": TINY.param("E"), "P": TINY.param("P")}
    for i in range(TINY.config.n_layers):
        p = {k: TINY.param(k, i) for k in ("W_Q", "W_K", "W_V", "W_O", "W_1", "b_1", "W_2", "b_2")}
        sides = [p[k].swapaxes(0, 1).reshape(4, 4).T for k in ("W_Q", "W_K", "W_V")]
        out |= {
            f"layers.{i}.self_attn.in_proj_weight": np.concatenate(sides),
            f"layers.{i}.self_attn.in_proj_bias": np.zeros(12),
            f"layers.{i}.self_attn.out_proj.weight": np.ascontiguousarray(p["W_O"].T),
            f"layers.{i}.self_attn.out_proj.bias": np.zeros(4),
            f"layers.{i}.linear1.weight": np.ascontiguousarray(p["W_1"].T),
            f"layers.{i}.linear1.bias": p["b_1"],
            f"layers.{i}.linear2.weight": np.ascontiguousarray(p["W_2"].T),
            f"layers.{i}.linear2.bias": p["b_2"],
        }
        for n in (1, 2):
            out[f"layers.{i}.norm{n}.weight"] = TINY.param(f"gamma_{n}", i)
            out[f"layers.{i}.norm{n}.bias"] = TINY.param(f"beta_{n}", i)
    return out


def checkpoints() -> dict[str, dict[str, Any]]:
    """State dicts with the names of other projects, d = 4, two heads, one layer."""
    d, f, ones = 4, 6, np.ones
    gpt2 = {
        "wte.weight": ones((8, d)), "wpe.weight": ones((5, d)), "ln_f.weight": ones(d), "ln_f.bias": ones(d),
        "h.0.ln_1.weight": ones(d), "h.0.ln_1.bias": ones(d), "h.0.ln_2.weight": ones(d), "h.0.ln_2.bias": ones(d),
        "h.0.attn.c_attn.weight": ones((d, 3 * d)), "h.0.attn.c_attn.bias": ones(3 * d),
        "h.0.attn.c_proj.weight": ones((d, d)), "h.0.attn.c_proj.bias": ones(d), "h.0.attn.bias": ones((1, 1, 5, 5)),
        "h.0.mlp.c_fc.weight": ones((d, f)), "h.0.mlp.c_fc.bias": ones(f),
        "h.0.mlp.c_proj.weight": ones((f, d)), "h.0.mlp.c_proj.bias": ones(d),
    }  # fmt: skip
    layer = "bert.encoder.layer.0."
    bert = {
        "bert.embeddings.word_embeddings.weight": ones((8, d)),
        "bert.embeddings.position_embeddings.weight": ones((5, d)),
        "bert.embeddings.token_type_embeddings.weight": ones((2, d)),
        "bert.embeddings.LayerNorm.weight": ones(d), "bert.embeddings.LayerNorm.bias": ones(d),
        f"{layer}intermediate.dense.weight": ones((f, d)), f"{layer}intermediate.dense.bias": ones(f),
        f"{layer}output.dense.weight": ones((d, f)), f"{layer}output.dense.bias": ones(d),
        f"{layer}attention.output.dense.weight": ones((d, d)), f"{layer}attention.output.dense.bias": ones(d),
    }  # fmt: skip
    for part in ("query", "key", "value"):
        bert[f"{layer}attention.self.{part}.weight"] = ones((d, d))
        bert[f"{layer}attention.self.{part}.bias"] = ones(d)
    for part in ("attention.output", "output"):
        bert |= {f"{layer}{part}.LayerNorm.weight": ones(d), f"{layer}{part}.LayerNorm.bias": ones(d)}
    layer = "model.layers.0."
    llama = {
        "model.embed_tokens.weight": ones((8, d)),
        "model.norm.weight": ones(d),
        "lm_head.weight": ones((8, d)),
    }
    llama |= {f"{layer}self_attn.{x}_proj.weight": ones((d, d)) for x in "qkvo"}
    llama |= {f"{layer}mlp.{x}_proj.weight": ones((f, d)) for x in ("gate", "up")}
    llama |= {f"{layer}mlp.down_proj.weight": ones((d, f))}
    llama |= {f"{layer}{x}_layernorm.weight": ones(d) for x in ("input", "post_attention")}
    return {"GPT-2": gpt2, "BERT": bert, "Llama": llama}


def _edited(old: str, new: str) -> bytes:
    return TEXT.replace(old, new, 1).encode()


def _toml() -> Iterator[tuple[str, Made]]:
    first = "[ 0.1,  0.3, -0.1,  0.2]"
    assert first in TEXT
    rows = {
        "short row": "[0.1]", "long row": "[1, 2, 3, 4, 5]", "text": '["x", 1, 2, 3]', "true": "[true, 1, 2, 3]",
        "nan": "[nan, 1, 2, 3]", "inf": "[-inf, 1, 2, 3]", "too large": "[1e999, 1, 2, 3]", "no list": "7",
        "deeper": "[[1], 2, 3, 4]", "a date": "[1979-05-27, 1, 2, 3]", "a table": "[{a = 1}, 1, 2, 3]",
        "a huge integer": f"[{10**400}, 1, 2, 3]", "too many digits": f"[{'9' * 5000}, 1, 2, 3]", "nothing": "[]",
        "overflow": "[1e308, -1e308, 1e308, 1e308]",
    }  # fmt: skip
    for name, row in rows.items():
        yield f"row {name}", partial(_edited, first, row)
    lines = {
        "causal = false": ("causal = 1", 'causal = "x"', "casual = false", "causal = false\ncausal = true"),
        "tokens = [1, 2, 3, 4, 5]": ("tokens = []", "tokens = [8]", "tokens = [-1]", "tokens = [1.5]", "tokens = 1",
                                     'tokens = ["nowhere"]', "tokens = [true]", f"tokens = {[1] * 6}"),
        "eps = 1e-05": ("eps = -1", "eps = nan", "eps = inf", 'eps = "x"', "eps = true", f"eps = {10**400}"),
        "d_model = 4": ("d_model = 5", "d_model = 0", "d_model = -4", "d_model = 4.0", f"d_model = {10**12}"),
        "n_heads = 2": ("n_heads = 3", "n_heads = 4", "n_heads = true"),
        "n_layers = 2": ("n_layers = 1", "n_layers = 3", "n_layer = 2"), "vocab_size = 8": ("vocab_size = 9",),
        "[sizes]": ("[size]", "[[sizes]]", "sizes = 3\n[other]"), "[embedding]": ("[embeddings]", "[[embedding]]"),
        "[[layers]]": ("[layers]", "[[layer]]", "[layers.one]"), "[vocabulary]": ("[vocabulary.words]", "[words]"),
        'words = ["薬"': ('words = ["\\u0000"', 'words = ["a", "薬"', "words = [1",
                         'words = ["\\ud800"', f'words = ["{"x" * 1001}"'),
        "W_O =": ("W_o =", "W_O = [[1]]\nW_O =", '"W_O\\n" ='),
    }  # fmt: skip
    for old, news in lines.items():
        assert old in TEXT, old
        for new in news:
            yield f"{old} as {new[:30]}", partial(_edited, old, new)
    for name, data in {
        "not TOML": b"hello", "empty": b"", "a space": b" ", "NUL": b"\0", "latin": TEXT.encode("utf-16"),
        "cut": TEXT[:700].encode(), "cut in a letter": TEXT.encode()[:200].rpartition(b"\xe7")[0] + b"\xe7",
        "nested": b"a = " + b"[" * 5000, "nested tables": b"[" + b"a." * 5000 + b"a]", "JSON": b'{"E": [[1]]}',
        "control": TEXT.replace("W_O", "W\x07O", 1).encode(), "pickle": b"\x80\x04\x95\x00.", "gzip": b"\x1f\x8b\x08",
        "HDF5": b"\x89HDF\r\n\x1a\n", "ELF": b"\x7fELF\2\1\1", "npy": npy(np.ones((2, 2))), "picture": b"\x89PNG\r\n",
    }.items():  # fmt: skip
        yield name, partial(bytes, data)


BY_HAND: dict[str, Made] = {
    f"{kind}: {name}": made
    for kind, makers in (("toml", _toml), ("npz", _npz), ("safetensors", _safetensors))
    for name, made in makers()
}


# ---- mutants ----------------------------------------------------------------------------------------------
GOOD = (
    TEXT.encode(),
    npz(arrays()),
    safetensors(arrays()),
    safetensors(pytorch(), SAID),
    npz(pytorch() | STATED),
)
_TOKENS = (
    b"nan",
    b"-inf",
    b"1e400",
    b"true",
    b'"x"',
    b"[]",
    b"{}",
    b"0x1F",
    b"",
    b"-",
    b"9" * 50,
    b"\n",
    b"=",
    b"#",
)
_VALUES: tuple[Any, ...] = (-1, 0, 1, 2**31, 2**63, 2**64, 1.5, None, True, "x", [], {}, [1, [2]], "\ud800")


def mutant(rng: np.random.Generator) -> bytes:
    """A file near a good one: a few bytes, tokens, header entries or members are other ones."""
    kind = int(rng.integers(len(GOOD)))
    data = GOOD[kind]
    if rng.random() < 0.5:
        return _bytes(rng, data)
    return (_text, _archive, _header, _header, _archive)[kind](rng, data)


def _bytes(rng: np.random.Generator, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(int(rng.integers(1, 6))):
        at, length = int(rng.integers(len(out))), int(rng.integers(1, 40))
        match int(rng.integers(5)):
            case 0:
                out[at] = int(rng.integers(256))
            case 1:
                del out[at : at + length]
            case 2:
                out[at:at] = rng.bytes(length)
            case 3:
                out[at : at + length] = out[: len(out[at : at + length])]
            case _:
                out[at] ^= 1 << int(rng.integers(8))
        if not out:
            break
    return bytes(out[: int(rng.integers(len(out) + 1))] if rng.random() < 0.15 else out)


def _text(rng: np.random.Generator, data: bytes) -> bytes:
    spans = [m.span() for m in re.finditer(rb"-?[\w.\"]+|[\[\]=,]", data)]
    for _ in range(int(rng.integers(1, 4))):
        start, end = spans[int(rng.integers(len(spans)))]
        data = data[:start] + _TOKENS[int(rng.integers(len(_TOKENS)))] + data[end:]
    return data


def _archive(rng: np.random.Generator, data: bytes) -> bytes:
    """Members are damaged before they are packed, so that their checksums hold."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        chosen = names[int(rng.integers(len(names)))]
        for name in names:
            inside = old.read(name)
            if name == chosen:
                inside = (
                    _bytes(rng, inside)
                    if rng.random() < 0.7
                    else inside[:80] + _bytes(rng, inside[80:] or b"x")
                )
            new.writestr(name, inside)
    return out.getvalue()


def _header(rng: np.random.Generator, data: bytes) -> bytes:
    header, tail = opened(data)
    names = [name for name in header if name != "__metadata__"]
    entry = header[names[int(rng.integers(len(names)))]]
    key = ("dtype", "shape", "data_offsets")[int(rng.integers(3))]
    value = _VALUES[int(rng.integers(len(_VALUES)))]
    if isinstance(entry[key], list) and rng.random() < 0.7:
        entry[key][int(rng.integers(len(entry[key])))] = value
    else:
        entry[key] = value
    return packed(header, tail)
