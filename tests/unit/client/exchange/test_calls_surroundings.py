"""What the environment says about calls: it is followed, or named in words."""

from pathlib import Path

import pytest

from hanse_client.base.errors import SetupError
from hanse_client.exchange.transport import Transport
from hanse_io.outgoing.surroundings import authorities, spared
from tests.world.certificates import Authority

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the environment say nothing but what a test makes it say."""
    for name in (*PROXIES, *(name.upper() for name in PROXIES), "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)


def prepared(url: str) -> Transport:
    """Prepare calls to a node."""
    return Transport(url, token_file=None, timeout_ms=1)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("[::1]", "::1", None),
        ("[::1]:8080", "::1", 8080),
        ("::1", "::1", None),
        ("fe80::/10", "fe80::1:2", None),
        ("[fe80::]/10", "fe80::1:2", None),
        ("2001:db8::5", "2001:db8:0::5", None),
        ("10.0.0.0/8", "10.3.4.5", None),
        ("10.1.2.3/8", "10.3.4.5", None),
        (" other.example ,\tledger.example ", "ledger.example", None),
        ("other.example ledger.example", "ledger.example", None),
        ("example", "ledger.example", None),
        (".example", "ledger.example", None),
        ("*.example", "ledger.example", None),
        ("LEDGER.example", "ledger.EXAMPLE.", None),
        ("ledger.example:8080", "ledger.example", 8080),
        ("*", "anything.example", None),
    ],
)
def test_no_proxy_spares(text: str, host: str, port: int | None) -> None:
    """Names, addresses in brackets or not, and networks are spared the proxy, whatever blanks stand between them."""
    assert spared(host, port, text)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("", "ledger.example", None),
        (" , ,", "ledger.example", None),
        ("ledger", "ledger.example", None),
        ("edger.example", "ledger.example", None),
        ("ledger.example:8081", "ledger.example", 8080),
        ("[::1]:8081", "::1", 8080),
        ("[::1", "::2", None),
        ("fe80::/10", "ledger.example", None),
        ("fe80::/999", "fe80::1", None),
        ("10.0.0.0/8", "fe80::1", None),
        ("...", "ledger.example", None),
    ],
)
def test_no_proxy_spares_nobody_else(text: str, host: str, port: int | None) -> None:
    """What is not named goes by the proxy, and what is no name, address or network is skipped."""
    assert not spared(host, port, text)


@pytest.mark.parametrize("entry", ["[::1]", "fe80::/10", "[", "]", ":", "a b", "::1%lo"])
@pytest.mark.parametrize("url", ["http://ledger.example:8080", "http://[::1]:8080", "http://[fe80::1]:8080"])
def test_no_entry_of_no_proxy_fails(monkeypatch: pytest.MonkeyPatch, entry: str, url: str) -> None:
    """Whatever NO_PROXY holds, a client is made, with a proxy named and without."""
    monkeypatch.setenv("NO_PROXY", entry)
    prepared(url)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    prepared(url)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "socks5h://u:secret@proxy.example:9", "SOCKS4://x:1"])
@pytest.mark.parametrize("variable", ["ALL_PROXY", "http_proxy"])
def test_a_socks_proxy_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, proxy: str) -> None:
    """A proxy that is not spoken here is refused in words that name the variable, and no password."""
    monkeypatch.setenv(variable, proxy)
    with pytest.raises(SetupError, match=f"{variable.upper()} names SOCKS.*NO_PROXY") as caught:
        prepared("http://ledger.example:8080")
    assert "secret" not in str(caught.value)
    prepared("http://127.0.0.1:8080")
    monkeypatch.setenv("NO_PROXY", "ledger.example")
    prepared("http://ledger.example:8080")


@pytest.mark.parametrize("proxy", ["http://", "ftp://proxy.example", "proxy.example:port", "http://[::1", "://"])
def test_a_proxy_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """A variable that names no proxy is what is refused, not the node's address."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(SetupError, match="HTTPS_PROXY names"):
        prepared("https://ledger.example:8443")


def test_certificates_that_are_not_there_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A missing, an empty, and an unfit file or folder of authorities is refused in words; the system's need none."""
    empty, folder = tmp_path / "empty.pem", tmp_path / "none"
    empty.touch()
    folder.mkdir()
    for variable, path in (
        ("SSL_CERT_FILE", tmp_path / "missing.pem"),
        ("SSL_CERT_FILE", empty),
        ("SSL_CERT_FILE", folder),
        ("SSL_CERT_DIR", tmp_path / "missing"),
        ("SSL_CERT_DIR", folder),
        ("SSL_CERT_DIR", empty),
    ):
        monkeypatch.setenv(variable, str(path))
        with pytest.raises(SetupError, match=f"{variable} names {path}"):
            prepared("https://ledger.example:8443")
        prepared("http://ledger.example:8080")
        monkeypatch.setenv(variable, "")
        prepared("https://ledger.example:8443")


def test_named_certificates_count_and_no_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """SSL_CERT_FILE goes before SSL_CERT_DIR."""
    monkeypatch.setenv("SSL_CERT_FILE", str(Authority().save(tmp_path / "authority.pem")))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "missing"))
    assert len(authorities(environment=True).get_ca_certs()) == 1
    assert len(authorities(environment=False).get_ca_certs()) != 1
