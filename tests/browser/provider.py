"""A sign-in provider that can be told to lie: it signs with the wrong key, for somebody else, or too late.

The smallest OpenID Connect provider that the app's library talks to: it asks nobody anything and sends the browser back.
"""

from __future__ import annotations

import json
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey


class Provider:
    """`mode`: honest, audience, expired, forged, unsigned, issuer or nonce."""

    def __init__(self, url: str) -> None:
        self.url, self.mode, self.claims = url, "honest", {"sub": "ann", "email": "ann@force.example"}
        self.key, self.other = (RSAKey.generate_key(2048, {"kid": "k", "use": "sig", "alg": "RS256"}) for _ in range(2))
        self.nonces: dict[str, str] = {}

    def token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "aud": "scoping", "iat": now, "exp": now + 300, "nonce": nonce, **self.claims}
        lies = {"audience": {"aud": "another"}, "expired": {"iat": now - 7200, "exp": now - 3600},
                "issuer": {"iss": "http://127.0.0.1:1"}, "nonce": {"nonce": "old"}}
        claims |= lies.get(self.mode, {})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if self.mode == "unsigned":
                return jwt.encode({"alg": "none"}, claims, self.key, algorithms=["none"])
            return jwt.encode({"alg": "RS256", "kid": "k"}, claims, self.other if self.mode == "forged" else self.key)

    def described(self) -> dict[str, object]:
        return {"issuer": self.url, "authorization_endpoint": f"{self.url}/authorize", "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/jwks", "response_types_supported": ["code"], "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"], "code_challenge_methods_supported": ["S256"]}


@contextmanager
def lying_provider() -> Iterator[Provider]:
    class Answers(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _json(self, body: object) -> None:
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(asked.query).items()}
            if asked.path == "/authorize":
                code = f"code-{len(provider.nonces)}"
                provider.nonces[code] = query.get("nonce", "")
                self.send_response(302)
                self.send_header("location", f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}")
                self.end_headers()
            elif asked.path == "/jwks":
                self._json({"keys": [provider.key.as_dict(private=False)]})
            else:
                self._json(provider.described())

        def do_POST(self) -> None:
            sent = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
            nonce = provider.nonces.pop(sent["code"][0])
            self._json({"access_token": "a", "token_type": "Bearer", "expires_in": 300, "id_token": provider.token(nonce)})

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    provider = Provider(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
