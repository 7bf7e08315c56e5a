"""`hanse key new --token`: an identity whose signing key is in a token or HSM."""

from hanse_cli.base.console import say
from hanse_cli.base.session import ask_pin
from hanse_client.home.identity import Identity


def in_token(identity: Identity, uri: str) -> Identity:
    """Give an identity the key in a token that a URI names, made there if there is none.

    Args:
        identity: newly made; its encryption key is kept.
        uri: where the key is, or shall be.

    Raises:
        IdentityError: the URI names no key, the PIN is wrong, or the key is no Ed25519 key.
        SetupError: the module or the token is not there.
    """
    from hanse_client.home.tokens import tokenkey
    from hanse_client.home.tokens.uri import read_uri

    name = read_uri(uri)
    with tokenkey.open_session(name, ask_pin, writes=True) as session:
        found = tokenkey.is_there(session, name)
        if not found:
            tokenkey.make_key(session, name)
        tokenkey.find_private(session, name)
        public = tokenkey.find_public(session, name)
    say(f"The key {name.words} {'was there' if found else 'was made there'}; it never leaves the token.")
    return identity.with_token(tokenkey.TokenKey(name, public, ask_pin))
