"""A question to ask the class at each scene, with what a good answer holds.

They are about the stage itself, not about the numbers of one model, so they stay true whatever model is shown. The
stages that they name, ``{probs}``, get the numbers that they have in the model's table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from tensorreel.core.architecture import Architecture
from tensorreel.core.stages import ARTICLE
from tensorreel.words.text import Text


@dataclass(frozen=True)
class Question:
    """What to ask, and what the answer is."""

    ask: Text
    answer: Text

    def said(self, facts: Mapping[str, object]) -> Question:
        """The same with its placeholders filled in; ``KeyError`` for one that there is no fact for."""
        return Question(*(_filled(text, facts) for text in (self.ask, self.answer)))


def _filled(text: Text, facts: Mapping[str, object]) -> Text:
    names = {name for _, name, _, _ in Formatter().parse(text.english) if name}
    return text.filled(**{name: str(facts[name]) for name in names})


def question_of(scene: str, architecture: Architecture) -> Question | None:
    """What to ask at a scene of an architecture; None where there is no question, or it would not be true there."""
    is_stage = architecture.get(scene) is not None
    if scene not in QUESTIONS or (is_stage and not architecture.computes_alike(ARTICLE, scene)):
        return None
    facts: dict[str, object] = {s.name: s.number for s in architecture.stages}
    facts["learned"] = ", ".join(p.symbol_plain for p in architecture.parameters.values())
    try:
        return QUESTIONS[scene].said(facts)
    except KeyError:  # it names a stage that is not there
        return None


QUESTIONS: Mapping[str, Question] = {
    "opening": Question(
        Text("Which word would you put next, and what in the sentence made you think of it?", "question"),
        Text(
            "There is no right answer yet. Keep the guesses on the board and compare them with stage {probs}.",
            "answer",
        ),
    ),
    "token_embedding": Question(
        Text(
            "The same word stands in two different sentences. Does it get the same row of E in both?",
            "question",
        ),
        Text(
            "Yes. The row depends on the id alone; what stands around the word comes in with stages {attn_scores} to {context}.",
            "answer",
        ),
    ),
    "embedding": Question(
        Text("What could a model without a mask no longer tell apart if P were left out?", "question"),
        Text(
            "The order of the words: swapping two words would swap two rows everywhere and change nothing else.",
            "answer",
        ),
    ),
    "query": Question(
        Text("All tokens share the matrix W_Q. Why do their queries differ all the same?", "question"),
        Text("Because their rows of H differ: the matrix is the same, the input is not.", "answer"),
    ),
    "key": Question(
        Text(
            "Why are there two matrices, W_Q and W_K? What would one for both do to the scores?", "question"
        ),
        Text("The scores would be symmetric: i would fit j exactly as well as j fits i.", "answer"),
    ),
    "value": Question(
        Text(
            "A word can be easy to find and still hand over little. Which matrix decides which of the two?",
            "question",
        ),
        Text("W_K decides how it is found, W_V what it hands over. Neither knows of the other.", "answer"),
    ),
    "attn_scores": Question(
        Text(
            "Make d_k four times as large: how does the spread of QKᵀ change, and what does the division do?",
            "question",
        ),
        Text(
            "A score sums d_k products, so for independent terms its spread grows with √d_k: it doubles. "
            "Dividing by √d_k brings it back.",
            "answer",
        ),
    ),
    "attn_weights": Question(
        Text("Add 10 to every score of one row. What happens to its weights?", "question"),
        Text("Nothing: e¹⁰ becomes a factor of every term and of their sum, and cancels.", "answer"),
    ),
    "context": Question(
        Text("Can a context vector lie outside the region that the values span?", "question"),
        Text(
            "No. The weights are not negative and add up to 1, so it lies in the convex hull of the rows of V.",
            "answer",
        ),
    ),
    "heads": Question(
        Text("Several narrow heads or a single wide one: which costs more multiplications?", "question"),
        Text(
            "About the same, because h · d_k = d. What is gained is one more pattern of attention for each head.",
            "answer",
        ),
    ),
    "concat": Question(
        Text("Which columns of M come from the first head? Has any number changed on the way?", "question"),
        Text("The first d_k columns. No number has changed: they are only laid side by side.", "answer"),
    ),
    "attn_output": Question(
        Text("Suppose W_O were the identity matrix. What would be missing?", "question"),
        Text(
            "The heads would not be mixed here: each column of O would still belong to one head alone.",
            "answer",
        ),
    ),
    "attn_norm": Question(
        Text("Multiply a token's vector by 10 before LayerNorm. What changes after it?", "question"),
        Text("Nothing but the small effect of ε: the mean and σ grow by the same factor.", "answer"),
    ),
    "ffn_hidden": Question(
        Text("Why does a ReLU stand between the two products? What would they be without it?", "question"),
        Text(
            "A single linear map. (H′W₁)W₂ = H′(W₁W₂): only the bend makes two layers more than one.",
            "answer",
        ),
    ),
    "ffn_output": Question(
        Text("A unit is off for this token. Which part of W₂ plays no role in this row?", "question"),
        Text("The unit's whole row of W₂: every number in it is multiplied by 0.", "answer"),
    ),
    "ffn_norm": Question(
        Text("In which stages of a layer does a token take something from the other tokens?", "question"),
        Text(
            "Only in attention, stages {attn_scores} to {heads}. Everything after that works on each row by itself.",
            "answer",
        ),
    ),
    "last_hidden_state": Question(
        Text("Every layer takes the same steps. What makes one layer different from the next?", "question"),
        Text(
            "Its own weights, and its input: after the first layer the rows have already seen their context.",
            "answer",
        ),
    ),
    "logits": Question(
        Text(
            "Two words' rows of E point the same way, but one is longer. Which gets the larger logit?",
            "question",
        ),
        Text(
            "The longer one where the dot product is positive, the shorter one where it is negative: "
            "a logit depends on direction and on length.",
            "answer",
        ),
    ),
    "probs": Question(
        Text("Does the winner's probability say how often the model is right?", "question"),
        Text(
            "No. It only weighs these words against each other; how often it is right shows on new text alone.",
            "answer",
        ),
    ),
    "why": Question(
        Text(
            "Does this way back prove that the answer hangs on that one word? How could you test it?",
            "question",
        ),
        Text(
            "No: norms lie between the sums, and the other terms count as well. "
            "Run the model again without the head, or with another word in that place.",
            "answer",
        ),
    ),
    "recap": Question(
        Text(
            "Where on the way do words look at each other, and which tensors does training find?", "question"
        ),
        Text(
            "In stages {attn_scores} to {heads}. Training finds {learned}.",
            "answer",
        ),
    ),
}
