"""Passwords are made once, kept as they are, and readable by their owner alone."""

from infra import secret
from infra.settings import Settings


def test_a_password_is_made_once_and_what_stands_in_the_file_stays(tmp_path) -> None:
    settings = Settings(home=tmp_path / "home")
    first = secret.made(settings, ["A", "B"])
    assert len(set(first.values())) == 2
    with settings.secrets_file.open("a") as file:
        file.write("# of a person\nC=mine")
    assert list(secret.made(settings, ["A", "B", "D"])) == ["D"]
    assert settings.secrets() == first | {"C": "mine", "D": settings.secrets()["D"]}
    secret.put(settings, {"C": "other"})
    assert settings.secrets()["C"] == "other"
    assert "# of a person" in settings.secrets_file.read_text()
    assert settings.secrets_file.stat().st_mode & 0o777 == 0o600
