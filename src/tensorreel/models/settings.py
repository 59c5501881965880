"""``config.json``: what it states of a model that no tensor tells, or the one line that names what is not drawn.

Each ``Family`` lists every key that its settings may have. A key that is not listed may change what the model computes,
so it is refused by name; so is a listed one whose value asks for something that is not drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tensorreel.core.errors import InputError

CONFIG = "config.json"
_IDLE = frozenset(
    [
        "_commit_hash",
        "_name_or_path",
        "_num_labels",
        "architectures",
        "bos_token_id",
        "chunk_size_feed_forward",
        "dtype",
        "eos_token_id",
        "finetuning_task",
        "gradient_checkpointing",
        "id2label",
        "initializer_range",
        "is_decoder",
        "label2id",
        "language",
        "model_type",
        "output_attentions",
        "output_hidden_states",
        "output_past",
        "pad_token_id",
        "problem_type",
        "return_dict",
        "task_specific_params",
        "tokenizer_class",
        "torch_dtype",
        "torchscript",
        "transformers_version",
        "use_bfloat16",
        "use_cache",
        "bad_words_ids",
        "begin_suppress_tokens",
        "decoder_start_token_id",
        "diversity_penalty",
        "do_sample",
        "early_stopping",
        "encoder_no_repeat_ngram_size",
        "exponential_decay_length_penalty",
        "forced_bos_token_id",
        "forced_eos_token_id",
        "length_penalty",
        "max_length",
        "min_length",
        "no_repeat_ngram_size",
        "num_beam_groups",
        "num_beams",
        "num_return_sequences",
        "output_scores",
        "prefix",
        "remove_invalid_values",
        "repetition_penalty",
        "return_dict_in_generate",
        "sep_token_id",
        "suppress_tokens",
        "temperature",
        "tf_legacy_loss",
        "top_k",
        "top_p",
        "typical_p",
    ]
)  # of any family: training, generating, labels of classes, what is printed
_DRAWN = {
    "is_encoder_decoder": False,
    "pruned_heads": {},
    "tie_encoder_decoder": False,
    "cross_attention_hidden_size": None,
    "quantization_config": None,
    "auto_map": None,
}


@dataclass(frozen=True)
class Family:
    """How the settings of a family are read.

    ``facts`` and ``sizes`` say under which key each of ours stands, ``activations`` what theirs are called here.
    ``drawn`` are keys that have one value in every model that is drawn, ``idle`` those that change no number.
    """

    facts: Mapping[str, str]
    sizes: Mapping[str, str]
    activations: Mapping[str, str]
    drawn: Mapping[str, Any]
    idle: frozenset[str]

    @property
    def keys(self) -> set[str]:
        """Every key that is known."""
        known = {*self.facts.values(), *self.sizes.values(), *self.drawn, *self.idle}
        return known | _IDLE | set(_DRAWN)


FAMILIES: Mapping[str, Family] = {
    "gpt2": Family(
        facts={"n_heads": "n_head", "eps": "layer_norm_epsilon", "activation": "activation_function"},
        sizes={
            "vocab_size": "vocab_size",
            "n_ctx": "n_positions",
            "d_model": "n_embd",
            "n_layers": "n_layer",
            "d_ff": "n_inner",
        },
        activations={
            "gelu_new": "gelu_tanh",
            "gelu_pytorch_tanh": "gelu_tanh",
            "gelu": "gelu",
            "relu": "relu",
        },
        drawn={
            "add_cross_attention": False,
            "scale_attn_by_inverse_layer_idx": False,
            "scale_attn_weights": True,
            "tie_word_embeddings": True,
        },
        idle=frozenset(
            [
                "attn_pdrop",
                "embd_pdrop",
                "n_ctx",
                "n_special",
                "predict_special_tokens",
                "reorder_and_upcast_attn",
                "resid_pdrop",
                "summary_activation",
                "summary_first_dropout",
                "summary_proj_to_labels",
                "summary_type",
                "summary_use_proj",
            ]
        ),
    )
}


@dataclass(frozen=True)
class Settings:
    """What was understood: facts and sizes by our names."""

    facts: Mapping[str, Any]
    sizes: Mapping[str, Any]


def read_settings(content: Mapping[str, Any], name: str) -> Settings:
    """What a ``config.json`` states; ``InputError`` names the first key that is not understood or not drawn."""
    kind = content.get("model_type")
    family = FAMILIES.get(kind) if isinstance(kind, str) else None
    if family is None:
        raise InputError(
            f"{name}: model_type: {_shown(kind)}, expected {' or '.join(FAMILIES)} (no other family is read)"
        )
    for key, value in content.items():
        _judge(key, value, family, name)
    facts = {ours: content[key] for ours, key in family.facts.items() if key in content}
    if "activation" in facts:
        facts["activation"] = _activation(facts["activation"], family, name)
    sizes = {ours: content[key] for ours, key in family.sizes.items() if content.get(key) is not None}
    return Settings(facts, sizes)


def _judge(key: str, value: Any, family: Family, name: str) -> None:
    """``InputError`` if a key is not known, or has a value that is not drawn."""
    if key not in family.keys:
        raise InputError(f"{name}: {key}: {_shown(value)}, which is not known (it may change the numbers)")
    drawn = {**_DRAWN, **family.drawn}
    if key in drawn and (value or None) != (drawn[key] or None):
        raise InputError(f"{name}: {key}: {_shown(value)}, expected {_shown(drawn[key])} (no other is drawn)")


def _activation(value: Any, family: Family, name: str) -> str:
    found = family.activations.get(value) if isinstance(value, str) else None
    if found is None:
        key, known = family.facts["activation"], " or ".join(family.activations)
        raise InputError(f"{name}: {key}: {_shown(value)}, expected {known}")
    return found


def _shown(value: Any) -> str:
    """A value as JSON writes it, cut short."""
    plain = {True: "true", False: "false", None: "null"}
    return (plain[value] if value is None or isinstance(value, bool) else str(value))[:40]
