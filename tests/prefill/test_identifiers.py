"""Identifiers: where a library says something else than the platform, the platform's rule wins."""

from __future__ import annotations

import pytest
from stdnum import iban as ibans
from stdnum.fr import siret

from ds_bridge.prefill.identifiers import read_email, read_iban, read_phone, read_siret
from ds_bridge.prefill.refusals import RefusedValueError


def test_a_siret_is_its_14_digits_checksum_alone_as_on_the_platform() -> None:
    # stdnum asks for the checksum of the first nine besides, and for La Poste's own wherever it is La Poste.
    for digits in ("12345678900007", "35600000000014"):
        assert not siret.is_valid(digits)
        assert read_siret(digits) == digits


def test_keys_that_a_country_hides_in_its_ibans_are_not_looked_at() -> None:
    number = "ES9101820000000000000000"
    assert ibans.is_valid(number, check_country=False)
    assert not ibans.is_valid(number)
    assert read_iban(number) == number


@pytest.mark.parametrize(
    "address",
    [
        "prenom.nom.@exemple.fr",
        ".nom@exemple.fr",
        f"{'n' * 80}@exemple.fr",
        "n@mairie.local",
        "n'o+m/x@exemple.fr",
        "zoé@médiathèque.fr",
    ],
)
def test_addresses_that_the_platform_takes_pass(address: str) -> None:
    assert read_email(address) == address


@pytest.mark.parametrize(
    "address",
    [
        '"zoé noël"@exemple.fr',
        "nom@[192.0.2.1]",
        "nom@192.0.2.1",
        "nom@exemple.c",
        "nom@exemple.123",
        "n@m@exemple.fr",
        "nom@-exemple.fr",
        "nom@exemple.fr.",
        "nom\u200b@exemple.fr",
        "..@exemple.fr",
        "@exemple.fr",
        "no..m@exemple.fr",
        f"{'n' * 245}@exemple.fr",
    ],
)
def test_addresses_that_the_platform_or_the_library_refuses(address: str) -> None:
    with pytest.raises(RefusedValueError, match="one is accepted, like nom@exemple"):
        read_email(address)


@pytest.mark.parametrize(
    "number",
    ["0800 00 00 00", "+687 25 67 81", "40 50 60 70", "41.12.34", "00 44 20 7946 0958", "(0)1 23 45 67 89"],
)
def test_numbers_that_are_possible_somewhere_pass(number: str) -> None:
    assert read_phone(number) == number


@pytest.mark.parametrize(
    "number", ["3615", "06 12 34 56", "+999 12 34 56 78", "06 12 34 56 78 9", "1234567", "+33"]
)
def test_numbers_that_lack_digits_or_have_too_many(number: str) -> None:
    with pytest.raises(RefusedValueError, match="it has too few or too many digits"):
        read_phone(number)
