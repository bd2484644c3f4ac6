"""Variables that hold secrets, by the names that services and tools give them: none reaches a command or the model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codex_jupyter.offline import Rule, run, say
from tests.contract.approvals.asked import asked, text_of

#: As they stand in the documentation of what reads them.
NAMES = str.split(
    """
AIRTABLE_API_KEY ALGOLIA_ADMIN_KEY ANTHROPIC_API_KEY APIFY_TOKEN ARTIFACTORY_ACCESS_TOKEN ASANA_ACCESS_TOKEN ATLAS_PRIVATE_KEY
AUTH0_CLIENT_SECRET AWS_ACCESS_KEY_ID AWS_CREDS AWS_SECRET_ACCESS_KEY AWS_SECURITY_TOKEN AWS_SESSION_TOKEN AZURE_CLIENT_SECRET
AZURE_DEVOPS_EXT_PAT AZURE_OPENAI_API_KEY AZURE_STORAGE_ACCOUNT_KEY AZURE_STORAGE_CONNECTION_STRING AZURE_STORAGE_SAS_TOKEN
BASIC_AUTH BITBUCKET_APP_PASSWORD BOT_TOKEN BUGSNAG_API_KEY CARGO_REGISTRY_TOKEN CELERY_BROKER_PASSWORD CI_JOB_TOKEN CIRCLE_TOKEN
CLIENT_SECRET CLOUDFLARE_API_TOKEN COHERE_API_KEY COMET_API_KEY CONSUL_HTTP_TOKEN COOKIE_SECRET CONFIGPROXY_AUTH_TOKEN DATABASE_PASSWORD
DATADOG_API_KEY DB_PASS DB_PASSWD DB_PASSWORD DIGITALOCEAN_ACCESS_TOKEN DISCORD_TOKEN DJANGO_SECRET_KEY DOCKER_AUTH_CONFIG
DOCKER_PASSWORD DSN ELASTIC_PASSWORD ENCRYPTION_KEY FIREBASE_TOKEN FLASK_SECRET_KEY FTP_PASSWORD GEMINI_API_KEY GH_TOKEN GITHUB_PAT
GITHUB_TOKEN GITLAB_PRIVATE_TOKEN GOOGLE_API_KEY GOOGLE_CLIENT_SECRET GPG_PASSPHRASE GRAFANA_API_KEY GROQ_API_KEY HEROKU_API_KEY
HF_TOKEN HUGGING_FACE_HUB_TOKEN INFLUX_TOKEN JENKINS_API_TOKEN JIRA_API_TOKEN JPY_API_TOKEN JUPYTERHUB_API_TOKEN JUPYTERHUB_CRYPT_KEY
JUPYTER_TOKEN JWT_SECRET KAFKA_SASL_PASSWORD KAGGLE_KEY LANGCHAIN_API_KEY LANGFUSE_SECRET_KEY LDAP_BIND_PASSWORD LINEAR_API_KEY
MAILGUN_API_KEY MAPBOX_ACCESS_TOKEN MINIO_ROOT_PASSWORD MISTRAL_API_KEY MONGO_INITDB_ROOT_PASSWORD MYSQL_PWD MYSQL_ROOT_PASSWORD
NEO4J_PASSWORD NETLIFY_AUTH_TOKEN NEW_RELIC_LICENSE_KEY NGROK_AUTHTOKEN NOTION_TOKEN NPM_TOKEN OAUTH_CLIENT_SECRET OPENAI_API_KEY
OPENAI_API_KEY_2 OPENROUTER_API_KEY PASSWORD PGPASSWORD PINECONE_API_KEY PIP_INDEX_PASSWORD POSTGRES_PASSWORD PRIVATE_KEY PYPI_TOKEN
RABBITMQ_DEFAULT_PASS REDIS_PASSWORD REPLICATE_API_TOKEN RESTIC_PASSWORD SECRET SECRET_KEY SECRET_KEY_BASE SENDGRID_API_KEY SENTRY_AUTH_TOKEN
SENTRY_DSN SESSION_SECRET SIGNING_SECRET SLACK_BOT_TOKEN SLACK_SIGNING_SECRET SMTP_PASSWORD SNOWFLAKE_PASSWORD SNYK_TOKEN
SONAR_TOKEN SPOTIFY_CLIENT_SECRET SSH_KEY_PASSPHRASE STRIPE_SECRET_KEY SUPABASE_SERVICE_ROLE_KEY SVC_CREDENTIALS TELEGRAM_BOT_TOKEN
TF_VAR_db_password TOGETHER_API_KEY TOKEN TWILIO_AUTH_TOKEN TWINE_PASSWORD VAULT_TOKEN VERCEL_TOKEN WANDB_API_KEY WEBHOOK_SECRET
ZENDESK_API_TOKEN db_password my_api_key
    """
)
#: Innocent names with what is a secret by its look; ``#`` is where the words of this test stand.
LOOKS = {
    "BACKEND": "postgres://ada:#@db.example/x", "BROKER": "amqp://worker:#@mq.example//", "CACHE": "redis://:#@cache.example:6379/0",
    "PIP_EXTRA_INDEX_URL": "https://ada:#@pypi.example/simple", "PROXY": "http://ada:#@proxy.example:3128",
    "STORE": "Server=db;User=sa;Password=#;", "OPTIONS": "--user ada --password #", "HEADERS": "Authorization: Bearer #",
    "SETTINGS": '{"user": "ada", "password": "#"}',
}  # fmt: skip
#: What a command needs, or what says nothing.
PLAIN = {"MPLBACKEND": "agg", "OMP_NUM_THREADS": "3", "TOKENIZERS_PARALLELISM": "false", "AWS_REGION": "eu-central-1"}  # fmt: skip


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A secret of this test in each of the variables, by its name."""
    words = {name: f"w{number:03}-Of-This-Test" for number, name in enumerate([*NAMES, *LOOKS])}
    for name, word in words.items():
        monkeypatch.setenv(name, LOOKS.get(name, "#").replace("#", word))
    return words


@pytest.mark.parametrize("sandbox", ["read-only", "full-access"])
def test_no_secret_of_the_environment_reaches_a_command(
    folder: Path, words: dict[str, str], monkeypatch: pytest.MonkeyPatch, sandbox: str
) -> None:
    """More than 130 names that tell of a secret, and secrets under innocent names: not one of them is in what a command sees."""
    for name, value in PLAIN.items():
        monkeypatch.setenv(name, value)
    assert len(set(NAMES)) >= 130
    seen = "env -0 | sed -z 's/^/<<</' | tr '\\0' '\\n' | rev; cat /proc/self/environ | tr '\\0' '\\n' | rev"
    go = Rule("go", [[run(seen)], [say("{{output}}")]], when={"contains": "go"})
    with asked(folder, go) as a:
        turn = a.finished("go", sandbox=sandbox)
        assert turn.error is None
        told = json.dumps([request.body for request in a.model.server.requests])
        shown = f"{told}\n{text_of(turn)}"
    # Written backwards, so that nothing is hidden by what is known of it: what the command saw is seen here.
    came = [name for name, word in words.items() if word[::-1] in shown or word in shown]
    assert came == []
    assert [name for name, value in PLAIN.items() if f"{name}={value}"[::-1] not in shown] == []


#: A secret of several lines that looks like nothing that is known.
LINES = ("first-Long-line-of-it-0123", "second-Long-line-of-it-4567", "third-Long-line-of-it-89ab")
#: One of which each way of writing JSON escapes something.
ODD = 'Od"d\\w\u00f6rd-of-it-0123'


def test_what_the_environment_makes_secret_is_hidden_however_it_is_written(
    folder: Path, words: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where Codex or a command says such a value all the same, in prose, in JSON, coloured, or line by line, it is hidden."""
    monkeypatch.setenv("DEPLOY_SECRET", "\n".join(LINES))
    monkeypatch.setenv("ODD_PASSWORD", ODD)
    odd = [json.dumps(ODD), json.dumps(ODD, ensure_ascii=False)]
    odd += [json.dumps(each) for each in odd]
    prose = "They are " + ", ".join(words.values())
    lines = [
        f"as a terminal has it: {LINES[0]}\r\n    {LINES[1]}\r\n    {LINES[2]}\r\n",
        f"as JSON has it: {json.dumps(chr(10).join(LINES))} and {json.dumps(json.dumps(chr(10).join(LINES)))}",
        f"coloured: {LINES[1][:9]}\x1b[31m{LINES[1][9:]}\x1b[0m, alone: {LINES[2]}",
        f"one that is escaped: {ODD}; {'; '.join(odd)}",
    ]
    (folder / "said.txt").write_text("\n".join([prose, *lines]))
    said = [say(prose, chunk=7), run("cat said.txt"), *(say(line, chunk=5) for line in lines)]
    with asked(folder, Rule("go", [said, [say("Done.")]], when={"contains": "go"})) as a:
        turn = a.finished("go")
        assert turn.error is None
        shown = text_of(turn).replace("\x1b[31m", "").replace("\x1b[0m", "")
    assert shown.count("[hidden]") > 2 * len(words)
    assert [name for name, word in words.items() if word in shown] == []
    assert [line for line in LINES if line in shown] == []
    assert shown.count("of-it-0123") == 0 and shown.count("Od") == 0
