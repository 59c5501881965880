"""A question to ask the class at each scene, with what a good answer holds.

They are about the stage itself, not about the numbers of one model, so they stay true whatever model is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tensorreel.core.stages import ARTICLE
from tensorreel.words.text import Text


@dataclass(frozen=True)
class Question:
    """What to ask, and what the answer is, in both languages."""

    ask: Text
    answer: Text


def _question(en: tuple[str, str], ja: tuple[str, str]) -> Question:
    return Question(_numbered(en[0], ja[0]), _numbered(en[1], ja[1]))


def _numbered(en: str, ja: str) -> Text:
    """A stage's name in braces stands for its number."""
    numbers = {stage.name: stage.number for stage in ARTICLE.stages}
    return Text(en.format(**numbers), ja.format(**numbers))


QUESTIONS: Mapping[str, Question] = {
    "opening": _question(
        (
            "Which word would you put next, and what in the sentence made you think of it?",
            "There is no right answer yet. Keep the guesses on the board and compare them with stage {probs}.",
        ),
        (
            "次に来る単語は何だと思いますか。文のどこからそう考えましたか。",
            "まだ正解はない。予想を板書しておき、ステージ{probs}の結果と比べる。",
        ),
    ),
    "token_embedding": _question(
        (
            "The same word stands in two different sentences. Does it get the same row of E in both?",
            "Yes. The row depends on the id alone; what stands around the word comes in with stages {attn_scores} to {context}.",
        ),
        (
            "同じ単語が二つの違う文に出てきます。Eの同じ行が使われるでしょうか。",
            "使われる。行を決めるのはidだけで、前後の文脈が入るのはステージ{attn_scores}から{context}である。",
        ),
    ),
    "embedding": _question(
        (
            "What could a model without a mask no longer tell apart if P were left out?",
            "The order of the words: swapping two words would swap two rows everywhere and change nothing else.",
        ),
        (
            "マスクのないモデルでPを足さなければ、何を区別できなくなりますか。",
            "単語の順序。二つの単語を入れ替えても、どの段階でも二つの行が入れ替わるだけになる。",
        ),
    ),
    "query": _question(
        (
            "All tokens share the matrix W_Q. Why do their queries differ all the same?",
            "Because their rows of H differ: the matrix is the same, the input is not.",
        ),
        (
            "W_Qは全トークンに共通です。それでもクエリが異なるのはなぜですか。",
            "Hの行がトークンごとに違うから。行列は同じでも、入力が違う。",
        ),
    ),
    "key": _question(
        (
            "Why are there two matrices, W_Q and W_K? What would one for both do to the scores?",
            "The scores would be symmetric: i would fit j exactly as well as j fits i.",
        ),
        (
            "なぜW_QとW_Kの二つがあるのでしょう。一つで兼ねるとスコアはどうなりますか。",
            "スコアが対称になる。iから見たjと、jから見たiの合い具合が必ず等しくなってしまう。",
        ),
    ),
    "value": _question(
        (
            "A word can be easy to find and still hand over little. Which matrix decides which of the two?",
            "W_K decides how it is found, W_V what it hands over. Neither knows of the other.",
        ),
        (
            "見つけやすくても、渡す内容は少ない単語がありえます。それぞれを決める行列はどれですか。",
            "見つけやすさはW_K、渡す内容はW_Vが決める。二つは互いに独立である。",
        ),
    ),
    "attn_scores": _question(
        (
            "Make d_k four times as large: how does the spread of QKᵀ change, and what does the division do?",
            "A score sums d_k products, so for independent terms its spread grows with √d_k: it doubles. "
            "Dividing by √d_k brings it back.",
        ),
        (
            "d_kを4倍にすると、QKᵀのばらつきはどう変わりますか。割り算は何をしていますか。",
            "スコアはd_k個の積の和なので、項が独立ならばらつきは√d_kに比例し、2倍になる。√d_kで割ると元に戻る。",
        ),
    ),
    "attn_weights": _question(
        (
            "Add 10 to every score of one row. What happens to its weights?",
            "Nothing: e¹⁰ becomes a factor of every term and of their sum, and cancels.",
        ),
        (
            "ある行のスコアすべてに10を足すと、重みはどうなりますか。",
            "変わらない。分子にも分母の和にもe¹⁰が掛かり、約分されて消える。",
        ),
    ),
    "context": _question(
        (
            "Can a context vector lie outside the region that the values span?",
            "No. The weights are not negative and add up to 1, so it lies in the convex hull of the rows of V.",
        ),
        (
            "文脈ベクトルが、バリューの点で囲まれた範囲の外に出ることはありますか。",
            "ない。重みは負にならず合計が1なので、Vの行の凸包の中に必ず入る。",
        ),
    ),
    "heads": _question(
        (
            "Several narrow heads or a single wide one: which costs more multiplications?",
            "About the same, because h · d_k = d. What is gained is one more pattern of attention for each head.",
        ),
        (
            "細いヘッドを複数使うのと、太いヘッド一つとでは、どちらの掛け算が多いでしょう。",
            "h · d_k = d なのでほぼ同じ。得られるのは、ヘッドの数だけの異なる注目のしかたである。",
        ),
    ),
    "concat": _question(
        (
            "Which columns of M come from the first head? Has any number changed on the way?",
            "The first d_k columns. No number has changed: they are only laid side by side.",
        ),
        (
            "Mのどの列が第1ヘッドのものですか。途中で変わった数はありますか。",
            "最初のd_k列。数は一つも変わらず、横に並べただけである。",
        ),
    ),
    "attn_output": _question(
        (
            "Suppose W_O were the identity matrix. What would be missing?",
            "The heads would not be mixed here: each column of O would still belong to one head alone.",
        ),
        (
            "もしW_Oが単位行列だったら、何が足りなくなりますか。",
            "ヘッドどうしがここで混ざらない。Oの各列は一つのヘッドだけのもののままになる。",
        ),
    ),
    "attn_norm": _question(
        (
            "Multiply a token's vector by 10 before LayerNorm. What changes after it?",
            "Nothing but the small effect of ε: the mean and σ grow by the same factor.",
        ),
        (
            "LayerNormの前にあるトークンのベクトルを10倍すると、その後はどう変わりますか。",
            "εのわずかな影響を除けば変わらない。平均もσも同じ倍率で大きくなるからである。",
        ),
    ),
    "ffn_hidden": _question(
        (
            "Why does a ReLU stand between the two products? What would they be without it?",
            "A single linear map. (H′W₁)W₂ = H′(W₁W₂): only the bend makes two layers more than one.",
        ),
        (
            "二つの積のあいだになぜReLUがあるのですか。なければ何と同じですか。",
            "一つの線形変換と同じになる。(H′W₁)W₂ = H′(W₁W₂)。折れ曲がりがあってはじめて2層の意味がある。",
        ),
    ),
    "ffn_output": _question(
        (
            "A unit is off for this token. Which part of W₂ plays no role in this row?",
            "The unit's whole row of W₂: every number in it is multiplied by 0.",
        ),
        (
            "このトークンでオフのユニットがあります。W₂のどの部分がこの行に関わりませんか。",
            "そのユニットに当たるW₂の行全体。どの数にも0が掛かる。",
        ),
    ),
    "ffn_norm": _question(
        (
            "In which stages of a layer does a token take something from the other tokens?",
            "Only in attention, stages {attn_scores} to {heads}. Everything after that works on each row by itself.",
        ),
        (
            "1つの層のうち、トークンがほかのトークンから情報を受け取るのはどのステージですか。",
            "Attention、つまりステージ{attn_scores}から{heads}だけ。そのあとはすべて行ごとの計算である。",
        ),
    ),
    "last_hidden_state": _question(
        (
            "Every layer takes the same steps. What makes one layer different from the next?",
            "Its own weights, and its input: after the first layer the rows have already seen their context.",
        ),
        (
            "どの層も同じ手順です。では、層ごとに違うものは何ですか。",
            "その層の重みと入力。第1層のあとの行は、すでに文脈を取り込んでいる。",
        ),
    ),
    "logits": _question(
        (
            "Two words' rows of E point the same way, but one is longer. Which gets the larger logit?",
            "The longer one where the dot product is positive, the shorter one where it is negative: "
            "a logit depends on direction and on length.",
        ),
        (
            "Eの二つの行が同じ向きで、一方が長いとします。ロジットが大きいのはどちらですか。",
            "内積が正なら長い方、負なら短い方。ロジットは向きと長さの両方で決まる。",
        ),
    ),
    "probs": _question(
        (
            "Does the winner's probability say how often the model is right?",
            "No. It only weighs these words against each other; how often it is right shows on new text alone.",
        ),
        (
            "一位の単語の確率は、モデルがどれくらい正しいかを表していますか。",
            "表していない。語彙の単語どうしを比べた値にすぎず、正しさは未知の文で確かめるしかない。",
        ),
    ),
    "recap": _question(
        (
            "Where on the way do words look at each other, and which tensors are learned?",
            "In stages {attn_scores} to {heads}. Learned are E, P, W_Q, W_K, W_V, W_O, W₁, b₁, W₂, b₂, and every γ and β.",
        ),
        (
            "途中で単語どうしが互いを見るのはどこですか。学習されるテンソルはどれですか。",
            "ステージ{attn_scores}から{heads}。学習されるのは E, P, W_Q, W_K, W_V, W_O, W₁, b₁, W₂, b₂ と、すべてのγとβ。",
        ),
    ),
}
