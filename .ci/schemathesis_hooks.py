"""What schemathesis has to know beside the document: values that mean something, and how to stay signed in.

A schema says what is well-formed. Which password is hard to guess, whose it is, which account exists and which token
still counts it cannot say, so *valid* cases get such values here. Invalid cases are sent as they were generated. No
check is weakened; one is added, because schemathesis looks for ignored authentication with other schemes than OAuth2.
"""

import json
import os
import shlex
import subprocess
import time
import uuid

import requests
import schemathesis
from hypothesis import strategies as st

ADDRESS = os.environ["PALISADE_CHECK_ADDRESS"]
# RFC 8265 takes letters of every script, but not every character; these are some it takes, that read in one direction.
CHARACTERS = "abcdefghijklmnopqrstuvwxyzACXZ0123456789äéñøßαβωжюя名前!#$%&'*+-./=?@^_{|}~"
# However a password goes on, this beginning makes it hard to guess.
STRONG = "vK7#qz!M"
# The id of a link that nobody has.
LINK = "0" * 22


class Caller:
    """The account of this run."""

    def __init__(self, name, password):
        self.name = name
        self.password = password
        self.id = None
        self.token = None
        self.spent = set()

    def authorization(self):
        """What this account sends now."""
        if self.token is None:
            form = {"grant_type": "password", "username": self.name, "password": self.password}
            self.token = succeeded(requests.post(f"{ADDRESS}/token", data=form, timeout=30))["access_token"]
        return f"Bearer {self.token}"

    def sign_out(self):
        self.spent.add(self.authorization())
        self.token = None

    def ask(self, method, path, body=None):
        headers = {"Authorization": self.authorization()}
        return succeeded(requests.request(method, f"{ADDRESS}{path}", headers=headers, json=body, timeout=30))


def succeeded(answer):
    answer.raise_for_status()
    return answer.json()


def another_account(admin):
    """Somebody whom the admin can disable and give other roles."""
    account = {"username": "check-target", "email": "target@example.org", "password": STRONG + "-target"}
    return admin.ask("POST", "/admin/create", account)["id"]


def token_of(link):
    return link.split("?token=")[1].split()[0]


def link_that_proves():
    """The token of a link that was mailed to somebody who just signed up."""
    name = f"check-{uuid.uuid4()}"
    address = f"{name}@example.org"
    account = {"username": name, "email": address, "password": STRONG + "-mailed"}
    succeeded(requests.post(f"{ADDRESS}/signup", json=account, timeout=30))
    for _ in range(300):
        with open(os.environ["PALISADE_CHECK_MAIL"]) as mail:
            for line in mail.readlines()[1:]:
                if line.endswith("\n") and address in line:
                    return token_of(json.loads(line)["text"])
        time.sleep(0.1)
    raise RuntimeError("the mail does not arrive")


def link_that_resets():
    """The token of a link that an operator made."""
    command = shlex.split(os.environ["PALISADE_CHECK_LINK"])
    return token_of(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


KNOWN = Caller(os.environ["PALISADE_CHECK_NAME"], os.environ["PALISADE_CHECK_PASSWORD"])
"""An account that exists."""

CALLER = None if os.environ["PALISADE_CHECK_AS"] == "nobody" else KNOWN
TARGET = None
if CALLER:
    me = CALLER.ask("GET", "/me")
    CALLER.id = me["id"]
    TARGET = another_account(CALLER) if "admin" in me["roles"] else None

schemathesis.openapi.format("username", st.text(alphabet=CHARACTERS, min_size=1, max_size=64))
schemathesis.openapi.format("password", st.text(alphabet=CHARACTERS + " ", min_size=8, max_size=128))



def guarded(operation):
    return bool(operation.definition.raw.get("security"))


if CALLER:

    # Without a cache: the account itself knows when its token has ended.
    @schemathesis.auth(refresh_interval=None)
    class SignedIn:
        def get(self, case, context):
            # A public operation gets no token: at the token endpoint this header is where clients authenticate.
            return CALLER.authorization() if guarded(context.operation) else None

        def set(self, case, authorization, context):
            case.headers["Authorization"] = authorization


@schemathesis.hook
def before_call(context, case, kwargs):
    operation = case.operation.label
    # The case may have been made before the account signed out everywhere.
    if CALLER and case.headers.get("Authorization") in CALLER.spent:
        case.headers["Authorization"] = CALLER.authorization()
    if TARGET and (case.path_parameters or {}).get("id") == CALLER.id:
        # An admin may disable itself while there is another one, and all that followed would be a 401.
        case.path_parameters["id"] = TARGET
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if TARGET and "id" in (case.path_parameters or {}) and case.meta.phase.name.value != "stateful":
        # An id from nowhere is only ever a 404. Sequences of calls have ids from earlier answers.
        case.path_parameters["id"] = TARGET
    if len((case.path_parameters or {}).get("link", LINK)) != len(LINK):
        # A sequence of calls takes the link that sets a password for the id of a link in a chain of keys.
        case.path_parameters["link"] = LINK
    # One role and one tenant: there is a bound to how many there may be.
    for parameter in {"name", "tenant"} & set(case.path_parameters or {}):
        case.path_parameters[parameter] = "check"
    if isinstance(case.body, dict):
        make_meaningful(operation, case.body)


def make_meaningful(operation, body):
    """Gives a valid body the values that make it succeed and that no schema can name."""
    for field, operations in {
        "password": ("POST /signup", "POST /admin/create"),
        "new_password": ("POST /me/password", "POST /password/reset"),
    }.items():
        if operation in operations and field in body:
            # As long as it was: the shortest and the longest password have to be taken too.
            body[field] = STRONG + body[field][len(STRONG) :]
    if CALLER and operation == "POST /me/password":
        body["current_password"] = CALLER.password
    if operation == "POST /email/verify":
        body["token"] = link_that_proves()
    if operation == "POST /password/reset":
        body["token"] = link_that_resets()
    if operation == "POST /admin/create" and body.get("kind") == "service":
        # It has no password, and is never an admin.
        body.pop("password", None)
        body["roles"] = ["user"]
    elif operation == "POST /admin/create":
        body.setdefault("password", STRONG + "-created")
    if "/api-keys" in operation:
        # Which scopes somebody holds no schema says, nor which bytes are a public key, nor what can be seen of a name.
        body.pop("public_key", None)
        if not operation.endswith("/rotate"):
            body.pop("expires_at", None)
            body.update(name="check", scopes=["me:read"], sender_constrained=False)
    # Which roles there are no schema says.
    if operation.startswith("PUT /admin/roles/") and "includes" in body:
        body["includes"] = ["editor"][: len(body["includes"])]
    if operation == "PUT /admin/accounts/{id}/grants":
        body["roles"] = []
    if operation == "PUT /admin/tenants/{tenant}/members/{id}":
        body["roles"] = ["editor", "user"][: len(body["roles"])]
    if operation == "POST /token":
        body.update(grant_type="password", username=KNOWN.name, password=KNOWN.password)
        # No client is registered here, and no account has a scope of random letters.
        for field in ("client_id", "client_secret", "scope"):
            body.pop(field, None)


@schemathesis.hook
def after_call(context, case, response):
    if CALLER is None or response.status_code != 204:
        return
    if case.operation.label == "POST /sign-out-everywhere":
        CALLER.sign_out()
    if case.operation.label == "POST /me/password":
        CALLER.password = case.body["new_password"]


GUARDED = set()
"""The operations that were found to ask for a token."""


@schemathesis.check
def authentication_is_not_ignored(ctx, response, case):
    """What succeeded with a token is refused without one, and with a wrong one."""
    operation = case.operation
    if not guarded(operation) or operation.label in GUARDED:
        return
    if not 200 <= response.status_code < 300:
        return
    sent = response.request
    for authorization in (None, "Bearer wrong", "Basic d3Jvbmc6d3Jvbmc="):
        headers = {name: value for name, value in sent.headers.items() if name.lower() != "authorization"}
        if authorization:
            headers["Authorization"] = authorization
        # A browser sends Basic by itself, so without this it is refused for that alone.
        headers["Sec-Fetch-Site"] = "same-origin"
        again = requests.request(sent.method, sent.url, headers=headers, data=sent.body, timeout=30)
        assert again.status_code == 401, f"{again.status_code} with {authorization or 'no token'}"
        assert "Bearer" in again.headers.get("WWW-Authenticate", ""), "there is no challenge"
    GUARDED.add(operation.label)
