import inspect
import re

from ds_bridge import errors


def test_the_docstring_is_the_tree():
    classes = {
        name: kind
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.DsBridgeError)
    }
    drawn = re.findall(r"(\w+Error)\b", errors.__doc__)
    assert sorted(drawn) == sorted(classes)


def test_each_error_has_the_exit_code_of_the_design():
    expected = {
        "ConfigurationError": 2,
        "NotFoundError": 2,
        "AccessError": 3,
        "RetriableError": 4,
        "ProtocolError": 4,
        "PlatformUnavailableError": 4,
        "StoreError": 1,
        "LockedError": 6,
    }
    assert {name: getattr(errors, name).exit_code for name in expected} == expected
    assert errors.InterruptedRunError("x", signal_number=15).exit_code == 143


def test_a_retriable_error_tells_how_often_it_was_tried():
    error = errors.NetworkError("no answer")
    assert str(error) == "no answer"
    error.tries = 3
    assert str(error) == "no answer (tried 3 times)"
