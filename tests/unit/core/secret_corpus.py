"""What has to be hidden, and what has to stay as it is. ``SECRET`` marks the part that no cleaned text may have."""

from __future__ import annotations

BODY = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0"
PEM_LINES = [f"{c}{BODY[:39]}{BODY[:24]}" for c in "MIE"]
PEM = "\n".join(
    ["-----BEGIN RSA PRIVATE KEY-----", *PEM_LINES, "q1w2==", "-----END RSA PRIVATE KEY-----"]
)

#: (text, the parts that must not be left)
HIDDEN: list[tuple[str, tuple[str, ...]]] = [
    # Shapes of keys, whatever they are called
    *(
        (f"see {key} there", (key,))
        for key in (
            f"sk-proj-{BODY}", f"sk-ant-api03-{BODY}-{BODY[:20]}AA", f"sk_live_{BODY[:24]}", f"rk_test_{BODY[:24]}",
            f"ghp_{BODY[:36]}", f"gho_{BODY[:36]}", f"github_pat_{BODY[:22]}_{BODY}", f"glpat-{BODY[:20]}",
            f"xoxb-123456789012-{BODY[:24]}", f"xapp-1-A0{BODY[:20]}", "AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE",
            f"AIza{BODY[:35]}", f"ya29.{BODY}", f"GOCSPX-{BODY[:28]}", f"hf_{BODY[:34]}", f"npm_{BODY[:36]}",
            f"pypi-AgEIcHlwaS5vcmc{BODY}", f"whsec_{BODY[:32]}", f"SG.{BODY[:22]}.{BODY}", "dop_v1_" + "0a1b2c3d" * 8,
            "dapi" + "0a1b2c3d" * 4, f"hvs.{BODY}", f"r8_{BODY[:37]}", f"gsk_{BODY}", f"lin_api_{BODY}",
            "shpat_" + "0a1b2c3d" * 4, "abc8Q~" + BODY[:34], "1234567890:AA" + BODY[:33],
            f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{BODY}", f"sbp_{'0a1b2c3d' * 5}", f"nvapi-{BODY}{BODY}",
            f"dckr_pat_{BODY[:27]}", "AGE-SECRET-KEY-1" + "QPZRY9X8GF" * 6,
        )
    ),
    (f"https://hooks.slack.com/services/T0AB/B0CD/{BODY[:24]}", (BODY[:24],)),
    (f"https://discord.com/api/webhooks/123456789/{BODY}", (BODY,)),
    # Connection strings
    ("postgres://ada:hunter22@db/x", ("hunter22",)),
    ("DSN is postgresql+psycopg://ada:p%40ss!w0rd@db.example:5432/churn?sslmode=require", ("p%40ss!w0rd",)),
    ("mongodb+srv://ada:s3cr3t@cluster0.example.net/?retryWrites=true", ("s3cr3t",)),
    ("redis://:s3cr3t@localhost:6379/0", ("s3cr3t",)),
    ("amqp://guest:guest7@rabbit//", ("guest7",)),
    ("git clone https://oauth2:tok3n-abc@git.example/x.git", ("tok3n-abc",)),
    ("Server=db;Database=x;User Id=ada;Password=hun_ter2;Encrypt=yes", ("hun_ter2",)),
    ("Server=db;Uid=ada;Pwd=hun.ter2;", ("hun.ter2",)),
    (f"DefaultEndpointsProtocol=https;AccountName=x;AccountKey={BODY}==;EndpointSuffix=core", (BODY,)),
    (f"https://x.blob.core.windows.net/c/f.csv?sv=2024&sig={BODY}%3D&se=2026", (BODY,)),
    (f"Endpoint=sb://x/;SharedAccessKeyName=root;SharedAccessKey={BODY}=", (BODY,)),
    (f"http://localhost:8888/lab?token={BODY}", (BODY,)),
    # Headers
    (f"Authorization: Bearer {BODY}", (BODY,)),
    ("Authorization: Basic YWRhOmh1bnRlcjI=", ("YWRhOmh1bnRlcjI",)),
    (f'curl -H "Authorization: Bearer {BODY}" https://x', (BODY,)),
    (f"curl -H 'X-Api-Key: {BODY}' https://x", (BODY,)),
    ("curl -u ada:hunter22 https://x", ("hunter22",)),
    ("curl --user ada:p!ss,w0rd https://x", ("p!ss,w0rd", "w0rd")),
    ("Cookie: sid=0123456789; theme=dark99", ("0123456789",)),
    ("Set-Cookie: session=abcdef123; Path=/; HttpOnly", ("abcdef123",)),
    ("X-Auth-Token: abc123def456", ("abc123def456",)),
    # Names, in code
    ('password = "hunter2"', ("hunter2",)),
    ("password='correct horse battery'", ("correct horse battery",)),
    ("password=hunter2", ("hunter2",)),
    ("password: hunter2", ("hunter2",)),
    ("db_password = 'abc'", ("abc'",)),
    ('{"password": "hunter2", "user": "ada"}', ("hunter2",)),
    ("{'api_key': 'abcd1234'}", ("abcd1234",)),
    ('os.environ["DB_PASSWORD"] = "hunter2"', ("hunter2",)),
    ('config.set("x", secret_key="django-insecure-x")', ("django-insecure-x",)),
    ('AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCY"', ("wJalrXUtnFEMI",)),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ("wJalrXUtnFEMI",)),
    ('connect(user="ada", passwd="x1y2")', ("x1y2",)),
    ('if token == "abc123def":', ("abc123def",)),
    ('clientSecret => "abc-def-ghi"', ("abc-def-ghi",)),
    ('const apiKey = `abcd1234`', ("abcd1234",)),
    # Names, in environment files and in what ``env`` prints
    ("DB_PASSWORD=hunter2", ("hunter2",)),
    ("DB_PASSWORD=hunter\nPATH=/bin", ("hunter\n",)),
    ("DB_PASSWORD=horse battery\nPATH=/bin", ("horse", "battery")),
    ("export DB_PASS=abc", ("abc",)),
    ("AWS_CREDS=AbCd/123", ("AbCd/123",)),
    ("SMTP_PASS=a-b", ("a-b",)),
    ("SECRET_KEY=/Xy7+abc/def==", ("/Xy7",)),
    ("MY_TOKEN=0123abcd", ("0123abcd",)),
    ("PASSWORD=12345", ("12345",)),
    ("AUTHORIZATION=abcdef123456", ("abcdef123456",)),
    # On a command line
    ("mysql --password=hunter2 x", ("hunter2",)),
    ("tool --password hunter2 x", ("hunter2",)),
    ("tool --api-key abcd-1234-efgh x", ("abcd-1234-efgh",)),
    # In JSON that is not decoded
    ('{"code": "x = 1\\nPASSWORD=\'hunter2\'"}', ("hunter2",)),
    ('{"a": "{\\"password\\": \\"hunter2\\"}"}', ("hunter2",)),
    ('"line\\nghp_' + BODY[:36] + '\\n"', (BODY[:36],)),
    # Private keys, in every dress
    (PEM, (*PEM_LINES, "q1w2==")),
    (PEM.replace("\n", "\r\n"), tuple(PEM_LINES)),
    (PEM.replace("\n", "\\n"), tuple(PEM_LINES)),
    ("\n".join("+" + line for line in PEM.split("\n")), tuple(PEM_LINES)),
    ("\n".join(f"{n:6}\t{line}" for n, line in enumerate(PEM.split("\n"), 1)), tuple(PEM_LINES)),
    ("\n".join("    " + line for line in PEM.split("\n")), tuple(PEM_LINES)),
    (PEM[:200], (PEM_LINES[0], PEM_LINES[1][:40])),
    (PEM.replace("RSA", "OPENSSH"), tuple(PEM_LINES)),
    (PEM.replace("RSA PRIVATE KEY", "PGP PRIVATE KEY BLOCK"), tuple(PEM_LINES)),
    # A terminal's colours around and inside
    (f"\x1b[31mghp_{BODY[:36]}\x1b[0m", (BODY[:36],)),
    ("\x1b[1mpassword\x1b[0m=\x1b[32mhunter2\x1b[0m", ("hunter2",)),
]  # fmt: skip

#: Left as it is, to the byte.
KEPT: list[str] = [
    # Code
    "password = getpass()", "password = getpass.getpass('Password: ')", "password = os.environ['DB_PASSWORD']",
    'password = os.getenv("DB_PASSWORD")', "password: str", "password: str = field(repr=False)", "token_count = 5",
    "token = tokenizer.encode(text)", "token = tokens[0]", "tokens = [1, 2, 3]", "max_tokens=4096", "n_tokens: 5",
    "def login(user, password):", "login(user, password=password)", "login(user, password=args.password)",
    "self.token = token", "secret = None", "if not secret: return", "password = ''", 'password: ""', "password=$PASSWORD",
    "password=${DB_PASSWORD}", 'f"Bearer {token}"', 'headers = {"Authorization": f"Bearer {token}"}', 'token = "the"',
    '{"token": "running", "pos": "VERB"}', '{"token": "##ing", "id": 7}', "assert password != ''", "for token in doc: print(token.text)",
    "key = 'name'", "primary_key = 'id'", "df.sort_values(key=len)", "keys = sorted(d)", "cookie: Cookie | None = None",
    "def pass_rate(n): return n / 10", "forward_pass = model(x)", "passes = 3", "author = 'Ada Lovelace 1815'", "token: Token",
    '"password": {"type": "string"}', "password: string", "credentials = load('x')", "monkey_patch = 1", "authors: 12 people",
    "from secrets import token_hex", "import secrets", "secret_name(name)", "class Secret(str): ...", 'type="password"',
    "export PATH=$PATH:/opt/bin", "PWD=/home/ada/churn", "OLDPWD=/home/ada", "SSH_AUTH_SOCK=/run/user/1000/ssh",
    "token_file = '/run/secrets/token'", "TOKENIZERS_PARALLELISM=false", "OPENAI_MAX_TOKENS=4096", "SORT_KEY=name",
    "AUTH_MODE=ldap", "docker run -u 1000:1000 x", "chown -R ada:staff .", "docker run --user root:root x",
    "password=`pass show db`", "password=$(pass show db)", "YOUR_API_KEY=your-api-key-here", "api_key=<your key>", "token=xxx",
    "const token = useToken();", "secretKeyRef:\n  name: db\n  key: password", "passwords are hashed with bcrypt",
    # Prose
    "The password is required.", "Enter the token, then press Return.", "password: required", "Use a Bearer token for the API.",
    "basic authentication", "tokens: 1.3k", "Authorization: required", "secret: yes", "It costs 5 tokens: cheap.",
    "I changed the password field and the token: both work.", "Passwords and tokens (see auth.py) stay out.",
    # What only looks like something
    "sk-learn", "scikit-learn", "sk-learn-contrib-2024", "task-1234567890", "risk-0123456789ab", "eyJ", "a" * 64, "0a1b2c3d" * 8,
    "d41d8cd98f00b204e9800998ecf8427e", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "commit 46fdfd7c0ffee0123456789abcdef0123456789a", "550e8400-e29b-41d4-a716-446655440000", "2024-05-01T12:00:00Z",
    "https://example.com/a:b", "https://example.com:8080/x", "http://[::1]:8888/", "hello@example.com", "ssh://git@host/x.git",
    "postgres://db/x", "postgres://ada@db/x", "postgres://ada:$PGPASSWORD@db/x", "postgres://ada:${PW}@db/x",
    "postgres://user:<password>@db", "C:\\new\\tokens\\x.txt", "/usr/share/secrets/readme.md", "tests/test_password_reset.py",
    "codex_jupyter/core/secrets/names.py:12: error", "msg_0123456789abcdef0123456789", "call_a1B2c3D4e5F6g7H8i9J0k1L2",
    "rs_68a1b2c3d4e5f60718293a4b5c6d7e8f", "exec-0123456789ab", "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==",
    "-----BEGIN CERTIFICATE-----\nMIIBkTCB+wIJAKHBfpE", "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkq", "x-----x", "ssh-rsa AAAAB3NzaC1yc2E ada",
    "It begins with -----BEGIN and ends there.", "1234567890:AAPL", "gh pr list", "ghost_writer", "npm_config_cache=/x",
    "100%|██████████| 5/5 [00:01<00:00,  3.1it/s]", "\x1b[31mred\x1b[0m and \x1b[1mbold\x1b[0m", "weights.pk-1.bin",
]  # fmt: skip
