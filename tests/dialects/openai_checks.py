"""
What the tests of OpenAI's dialects share: following a path, texts by path, arbitrary JSON, and one checker.

``check_module`` is the property that each dialect owes: any value gives a reading, any frames are read, and
every place that is told is a string in the value.
"""

from __future__ import annotations

import copy
import json

from hypothesis import strategies as st

from sensor.dialects.reading import JSON, RequestHead

HEAD = RequestHead(method="POST", host="api.example", path="/v1/x")


def head(path, **headers):
    """A request's head; underscores in names of headers stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RequestHead(method="POST", host="api.example", path=path, headers=named)


def follow(value, path):
    """What stands at a path; JSON in a string is parsed, lines of JSON as a list."""
    for step in path:
        if step == JSON:
            try:
                value = json.loads(value)
            except ValueError:
                value = [json.loads(line) if line.strip() else None for line in value.split("\n")]
        else:
            value = value[step]
    return value


def texts(reading, value):
    """``[(direction, role, text)]`` of a reading's parts."""
    return [(part.direction.value, part.role, follow(value, part.path)) for part in reading.parts]


def files(reading, value):
    """``[(coding, name, media type, reference, string at the path)]``."""
    return [(f.coding, f.name, f.media_type, f.reference, follow(value, f.path)) for f in reading.files]


def strings_told(reading):
    """Paths of a reading that lead to strings."""
    return [*(part.path for part in reading.parts), *(file.path for file in reading.files), *reading.fixed]


def check_reading(reading, value):
    for path in strings_told(reading):
        assert isinstance(follow(value, path), str), path
    for call in reading.calls:
        assert isinstance(call.path, tuple)
    hash(reading)


def check_stream(stream, frames):
    """Read frames as they come; every text is a string of its frame, and each flush carries the text on."""
    for event, value in frames:
        before = copy.deepcopy(value)
        frame = stream.read(event, value)
        assert value == before
        for text in frame.texts:
            assert isinstance(follow(value, text.path), str), text
            hash(text.lane)
        for lane in frame.ends:
            event_name, made = carried(stream, lane, "carried on")
            assert "carried on" in json.dumps(made)
            assert event_name is None or isinstance(event_name, str)


def carried(stream, lane, text):
    """The frame that carries a text on, which has to be there."""
    made = stream.flush(lane, text)
    assert made is not None
    return made


def lanes_of(stream, frames):
    """``{lane: text}`` that grew by appending, and ``[(lane, text)]`` of repetitions, in order."""
    grown, whole = {}, []
    for event, value in frames:
        for text in stream.read(event, value).texts:
            said = follow(value, text.path)
            if text.grow == "append":
                grown[text.lane] = grown.get(text.lane, "") + said
            else:
                whole.append((text.lane, said))
    return grown, whole


_KEYS = st.sampled_from(
    """action additional_messages arguments attachments audio body choices code code_interpreter command
    command_index content content_index context conversation conversation_id custom data delta document
    documents entries error executed_tools file file_data file_id filename finish_reason format function
    function_call functions id image image_url images index info input input_audio
    input_audio_transcription inputs instructions item item_id items logs message messages model name
    object output output_index outputs pages part prediction previous_response_id prompt queries
    questions reasoning reasoning_content reasoning_details refusal requests required_action response
    result role segments server_label session signature status stderr stdout step_details store stream
    stream_id submit_tool_outputs suffix summary summary_index text thinking thread tool_calls
    tool_outputs tool_resources tools transcript type url usage user value variables encrypted_content
    transcription x_groq input_tokens prompt_tokens completion_tokens custom_id""".split()
)
_STRINGS = st.one_of(
    st.text(max_size=4),
    st.sampled_from(
        """message reasoning function_call function_call_output custom_tool_call mcp_call shell_call program
        program_output web_search_call image_generation_call compaction new_call new_output text output_text
        user assistant tool system data:image/png;base64,AA https://a.example/b {} [] {"a":1}
        response.output_text.delta response.output_text.done response.created
        response.completed response.content_part.done response.output_item.done
        response.output_item.added error
        response.shell_call_output_content.delta response.shell_call_output_content.done
        response.x.delta response.x.done response.done thread.message.delta
        conversation.item.input_audio_transcription.delta
        transcript.text.delta transcript.text.done message.output.delta function.call.delta
        tool.execution.done conversation.response.done completed stop batch session file response""".split()
    ),
)
_PLAIN = st.one_of(st.none(), st.booleans(), st.integers(-3, 5000), st.floats(allow_nan=False), _STRINGS)

VALUES = st.recursive(
    _PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(_KEYS, st.text(max_size=3)), inner, max_size=6),
    ),
    max_leaves=40,
)
"""Arbitrary JSON, with keys and types that the dialects know more often than not."""

FRAMES = st.lists(st.tuples(st.one_of(st.none(), _STRINGS), VALUES), max_size=8)


def check_module(module, path, value, frames):
    """What every dialect owes for any value and any frames."""
    where = head(path)
    check_reading(module.read_request(where, value), value)
    check_reading(module.read_answer(where, value), value)
    check_stream(module.stream(where), [*frames, (None, value), (None, None)])
    if hasattr(module, "read_message"):
        for from_client in (True, False):
            check_reading(module.read_message(where, value, from_client), value)


@st.composite
def broken(draw, frames):
    """Frames of a stream in which arbitrary values stand in some places."""
    made = copy.deepcopy(frames)
    for number in draw(st.lists(st.integers(0, len(made) - 1), min_size=1, max_size=4)):
        event, value = made[number]
        path = draw(st.sampled_from(list(_places(value))))
        made[number] = (event, _replaced(value, path, draw(VALUES)))
    return made


def _places(value, path=()):
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, below in inner:
        yield from _places(below, (*path, step))


def _replaced(value, path, new):
    if not path:
        return new
    step, *rest = path
    value[step] = _replaced(value[step], rest, new)
    return value
