"""The book of turns: what is replaced, what is kept, who spoke."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from fermata.live.events import RevisedTurn, Turn, Word
from fermata.live.turns import TurnBook, TurnState


def words(text: str, speaker: str | None = None, *, final: bool = True) -> tuple[Word, ...]:
    return tuple(
        Word(part, 100.0 * i, 100.0 * i + 100, 0.9, final, speaker)
        for i, part in enumerate(text.split())
    )


def turn(order: int, text: str, *, over: bool = False, **more) -> Turn:
    return Turn(
        order, text, more.pop("words", words(text)), over, more.pop("formatted", False), **more
    )


def hear(book: TurnBook, *turns: Turn, latency_ms: float | None = None):
    return [book.hear(each, "s", latency_ms) for each in turns]


def test_a_partial_lacking_its_last_word_is_shown_with_it():
    book = TurnBook(0)
    (heard,) = hear(book, turn(0, "good", words=words("good mor", final=False)))
    assert heard.text == "good mor"


def test_a_partial_with_punctuation_keeps_its_own_text():
    (heard,) = hear(TurnBook(0), turn(0, "Good, morning —", words=words("good morning")))
    assert heard.text == "Good, morning —"


def test_an_empty_final_commits_what_was_heard():
    book = TurnBook(0)
    _, last = hear(book, turn(0, "good morning"), turn(0, "", over=True))
    assert (last.text, last.state) == ("good morning", TurnState.FINAL)


def test_an_empty_final_of_no_known_turn_is_nothing():
    book = TurnBook(0)
    assert hear(book, turn(7, "", over=True)) == [None]
    assert book.turns == ()


def test_latencies_are_those_of_the_first_message_and_the_first_final():
    book = TurnBook(0)
    book.hear(turn(0, "good"), "s", 300)
    book.hear(turn(0, "good morning"), "s", 310)
    book.hear(turn(0, "good morning", over=True), "s", 500)
    book.hear(turn(0, "Good morning.", over=True, formatted=True), "s", 900)
    (kept,) = book.turns
    assert (kept.first_partial_latency_ms, kept.final_latency_ms) == (300, 500)


def test_a_turn_without_word_speakers_is_its_labels():
    (heard,) = hear(TurnBook(0), turn(0, "hello there", over=True, speaker="A"))
    assert [(part.speaker, part.text) for part in heard.segments] == [("A", "hello there")]


def test_words_win_over_the_label_of_the_turn():
    said = words("hello there", "B")
    (heard,) = hear(TurnBook(0), turn(0, "Hello there.", over=True, speaker="A", words=said))
    assert [(part.speaker, part.text) for part in heard.segments] == [("B", "Hello there.")]


def test_a_revision_of_an_unknown_turn_is_let_pass():
    assert TurnBook(0).revise([RevisedTurn(3, "A", ())]) == ()


def test_a_revision_with_other_words_brings_its_own():
    book = TurnBook(0)
    hear(book, turn(0, "hello there", over=True))
    (revised,) = book.revise([RevisedTurn(0, "B", words("hello there you", "B"))])
    assert [word.speaker for word in revised.words] == ["B", "B", "B"]


def test_a_cut_keeps_the_words_from_before_the_place():
    book = TurnBook(0)
    hear(book, turn(0, "one two three"))
    (cut,) = book.cut(200)
    assert (cut.text, cut.state) == ("one two", TurnState.CUT)
    assert cut.end_ms == 200


def test_a_cut_without_a_place_keeps_everything():
    book = TurnBook(0)
    hear(book, turn(0, "one two three"))
    assert book.cut(None)[0].text == "one two three"


def test_a_cut_leaves_final_turns_alone():
    book = TurnBook(0)
    hear(book, turn(0, "one", over=True))
    assert book.cut(0) == ()
    assert book.next_order == 1


messages = st.builds(
    lambda order, text, over, formatted: turn(order, text, over=over, formatted=formatted),
    st.integers(0, 3),
    st.sampled_from(["", "a", "a b", "A b."]),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(messages, max_size=30))
def test_whatever_comes_a_final_turn_stays_final_and_never_loses_its_words(heard):
    book = TurnBook(0)
    for message in heard:
        before = {each.order: each for each in book.turns}
        book.hear(message, "s", None)
        for after in book.turns:
            was = before.get(after.order)
            assert was is None or was.state is not TurnState.FINAL or after.state is was.state
            assert was is None or not was.text or after.text
    assert [each.order for each in book.turns] == sorted({each.order for each in book.turns})


def test_the_parts_of_a_turn_are_all_of_its_words():
    mixed = tuple(
        replace(word, speaker=speaker)
        for word, speaker in zip(words("a b c d"), ["A", None, "A", "B"], strict=True)
    )
    (heard,) = hear(TurnBook(0), turn(0, "a b c d", over=True, words=mixed))
    assert [part.speaker for part in heard.segments] == ["A", None, "A", "B"]
    assert tuple(word for part in heard.segments for word in part.words) == mixed
