"""Files of people become contacts."""


def run(*_args: object, **_kw: object) -> None: ...
