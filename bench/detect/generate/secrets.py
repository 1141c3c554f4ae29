"""
Labelled texts with secrets, and hard negatives without any.

Tokens follow the forms that their vendors document, written here for themselves: nothing knows the detectors.
Passwords are made the way people make them. Both stand in configuration, code, command lines, markup,
headers, logs and prose in a dozen languages. The same seed gives the same texts.
"""

from __future__ import annotations

import base64
import json
import random
import re
import string
from collections.abc import Callable, Iterator

__all__ = ["Labelled", "generate"]

Labelled = tuple[str, list[tuple[int, int, str]]]
"""A text, and (start, end, type) of what is sensitive in it, in code points."""

_ALPHABETS = {
    "h": "0123456789abcdef",
    "H": "0123456789ABCDEF",
    "b": string.ascii_letters + string.digits,
    "u": string.ascii_letters + string.digits + "-_",
    "s": string.ascii_letters + string.digits + "+/",
    "d": string.digits,
    "l": string.ascii_lowercase + string.digits,
    "U": string.ascii_uppercase + string.digits,
    "t": string.ascii_uppercase + "234567",
    "a": string.ascii_lowercase,
}

_TOKENS = """
openai sk-proj-{u:74}T3BlbkFJ{u:74}
openai sk-svcacct-{u:58}T3BlbkFJ{u:58}
openai sk-{b:20}T3BlbkFJ{b:20}
deepseek sk-{h:32}
moonshot sk-{b:48}
anthropic sk-ant-api03-{u:93}AA
anthropic sk-ant-admin01-{u:93}AA
google AIza{u:35}
huggingface hf_{b:34}
groq gsk_{b:52}
xai xai-{b:80}
perplexity pplx-{b:48}
replicate r8_{b:37}
openrouter sk-or-v1-{h:64}
fireworks fw_{b:24}
elevenlabs sk_{h:48}
langfuse sk-lf-{uuid}
langsmith lsv2_pt_{h:32}_{h:10}
pinecone pcsk_{b:6}_{b:63}
databricks dapi{h:32}
nvidia nvapi-{u:64}
cerebras csk-{l:48}
tavily tvly-dev-{b:32}
firecrawl fc-{h:32}
e2b e2b_{h:40}
jina jina_{b:60}
aws_id AKIA{t:16}
aws_id ASIA{t:16}
azure_ad {b:3}8Q~{b:34}
alibaba LTAI5t{b:18}
digitalocean dop_v1_{h:64}
github ghp_{b:36}
github gho_{b:36}
github github_pat_11{U:20}_{b:59}
gitlab glpat-{u:20}
gitlab glrt-{u:20}
npm npm_{b:36}
pypi pypi-AgEIcHlwaS5vcmc{u:150}
rubygems rubygems_{h:48}
docker dckr_pat_{u:27}
slack xoxb-{d:12}-{d:13}-{b:24}
slack xoxp-{d:12}-{d:12}-{d:13}-{h:32}
slack xapp-1-A{U:10}-{d:13}-{h:64}
telegram {d:10}:AA{u:33}
sendgrid SG.{u:22}.{u:43}
mailgun key-{h:32}
mailchimp {h:32}-us{d:2}
twilio SK{h:32}
stripe sk_live_{b:24}
stripe rk_live_{b:99}
stripe sk_test_51{b:97}
square sq0csp-{u:43}
shopify shpat_{h:32}
plaid access-production-{uuid}
razorpay rzp_live_{b:14}
vault hvs.{b:92}
terraform {b:14}.atlasv1.{b:67}
pulumi pul-{h:40}
doppler dp.pt.{b:43}
grafana glsa_{b:32}_{h:8}
grafana glc_eyJ{b:120}
newrelic NRAK-{U:27}
sentry sntryu_{h:64}
dynatrace dt0c01.{U:24}.{U:64}
airtable pat{b:14}.{h:64}
notion ntn_{d:11}{b:35}
linear lin_api_{b:40}
figma figd_{u:40}
postman PMAK-{h:24}-{h:34}
hubspot pat-na1-{uuid}
facebook EAA{b:160}
asana 1/{d:16}:{h:32}
supabase sbp_{h:40}
planetscale pscale_tkn_{b:43}
tailscale tskey-auth-k{b:10}CNTRL-{b:32}
sonar squ_{h:40}
atlassian ATATT3xFfGF0{u:170}={H:8}
bitbucket ATBB{b:32}
buildkite bkua_{h:40}
launchdarkly sdk-{uuid}
posthog phx_{b:43}
resend re_{b:8}_{b:24}
brevo xkeysib-{h:64}-{b:16}
dropbox sl.{u:135}
flyio fm2_{s:200}
heroku HRKU-AA{u:58}
easypost EZAK{b:54}
duffel duffel_live_{u:43}
prefect pnu_{b:36}
readme rdme_{l:70}
typeform tfp_{b:44}_{b:14}
onepassword A3-{U:6}-{U:6}-{U:5}-{U:5}-{U:5}-{U:5}
"""

_KEYS = (
    "{h:32}",
    "{h:40}",
    "{h:64}",
    "{b:20}",
    "{b:24}",
    "{b:32}",
    "{b:40}",
    "{b:64}",
    "{s:43}=",
    "{u:43}",
    "{l:32}",
    "{uuid}",
)

_KEY_NAMES = """
API_KEY apiKey api_key X-Api-Key access_token accessToken auth_token authToken SECRET_KEY secretKey
client_secret clientSecret ALGOLIA_API_KEY STRIPE_SECRET mailjetSecretKey COHERE_API_KEY mistralApiKey
WANDB_API_KEY DEEPGRAM_API_KEY token bearerToken refresh_token JWT_SECRET jwtSecret ENCRYPTION_KEY
encryptionKey webhook_secret SESSION_SECRET app_secret DD_API_KEY SEGMENT_WRITE_KEY privateKey signing_key
service_token CONSUMER_SECRET subscriptionKey storage_account_key BOT_TOKEN
""".split()

_PASSWORD_NAMES = """
password DB_PASSWORD dbPassword MYSQL_ROOT_PASSWORD postgres_password smtpPassword passwd admin_passwd pwd
SMTP_PASS redis_password spring.datasource.password ftp_password keystorePassword userPassword PGPASSWORD
ldap_bind_password rootPassword sudo_pass
""".split()

_WORDS = """
summer winter dragon monkey coffee purple orange tiger hockey silver garden london berlin madrid rocket
turbo pepper cookie falcon eagle shadow thunder banana ginger sommer winter schatz soleil amour estrella
luna gatto fiore kaffee zebra panda matrix wizard
""".split()


def _fill(shape: str, rng: random.Random) -> str:
    def one(match: re.Match[str]) -> str:
        if match[0] == "{uuid}":
            return "-".join("".join(rng.choice(_ALPHABETS["h"]) for _ in range(n)) for n in (8, 4, 4, 4, 12))
        return "".join(rng.choice(_ALPHABETS[match[1]]) for _ in range(int(match[2])))

    return re.sub(r"\{(?:uuid|(\w):(\d+))\}", one, shape)


def _password(rng: random.Random) -> str:
    word = rng.choice(_WORDS)
    other = rng.choice(_WORDS)
    number = rng.choice(
        (
            str(rng.randrange(10)),
            f"{rng.randrange(100):02d}",
            str(rng.randrange(1960, 2031)),
            str(rng.randrange(1000)),
        )
    )
    sign = rng.choice("!!!@#$%&*?+-_.")
    made = rng.randrange(12)
    if made == 0:
        return word + number
    if made == 1:
        return word.capitalize() + number + sign
    if made == 2:
        return word.capitalize() + sign + number
    if made == 3:
        return (
            word.replace("a", "@").replace("o", "0").replace("e", "3").replace("i", "1").capitalize() + number
        )
    if made == 4:
        return word.capitalize() + other.capitalize() + number
    if made == 5:
        return "-".join((word, other, rng.choice(_WORDS), number))
    if made == 6:
        return sign + word + number + rng.choice("!#$")
    if made == 7:
        letters = string.ascii_letters + string.digits + "!#$%&*+-.?@^_"
        return "".join(rng.choice(letters) for _ in range(rng.randrange(10, 20)))
    if made == 8:
        return "".join(rng.choice(_ALPHABETS["b"]) for _ in range(rng.randrange(8, 17)))
    if made == 9:
        return "".join(rng.choice(_ALPHABETS["l"]) for _ in range(rng.randrange(8, 13)))
    if made == 10:
        return (
            rng.choice(("P@ssw0rd", "Passw0rd", "Qwerty", "Welcome", "Letmein", "Admin"))
            + number
            + rng.choice(("", "!", "#"))
        )
    return word[:4] + number + other[:3].upper() + sign


# ‹› stand around the value; N is the name.
_ASSIGNMENTS = [
    "N=‹›\n",
    "export N=‹›\n",
    'export N="‹›"\n',
    "N = ‹›\n",
    'N = "‹›"\n',
    "N = '‹›'\n",
    "N: ‹›\n",
    '  N: "‹›"\n',
    '"N": "‹›",\n',
    '{"user": "svc", "N": "‹›"}',
    "'N': '‹›',\n",
    "'N' => '‹›',\n",
    ':N => "‹›"',
    'N := "‹›"\n',
    'const N = "‹›";\n',
    "let N: string = '‹›';\n",
    'var N string = "‹›"\n',
    'private static final String N = "‹›";\n',
    'public const string N = "‹›";\n',
    '#define N "‹›"\n',
    "$N = '‹›';\n",
    "define('N', '‹›');\n",
    'os.environ["N"] = "‹›"\n',
    '$env:N = "‹›"\n',
    "set N=‹›\n",
    'setx N "‹›"\n',
    "ENV N=‹›\n",
    "ENV N ‹›\n",
    "<N>‹›</N>\n",
    '<add key="N" value="‹›"/>\n',
    '<property name="N" value="‹›" />',
    '- name: N\n  value: "‹›"\n',
    "- name: N\n  value: ‹›\n",
    '{"name": "N", "value": "‹›"}',
    'client = Client(N="‹›", timeout=30)\n',
    "connect(host='db', N='‹›')\n",
    "-e N=‹› \\\n",
    "tool --N ‹› --verbose\n",
    "tool --N=‹›\n",
    'if (N == "‹›") {\n',
    'config.N = "‹›"\n',
    'config.set("N", "‹›")\n',
    "N=‹›;Database=shop;\n",
    "?N=‹›&page=2",
    "| N | `‹›` |\n",
    "**N:** ‹›\n",
    "N → ‹›\n",
    '\\"N\\": \\"‹›\\"',
    'self.N = "‹›"  # rotate me\n',
    'N="‹›" ./deploy.sh\n',
    "2026-11-24 10:11:12 DEBUG starting with N=‹›\n",
    "; N = ‹›\n",
    "# N=‹›\n",
    "[default]\nN = ‹›\nregion = x\n",
    'val N = "‹›"\n',
    'N <- "‹›"\n',
    "N=‹› # from the vault\n",
    "terraform apply -var 'N=‹›'\n",
    "kubectl create secret generic x --from-literal=N=‹›\n",
]

_PROSE_PASSWORD = [
    "my password is ‹› and it does not work",
    "The password for the staging server is ‹›.",
    "Password: ‹›",
    "pw: ‹›",
    "passwd ‹›\n",
    "Login with user admin and password ‹›",
    'can you log in with password "‹›"?',
    "I changed the password to ‹› yesterday",
    "use the password ‹› for the VPN",
    "Mein Passwort lautet ‹›",
    "Das Passwort ist ‹›, bitte nicht weitergeben",
    "Kennwort: ‹›",
    "mon mot de passe est ‹›",
    "mot de passe : ‹›",
    "Voici le mot de passe: ‹›",
    "mi contraseña es ‹›",
    "la contraseña: ‹›",
    "minha senha é ‹›",
    "senha: ‹›",
    "la mia password è ‹›",
    "mijn wachtwoord is ‹›",
    "mitt lösenord är ‹›",
    "moje hasło to ‹›",
    "мой пароль: ‹›",
    "пароль от почты ‹›",
    "我的密码是‹›",
    "密码：‹›",
    "パスワードは ‹› です",
    "비밀번호: ‹›",
    "şifre: ‹›",
    "user: jsmith\npass: ‹›",
    "credentials: admin / ‹›",
    "creds are admin:‹›",
    "Wifi password = ‹›",
    "default password (‹›) must be changed",
    "password='‹›' did not work for me",
    "The root password was ‹› before the move",
    "PIN and password: ‹›",
]

_PROSE_KEY = [
    "My API key is ‹›, why does it say 401?",
    "here is the token: ‹›",
    "The API key for staging is ‹›.",
    "Use this access token ‹› to test",
    "api key ‹›",
    "I keep getting errors with key `‹›`",
    "Der API-Schlüssel lautet ‹›",
    "ma clé API est ‹›",
    "mi clave de API: ‹›",
    "token=‹›",
    "secret: ‹›",
    "(the secret is ‹›)",
    "credentials token ‹› expired",
    "Set the Authorization token to ‹›",
]

_COMMANDS = [
    "curl -u svc:‹› https://api.example.com/v1",
    'curl --user "svc:‹›" https://api.example.com',
    "mysql -h db -u root -p‹› shop",
    "mysqldump -uroot -p'‹›' shop",
    "PGPASSWORD=‹› psql -h db",
    "sshpass -p '‹›' ssh root@10.0.0.1",
    "redis-cli -h r -a ‹› ping",
    "docker login -u me -p ‹› registry.example.com",
    "wget --password=‹› https://x.example.com/f",
    "psql postgresql://app:‹›@db:5432/app",
    "mongodb+srv://app:‹›@c0.abcd.example.net/test",
    "redis://:‹›@cache:6379/0",
    "amqp://mq:‹›@rabbit:5672/",
    "git clone https://bot:‹›@git.example.com/x.git",
    "mysql://app:‹›@db/shop",
    "app:‹›@tcp(db:3306)/shop",
    "jdbc:mysql://db/shop?user=app&password=‹›",
    "Server=db;Database=shop;User Id=app;Password=‹›;",
    "Data Source=db;Uid=app;Pwd=‹›;",
    "host=db user=app password=‹› dbname=x",
    "machine git.example.com login me password ‹›\n",
    "db.example.com:5432:app:me:‹›\n",
    "ALTER USER app WITH PASSWORD '‹›';",
    "CREATE USER 'app'@'%' IDENTIFIED BY '‹›';",
    "echo 'root:‹›' | chpasswd",
    'requests.get(url, auth=("svc", "‹›"))',
    'ConvertTo-SecureString "‹›" -AsPlainText -Force',
    "requirepass ‹›\n",
    "net use z: \\\\srv\\share /user:me ‹›",
    'smtp.login("me@example.com", "‹›")',
    "ldapsearch -D cn=admin -w ‹› -b dc=x",
    'new NetworkCredential("svc", "‹›")',
    '.withPassword("‹›")',
    'setPassword("‹›")',
]

_HEADERS = [
    "Authorization: Bearer ‹›\n",
    'curl -H "Authorization: Bearer ‹›" https://x.example.com',
    'headers = {"Authorization": "Bearer ‹›"}',
    '"X-Api-Key": "‹›"',
    "-H 'X-API-Key: ‹›'",
    "Authorization: token ‹›",
    "x-auth-token: ‹›",
    "PRIVATE-TOKEN: ‹›",
    "Ocp-Apim-Subscription-Key: ‹›",
]

_NEGATIVES = [
    'password = getpass.getpass("Password: ")',
    "password: str | None = None",
    "PASSWORD=${DB_PASSWORD}",
    'password = os.environ["DB_PASSWORD"]',
    'api_key = "<your api key>"',
    "OPENAI_API_KEY=sk-...",
    'token = tokenizer.encode(text, return_tensors="pt")',
    '"integrity": "sha512-{s:86}=="',
    "commit {h:40}",
    '"resolved": "https://registry.example.org/x/-/x-1.2.3.tgz#{h:40}"',
    "The password must contain at least 8 characters.",
    "Forgot your password? Reset it here.",
    "password is required",
    'secret_name = "projects/x/secrets/db-password/versions/1"',
    'key = "user:{d:6}:profile"',
    "primary_key=True",
    "max_tokens=4096",
    '"token_type": "bearer"',
    "const token = await getToken(user);",
    "if (password !== confirmPassword) {",
    "id: {uuid}",
    "request_id={uuid}",
    'etag: "{h:32}"',
    "sha256:{h:64}",
    '<input type="password" name="password">',
    "data:image/png;base64,iVBORw0KGgo{s:400}",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "postgres://user:password@localhost:5432/db",
    "passwordHash = hash(password)",
    'public_key = "{s:60}"',
    "Authorization: Bearer <token>",
    "Authorization: Bearer ${TOKEN}",
    "password_file=/run/secrets/db",
    "secretKeyRef:\n  name: db\n  key: password",
    "--password-stdin",
    "@Password private String password;",
    "user.password = req.body.password;",
    "ssh-rsa AAAAB3NzaC1yc2E{s:300}",
    "-----BEGIN CERTIFICATE-----\n{s:64}\n{s:64}\n-----END CERTIFICATE-----",
    'cache_key = f"{a:6}_{d:3}"',
    'password: "********"',
    "API_KEY=changeme",
    "token: [REDACTED]",
    '"password": "Enter your password"',
    "md5 {h:32}",
    "key: value",
    "The secret of good code is simplicity.",
    "auth: { type: 'bearer' }",
    'keyboard = "qwerty-us-2024"',
    "color: #{h:6}; background: url(x.png)",
]


def _place(template: str, name: str, value: str, kind: str) -> Labelled:
    template = re.sub(r"\bN\b", lambda _: name, template)
    before, _, after = template.partition("‹›")
    return before + value + after, [(len(before), len(before) + len(value), kind)]


_FRAMES = [
    "{}",
    "{}",
    "Why does this fail?\n\n{}\n\nThanks!",
    "```\n{}\n```",
    "Please review:\n{}\n",
    "# settings\ndebug = true\n{}\nport = 8080\n",
    "Hallo, hier die Datei:\n{}\n",
    "def main():\n    pass\n\n{}\n",
]


def _framed(item: Labelled, rng: random.Random) -> Labelled:
    text, spans = item
    before, _, after = rng.choice(_FRAMES).partition("{}")
    return before + text + after, [
        (start + len(before), end + len(before), kind) for start, end, kind in spans
    ]


def _token(rng: random.Random) -> tuple[str, str]:
    kind, shape = rng.choice(_TOKENS.split("\n")[1:-1]).split(" ", 1)
    return _fill(shape, rng), kind


def _vendor(rng: random.Random) -> Labelled:
    value, kind = _token(rng)
    template = rng.choice(
        _ASSIGNMENTS
        + _PROSE_KEY * 2
        + _HEADERS
        + ["‹›", "see ‹› for it", '("‹›")', "<‹›>", "- ‹›\n", "key,‹›,x"]
    )
    return _place(template, rng.choice(_KEY_NAMES), value, kind)


def _key(rng: random.Random) -> Labelled:
    value = _fill(rng.choice(_KEYS), rng)
    template = rng.choice(_ASSIGNMENTS * 2 + _PROSE_KEY * 2 + _HEADERS * 3)
    return _place(template, rng.choice(_KEY_NAMES), value, "key")


def _pass(rng: random.Random) -> Labelled:
    value = _password(rng)
    template = rng.choice(_ASSIGNMENTS + _PROSE_PASSWORD * 2 + _COMMANDS * 2)
    if "@" in value and "://" in template:
        value = value.replace("@", "a")
    if "://" in template:
        value = re.sub(r"[#?&%]", "x", value)
    return _place(template, rng.choice(_PASSWORD_NAMES), value, "password")


def _block(rng: random.Random) -> Labelled:
    made = rng.randrange(9)
    kind = rng.choice(
        (
            "RSA PRIVATE KEY",
            "PRIVATE KEY",
            "EC PRIVATE KEY",
            "OPENSSH PRIVATE KEY",
            "ENCRYPTED PRIVATE KEY",
            "PGP PRIVATE KEY BLOCK",
        )
    )
    lines = [_fill("{s:64}", rng) for _ in range(rng.randrange(3, 26))] + [_fill("{s:30}==", rng)]
    if made <= 2:
        value = (
            f"-----BEGIN {kind}-----\n"
            + ("\n" if "PGP" in kind else "")
            + "\n".join(lines)
            + f"\n-----END {kind}-----"
        )
        return _place("here is the key:\n‹›\n", "", value, "private_key")
    if made == 3:
        value = f"-----BEGIN {kind}-----\\n" + "\\n".join(lines) + f"\\n-----END {kind}-----\\n"
        return _place(
            '{"type": "service_account", "private_key": "‹›", "client_email": "x@example.com"}',
            "",
            value,
            "private_key",
        )
    if made == 4:
        value = f"-----BEGIN {kind}-----\n" + "\n".join(lines)
        return _place("it stops in the middle:\n‹›\n\nwhat now?", "", value, "private_key")
    if made == 5:
        header = _b64({"alg": rng.choice(("HS256", "RS256", "ES256")), "typ": "JWT"})
        body = _b64({"sub": _fill("{d:8}", rng), "iat": rng.randrange(10**9), "name": _fill("{a:6}", rng)})
        return _place(
            rng.choice(("Authorization: Bearer ‹›", "token: ‹›", '"jwt": "‹›"', "‹›")),
            "",
            f"{header}.{body}.{_fill('{u:43}', rng)}",
            "jwt",
        )
    if made == 6:
        pair = base64.b64encode(f"svc:{_password(rng)}".encode()).decode()
        return _place(
            rng.choice(("Authorization: Basic ‹›", "-H 'Authorization: Basic ‹›'")), "", pair, "basic"
        )
    if made == 7:
        shape = rng.choice(
            (
                "$2b$12${b:53}",
                "$6${b:16}${b:86}",
                "$argon2id$v=19$m=65536,t=3,p=4${b:22}${b:43}",
                "$apr1${b:8}${b:22}",
            )
        )
        return _place(
            rng.choice(("root:‹›:19000:0:99999:7:::", "admin:‹›", "hash ‹› from the dump")),
            "",
            _fill(shape, rng),
            "hash",
        )
    shape, template = rng.choice(
        (
            (
                "{s:86}==",
                "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=‹›;EndpointSuffix=core.windows.net",
            ),
            ("{s:40}", "aws_secret_access_key = ‹›"),
            ("{s:40}", '"SecretAccessKey": "‹›"'),
            ("{t:32}", "otpauth://totp/ACME:me?secret=‹›&issuer=ACME"),
            ("{s:42}g=", "[Interface]\nPrivateKey = ‹›\n"),
            ("T{U:8}/B{U:10}/{b:24}", "https://hooks.slack.com/services/‹›"),
            ("{l:26}", "Cookie: PHPSESSID=‹›; theme=dark"),
            ("{b:43}%3D", "https://x.blob.core.windows.net/c?sv=2024-11-04&sig=‹›"),
        )
    )
    return _place(template, "", _fill(shape, rng), "key")


def _b64(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


def _negative(rng: random.Random) -> Labelled:
    return _fill(rng.choice(_NEGATIVES), rng), []


_MAKERS: tuple[tuple[Callable[[random.Random], Labelled], int], ...] = (
    (_vendor, 30),
    (_key, 20),
    (_pass, 25),
    (_block, 10),
    (_negative, 15),
)


def generate(seed: int, count: int) -> Iterator[Labelled]:
    """``count`` texts, about one in seven without a secret."""
    rng = random.Random(seed)
    makers = [maker for maker, weight in _MAKERS for _ in range(weight)]
    for _ in range(count):
        yield _framed(rng.choice(makers)(rng), rng)
