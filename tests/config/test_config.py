import os
from pathlib import Path

import pytest

from ds_bridge.config import ApiSettings, Settings, find_config, load_settings
from ds_bridge.errors import ConfigurationError, TokenMissingError

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


@pytest.fixture(autouse=True)
def no_environment(monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.startswith("DS_BRIDGE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nobody"))
    monkeypatch.chdir(tmp_path)


def write(tmp_path, text, name="given.toml"):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def refusal(tmp_path, text):
    with pytest.raises(ConfigurationError) as caught:
        load_settings(write(tmp_path, text))
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_an_instructeur_may_be_a_number(tmp_path):
    text = "[demarches.cra]\nnumber = 1\ninstructeur = "
    assert load_settings(write(tmp_path, text + "12")).demarches["cra"].instructeur == "12"
    assert "demarches.cra.instructeur" in refusal(tmp_path, text + "true")


def test_the_example_loads_and_holds_every_setting():
    settings = load_settings(EXAMPLE)
    assert settings.demarches["cra"].number == 82349
    assert settings.demarches["cra"].model == "ds_bridge.cra:CompteRendu"
    text = EXAMPLE.read_text(encoding="utf-8")
    for section, field in Settings.model_fields.items():
        if section == "demarches":
            continue
        for key in field.annotation.model_fields:
            assert f"\n{key} = " in text or f"\n# {key} = " in text, f"{section}.{key}"
    defaults = Settings()
    assert settings.api == defaults.api
    assert settings.sync == defaults.sync


def test_nothing_at_all_gives_the_defaults():
    settings = load_settings()
    assert settings.api.url == "https://demarche.numerique.gouv.fr"
    assert settings.store.url == "sqlite:///ds-bridge.db"
    assert settings.demarches == {}


def test_the_environment_wins_over_the_file(tmp_path, monkeypatch):
    file = write(
        tmp_path, '[api]\npage_size = 10\ntoken = "from-file"\n[demarches.cra]\nnumber = 1\npath = "p"\n'
    )
    monkeypatch.setenv("DS_BRIDGE_API__TOKEN", "from-environment")
    monkeypatch.setenv("DS_BRIDGE_DEMARCHES__CRA__NUMBER", "12")
    settings = load_settings(file)
    assert settings.api.read_token() == "from-environment"
    assert settings.api.page_size == 10
    assert (settings.demarches["cra"].number, settings.demarches["cra"].path) == (12, "p")


def test_where_the_file_is_looked_for(tmp_path, monkeypatch):
    assert find_config() is None
    home = tmp_path / "nobody" / "ds-bridge"
    home.mkdir(parents=True)
    (home / "ds-bridge.toml").touch()
    assert find_config() == home / "ds-bridge.toml"
    Path("ds-bridge.toml").touch()
    assert find_config() == Path("ds-bridge.toml")
    named = write(tmp_path, "", "named.toml")
    monkeypatch.setenv("DS_BRIDGE_CONFIG", str(named))
    assert find_config() == named
    given = write(tmp_path, "")
    assert find_config(given) == given


def test_a_file_that_was_named_and_is_not_there(tmp_path):
    with pytest.raises(ConfigurationError, match=r"no configuration file at '.*missing\.toml'"):
        load_settings(tmp_path / "missing.toml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[api]\ntokn = 'x'", "unknown setting 'api.tokn' in .*; did you mean 'token'?"),
        (
            "[sync]\nmapping_process = true",
            "setting 'sync.mapping_process' in .* is gone, a run maps its pages itself: remove it",
        ),
        ("[apy]\ntoken = 'x'", "unknown setting 'apy' in .*; did you mean 'api'?"),
        (
            "[demarches.cra]\nnumber = 1\npth = 'x'",
            "unknown setting 'demarches.cra.pth' in .*; did you mean 'path'?",
        ),
        ("[api]\npage_size = 'many'", "setting 'api.page_size' in .*: Input should be a valid integer"),
        (
            "[api]\npage_size = 101",
            "setting 'api.page_size' in .*: Input should be less than or equal to 100",
        ),
        ("[api]\nurl = 'ftp://x'", "setting 'api.url' in .*: String should match pattern"),
        (
            f"[demarches.cra]\nnumber = {10**18}",
            "setting 'demarches.cra.number' in .*: Input should be less than or equal to 2147483647",
        ),
        ("[demarches.cra]\npath = 'x'", "setting 'demarches.cra.number' in .*: Field required"),
        (
            "[store]\nurl = 'mysql://x'",
            "setting 'store.url' in .*: write sqlite:///path/to/file.db or postgresql://user",
        ),
        (
            "[demarches.cra]\nnumber = 1\n[demarches.cra.champs]\nnom = 'Q2hhbXAtMzU2N'",
            "setting 'demarches.cra.champs' in .*: nom: 'Q2hhbXAtMzU2N' is not a champ id",
        ),
        ("[api\n", "not valid TOML: Expected ']'"),
    ],
)
def test_what_is_wrong_is_one_line_that_names_it(tmp_path, text, message):
    import re

    assert re.search(message, refusal(tmp_path, text))


def test_several_faults_are_told_at_once(tmp_path):
    message = refusal(tmp_path, "[api]\ntokn = 'x'\npage_size = 'many'")
    assert "api.tokn" in message
    assert "api.page_size" in message


def test_unknown_variables_are_refused_by_name(monkeypatch):
    monkeypatch.setenv("DS_BRIDGE_APY__TOKEN", "x")
    with pytest.raises(ConfigurationError, match="DS_BRIDGE_APY__TOKEN; did you mean 'api'"):
        load_settings()
    monkeypatch.delenv("DS_BRIDGE_APY__TOKEN")
    monkeypatch.setenv("DS_BRIDGE_API__TOKN", "x")
    with pytest.raises(ConfigurationError, match=r"'api\.tokn' .*DS_BRIDGE_API__TOKN.*'token'"):
        load_settings()


def test_a_wrong_type_in_the_environment_names_the_variable(monkeypatch):
    monkeypatch.setenv("DS_BRIDGE_API__PAGE_SIZE", "many")
    with pytest.raises(ConfigurationError, match="DS_BRIDGE_API__PAGE_SIZE"):
        load_settings()


def test_a_whole_section_in_the_environment_is_json(monkeypatch):
    monkeypatch.setenv("DS_BRIDGE_API", '{"page_size": 7}')
    assert load_settings().api.page_size == 7
    monkeypatch.setenv("DS_BRIDGE_API", "page_size = s3cr3t")
    with pytest.raises(ConfigurationError, match="must hold JSON; name the setting instead") as caught:
        load_settings()
    assert "s3cr3t" not in str(caught.value)


def test_settings_made_in_a_program_are_what_it_says(monkeypatch):
    monkeypatch.setenv("DS_BRIDGE_API__PAGE_SIZE", "7")
    assert Settings(api={"page_size": 9}).api.page_size == 9
    assert load_settings().api.page_size == 7


def test_what_the_environment_changed_are_settings_like_others(tmp_path, monkeypatch):
    file = write(tmp_path, "[api]\npage_size = 7\n")
    expected = load_settings(file)
    monkeypatch.setenv("DS_BRIDGE_API__PAGE_SIZE", "7")
    settings = load_settings()
    assert (settings, type(settings), settings.model_fields_set) == (expected, Settings, {"api"})
    assert settings.demarches == {}


def test_options_of_what_reads_the_environment_are_no_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("DS_BRIDGE_API__PAGE_SIZE", "7")
    assert "unknown setting '_case_sensitive'" in refusal(tmp_path, "_case_sensitive = true\n")


def test_text_that_is_not_utf8_is_refused(tmp_path):
    file = tmp_path / "latin.toml"
    file.write_bytes("# é".encode("latin-1"))
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        load_settings(file)


def test_the_token_never_shows(tmp_path):
    settings = load_settings(
        write(tmp_path, '[api]\ntoken = "s3cr3t"\n[store]\nurl = "postgresql+psycopg://u:pw0rd@h/d"')
    )
    for text in (
        repr(settings),
        str(settings),
        repr(settings.api),
        repr(settings.store),
        settings.model_dump_json(),
    ):
        assert "s3cr3t" not in text
    assert "pw0rd" not in repr(settings)
    assert "s3cr3t" not in refusal(tmp_path, '[api]\ntoken = ["s3cr3t"]')


def test_where_the_token_comes_from(tmp_path):
    with pytest.raises(TokenMissingError, match="no API token: set DS_BRIDGE_API__TOKEN"):
        ApiSettings().read_token()
    (tmp_path / "token.txt").write_text("abc\n")
    assert load_settings(write(tmp_path, '[api]\ntoken_file = "token.txt"')).api.read_token() == "abc"
    missing = load_settings(write(tmp_path, '[api]\ntoken_file = "missing.txt"'))
    with pytest.raises(ConfigurationError, match=r"token_file .*missing\.txt.* cannot be read"):
        missing.api.read_token()
    with pytest.raises(ConfigurationError, match="a space or a character no token has"):
        ApiSettings(token="two words").read_token()


def test_relative_paths_are_relative_to_the_file(tmp_path):
    folder = tmp_path / "etc"
    folder.mkdir()
    settings = load_settings(write(folder, '[store]\nurl = "sqlite:///data/x.db"'))
    assert settings.store.url == f"sqlite:///{folder}/data/x.db"


def test_a_setting_that_is_gone_is_named_in_the_environment_as_well(monkeypatch):
    monkeypatch.setenv("DS_BRIDGE_SYNC__MAPPING_PROCESS", "0")
    with pytest.raises(ConfigurationError, match=r"DS_BRIDGE_SYNC__MAPPING_PROCESS.* is gone.*: remove it"):
        load_settings()


def test_an_unknown_demarche_names_the_nearest(tmp_path):
    settings = load_settings(write(tmp_path, "[demarches.cra]\nnumber = 1"))
    with pytest.raises(
        ConfigurationError, match=r"no démarche named 'cre' .*did you mean 'cra'\? \(known: cra\)"
    ):
        settings.demarche("cre")


@pytest.mark.skipif(os.geteuid() == 0, reason="no mode keeps root out")
def test_a_folder_that_may_not_be_looked_into_holds_no_file(tmp_path, monkeypatch):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(closed / "inside"))
    assert find_config() is None
    with pytest.raises(ConfigurationError, match="no configuration file at"):
        find_config(closed / "inside" / "any.toml")
