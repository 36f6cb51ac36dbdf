"""Configuration: a frozen value read once from the environment; nothing else reads ``os.environ``."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lms.errors import StartRefused

LOOPBACK = ("127.0.0.1", "localhost", "::1")
SHORTEST_SECRET = 32
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What an operator can set. ``base_url`` has no slash at its end and begins every link that leaves the site."""

    database_url: str
    secret_key: str
    base_url: str
    instance: Path
    production: bool
    allow_http: bool = False
    third_party_plugins: bool = True
    without_plugins: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en",)
    smtp_url: str | None = None
    mail_from: str = "Lantern <lantern@localhost>"
    issuer: str = "Lantern"
    workers: int = 2
    trusted_proxies: int = 0  # how many of our own proxies stand before the site and name the visitor's address
    password_cost: str = "full"  # noqa: S105 - how dear hashing is, no password
    limits: bool = True
    heartbeat: bool = True

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).netloc

    @property
    def is_loopback(self) -> bool:
        return (urlsplit(self.base_url).hostname or "") in LOOPBACK

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


def from_environment(environment: Mapping[str, str] | None = None) -> Config:
    """Read ``LMS_…``; raise StartRefused with one clear sentence where something is missing or unknown."""
    env = os.environ if environment is None else environment
    if env.get("FLASK_DEBUG", "").lower() not in ("", "0", "false", "no"):  # as Flask itself reads it
        raise StartRefused("FLASK_DEBUG is on: debug shows code and secrets to strangers; unset it to start Lantern.")
    instance = Path(env.get("LMS_INSTANCE") or "instance").absolute()
    secret = env.get("LMS_SECRET_KEY", "")
    base_url = _as_browsers_write_it(env.get("LMS_BASE_URL", "").rstrip("/"))
    if len(secret) < SHORTEST_SECRET:
        raise StartRefused(
            f"LMS_SECRET_KEY is missing or shorter than {SHORTEST_SECRET} characters; make one with: "
            "python3 -c 'import secrets; print(secrets.token_hex(32))'"
        )
    _check_base_url(base_url, allow_http=_flag(env, "LMS_ALLOW_HTTP"))
    third_party, without = plugin_choice(env)
    return Config(
        database_url=database_url(env.get("LMS_DATABASE_URL", ""), instance=instance),
        secret_key=secret,
        base_url=base_url,
        instance=instance,
        production=not _flag(env, "LMS_DEMO"),
        allow_http=_flag(env, "LMS_ALLOW_HTTP"),
        third_party_plugins=third_party,
        without_plugins=without,
        languages=_languages(env.get("LMS_LANGUAGES") or "en"),
        smtp_url=_smtp_url(env.get("LMS_SMTP_URL", "")),
        mail_from=env.get("LMS_MAIL_FROM") or "Lantern <lantern@localhost>",
        issuer=env.get("LMS_ISSUER") or "Lantern",
        workers=_number(env, "LMS_WORKERS", 2),
        trusted_proxies=_number(env, "LMS_TRUSTED_PROXIES", 0, least=0),
    )


def of_no_site(environment: Mapping[str, str] | None = None) -> Config:
    """A configuration for commands that need the plugins and no site: nothing of it is kept, and it has no database."""
    third_party, without = plugin_choice(environment)
    return Config(
        database_url="sqlite://",
        secret_key=secrets.token_hex(SHORTEST_SECRET),
        base_url="http://localhost",
        instance=Path(os.devnull),
        production=False,
        third_party_plugins=third_party,
        without_plugins=without,
    )


def for_this_machine(environment: Mapping[str, str] | None = None, *, port: int) -> dict[str, str]:
    """The environment that ``make run`` starts with: what is set stays, the rest is made for this machine.

    A secret that is kept in ``instance/secret-key`` and a loopback address fill what is missing.
    """
    env = dict(os.environ if environment is None else environment)
    instance = Path(env.get("LMS_INSTANCE") or "instance").absolute()
    env["LMS_INSTANCE"] = str(instance)
    must_be_writable(instance)
    if not env.get("LMS_SECRET_KEY"):
        env["LMS_SECRET_KEY"] = kept_secret(instance)
    if not env.get("LMS_BASE_URL"):
        env["LMS_BASE_URL"] = f"http://127.0.0.1:{port}"
        env["LMS_DEMO"] = "1"
    return env


def keep_address(config: Config) -> None:
    """Keep the address that ``make run`` serves in ``instance/address``, for commands that run beside the site.

    Who calls it holds the folder: a start that is refused must not change the address of the site that runs there.
    """
    if not config.production:
        write_whole(config.instance / "address", config.base_url + "\n")


def beside_the_site(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for an operator's command: what ``make run`` has kept fills what is not set."""
    env = dict(os.environ if environment is None else environment)
    instance = Path(env.get("LMS_INSTANCE") or "instance").absolute()
    for name, file in (("LMS_SECRET_KEY", "secret-key"), ("LMS_BASE_URL", "address")):
        if not env.get(name):
            try:
                env[name] = (instance / file).read_text().strip()
            except OSError:
                continue
            if name == "LMS_BASE_URL":
                env["LMS_DEMO"] = "1"
    return env


def plugin_choice(environment: Mapping[str, str] | None = None) -> tuple[bool, tuple[str, ...]]:
    """Whether third-party plugins are loaded, and which of them are left out; needs no other setting."""
    env = os.environ if environment is None else environment
    return not _flag(env, "LMS_SAFE_MODE"), _names(env.get("LMS_WITHOUT_PLUGINS", ""))


def hand_down(environment: Mapping[str, str]) -> None:
    """Make ``environment`` that of this process, so that the web processes it starts read the same."""
    os.environ.update(environment)


def kept_secret(instance: Path) -> str:
    """The secret in ``instance/secret-key`` (mode 0600), made on first use."""
    path = instance / "secret-key"
    try:
        if not path.exists():
            write_whole(path, secrets.token_hex(32) + "\n", keep=True)
        secret = path.read_text().strip()
    except OSError as error:
        raise _unwritable(instance, error) from None
    if len(secret) < SHORTEST_SECRET:
        raise StartRefused(
            f"{path} holds no secret of {SHORTEST_SECRET} characters; delete it, and everybody signs in anew."
        )
    return secret


def must_be_writable(instance: Path) -> None:
    """Make the folder if it is not there; raise StartRefused where files cannot be written in it."""
    try:
        instance.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=instance):
            pass
    except OSError as error:
        raise _unwritable(instance, error) from None


def write_whole(path: Path, text: str, *, keep: bool = False) -> None:
    """Write a file that only its owner reads, whole or not at all; ``keep`` leaves one that is there as it is."""
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if keep:
            with suppress(FileExistsError):  # of two processes at once, the first one's stands
                os.link(unfinished, path)
        else:
            Path(unfinished).replace(path)
    finally:
        Path(unfinished).unlink(missing_ok=True)


def _unwritable(instance: Path, error: OSError) -> StartRefused:
    return StartRefused(
        f"Lantern cannot write in {instance} ({error.strerror}); make it a folder that you may write to, "
        "or set LMS_INSTANCE to one."
    )


def database_url(url: str, *, instance: Path) -> str:
    """The address with its driver; embedded SQLite under ``instance`` if none is set.

    Raises StartRefused for an unknown kind of database.
    """
    if not url:
        return f"sqlite:///{instance / 'lantern.db'}"
    scheme, _, rest = url.partition("://")
    if scheme in ("postgres", "postgresql", "postgresql+psycopg") and rest:
        return f"postgresql+psycopg://{rest}"
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1 and ":memory:" not in rest:
        return url
    raise StartRefused(
        f"LMS_DATABASE_URL has an unknown form (it begins with {scheme[:20]!r}); "
        "use sqlite:////a/path.db or postgresql://user:password@host/name."
    )


def _as_browsers_write_it(url: str) -> str:
    """Small letters, and no port that the scheme implies: so it stands in the Host header."""
    url = url.lower()
    for scheme, port in (("https://", ":443"), ("http://", ":80")):
        if url.startswith(scheme):
            return url.removesuffix(port)
    return url


def _check_base_url(base_url: str, *, allow_http: bool) -> None:
    try:
        parts = urlsplit(base_url)
        plain = f"{parts.scheme}://{parts.netloc}" == base_url and "@" not in base_url and parts.port != 0
    except ValueError:  # a port that is no number, a bracket too few
        parts, plain = urlsplit(""), False
    if not plain or parts.scheme not in ("http", "https") or not parts.hostname:
        raise StartRefused(
            "LMS_BASE_URL is missing or not an address such as https://learn.example.org (without a path)."
        )
    if parts.scheme == "http" and parts.hostname not in LOOPBACK and not allow_http:
        raise StartRefused(
            "LMS_BASE_URL is http and not on this machine: passwords would travel in the open. "
            "Use https, or set LMS_ALLOW_HTTP=1 if you accept that."
        )


def _flag(env: Mapping[str, str], name: str) -> bool:
    return env.get(name, "").lower() in ("1", "true", "yes", "on")


def _number(env: Mapping[str, str], name: str, default: int, *, least: int = 1) -> int:
    text = env.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= 64:
        raise StartRefused(f"{name} is {text[:20]!r}; it takes a whole number from {least} to 64.")
    return int(text)


def _languages(text: str) -> tuple[str, ...]:
    names = _names(text)
    for name in names:
        if not _LANGUAGE.fullmatch(name):
            raise StartRefused(f"LMS_LANGUAGES names {name[:20]!r}, which is no language tag; an example is: en,fr,zh.")
    return names or ("en",)


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _smtp_url(url: str) -> str | None:
    if not url:
        return None
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known:  # the address may hold a password, so it is not repeated
        raise StartRefused(
            "LMS_SMTP_URL has an unknown form; use smtp://user:password@host:587 or smtps://user:password@host:465."
        )
    return url
