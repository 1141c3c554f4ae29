"""Secrets in the texts that they stand in: found to the character, and nothing where there is none."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import signatures
from sensor.detect.checking import check_examples
from sensor.detect.engine import Engine
from sensor.detect.examples import read_example
from sensor.detect.finding import Candidate, Document
from sensor.detect.loading import DetectorFile, load
from sensor.detect.scanners.secrets import SCANNERS
from sensor.detect.scanners.secrets.judge import Style, judge_key, judge_password, judge_secret
from sensor.detect.scanners.secrets.spans import whole
from sensor.detect.scanners.secrets.tables import MAX_COLUMNS
from sensor.detect.scanners.secrets.verdict import judged_span

FOLDER = Path(signatures.__file__).parent / "detectors" / "secret"


@pytest.fixture(scope="module")
def engine() -> Engine:
    files = [
        DetectorFile(f"secret/{path.name}", path.read_text("utf-8"), path.name)
        for path in FOLDER.glob("*.yaml")
    ]
    return Engine(load(files))


@pytest.mark.slow
def test_every_detector_keeps_its_examples(engine: Engine) -> None:
    assert list(map(str, check_examples(engine, engine.detectors))) == []
    assert len(engine.detectors) >= 250
    assert all(detector.examples and detector.counter_examples for detector in engine.detectors.values())


FOUND = r"""
const password = "«hunter2»";
let apiToken: string = '«{{b62:32}}»';
var dbPassword string = "«Zx9kqq12»"
password := `«Zx9kqq12»`
'password' => '«Zx9kqq12»',
\"password\": \"«Zx9kqq12»\"
&quot;password&quot;: &quot;«Zx9kqq12»&quot;
os.environ["DB_PASSWORD"] = "«Zx9kqq12»"
DB_PASSWORD=«Zx9kqq12»
export DB_PASSWORD=«Zx9;kq,q12»
ENV DB_PASS «Zx9kqq12»
password = «OrangeWizard920»
Wifi password = «OrangeWizard920»
password = "«OrangeWizard9»"
password = "«Basic-12»"
password = "«summer-winter1»"
password = "«.berlin1$»"
Server=db;User Id=app;Password=«eagle75»;
host=db user=app password=«Wizard30-» dbname=x
?user=x&password=«eagle75»&page=2
<password>«Zx9kqq12»</password>
<password><![CDATA[«Zx9kqq12»]]></password>
<add key="Password" value="«Zx9kqq12»"/>
{"name": "DB_PASSWORD", "value": "«Zx9kqq12»"}
- name: DB_PASSWORD¶  value: "«Zx9kqq12»"
- name: API_TOKEN¶  value: «{{b62:32}}»
config.set("password", "«Zx9kqq12»")
setPassword("«Zx9kqq12»")
tool --password «Zx9kqq12» --verbose
tool --password «sunflower»
tool --password="«Zx9kqq12»"
Connect-Thing -Password «Zx9kqq12»
machine git.example.com login ann password «Zx9kqq12»
requirepass «Zx9kqq12»
ALTER USER app WITH PASSWORD '«Zx9kqq12»';
CREATE USER 'app'@'%' IDENTIFIED BY '«Zx9kqq12»';
| DB password | «Zx9-kqq!12» |
**Password:** «Letmein0»
x¶PIN and password: «dragon-kaffee-berlin-6»
password → «berlin-matrix-banana-6»
use the password «soleil477» for it
$env:encryptionKey = "«2b582f0e-99fb-e80d-e2a4-84e29a1123aa»"
ENV WRITE_KEY «737df7d0-d30c-8cdd-b83a-90df6816de11»
- name: pwd¶  value: "«#luna2020#»"
wget --password=«W.kLvrzfkTJ4Yw4L» https://x
my password is «sunflower»
My password is «hunter2», and it does not work
the wifi password is «sunflower»
the password for the staging server is «Falcon-2».
default password («Admin2013#») must be changed
use the password "«panda45»" for it
password: «correct7-horse8»
passphrase = "«correct horse battery staple»"
secret = "«blue 7horse under table»"
"password": "«letmein»"
"password": "«xkvqzpw»"
"password": "«QwErTzUiOp»"
"password": "«12345678»"
my pin is «4821»
Kennwort: «Sommer2026!»
mot de passe : «coffee-tiger-gatto-9»
la contraseña es «Gato2026!»
пароль: «winter-luna-orange-2028»
пароль от почты «M@dr1d2021»
我的密码是«Zx9kqq12»
密码：«Zx9kqq12»
user,password¶bob,«hunter2!x»¶ann,«Sommer2026»
id;login;password;mail¶1;bob;«Zx9kqq12»;b@x¶2;ann;«sunf1ower»;a@x
| User | Password |¶|------|----------|¶| bob | «hunter2!x» |¶| ann | **`«Zx9kqq12»`** |
"user","password"¶"bob","«hunter2!x»"
name,user_password,role¶bob,«91827364»,admin
Password:¶«hunter2!x»
Username: bob¶Password:¶«Zx9kqq12»¶
Password¶«Zx9-kqq!12»
**Password:**¶¶`«Zx9kqq12»`
Hasło:¶«Zx9kqq12»
Hasło: «xKqvZrWpM»
hasło do wifi to «Kotek2026!»
_«ghp_{{b62:36}}»_
x«ghp_{{b62:36}}»
_«xoxb-123456789012-1234567890123-{{b62:24}}»_
_«sk_live_{{b62:24}}»_
{'kty': 'EC', 'crv': 'P-256', 'd': '«{{b64url:43}}»'}
{\"kty\":\"EC\",\"d\":\"«{{b64url:43}}»\"}
{"n":"{{b64url:342}}","d":"«{{b64url:342}}»","p":"«{{b64url:171}}»","q":"«{{b64url:171}}»","kty":"RSA"}
key = br"«Ab3{{b62:29}}»"
{{upper:0}}curl -u svc:«!fiore1x» https://example.com
curl --user "svc:«Zx9kqq12»" https://example.com
requests.get(url, auth=("svc", "«Zx9kqq12»"))
credentials: admin / «Zx9kqq12»
mysql -h db -u root -p«Zx9kqq12» shop
sshpass -p '«rock98TIG&»' ssh host
sshpass -p "«rock98TIG&»" ssh host
zip -P «Zx9kqq12» a.zip b
echo 'root:«$summer8#»' | chpasswd
openssl rsa -passin pass:«Zx9kqq12»
<key>API_KEY</key>¶  <string>«{{b62:32}}»</string>
jwt.sign(payload, '«{{b62:32}}»')
api_key = "«{{b62:32}}»"
api_key = «{{hex:32}}»
snyk_token = «0f8fad5b-d9cb-469f-a165-70867728950e»
The API key for staging is «{{hex:32}}», not the other
clave de API: «9156484d-6a30-4424-e78b-a86c443ffdb8»
key: "«Ab3{{b62:29}}»"
cohere: "«Ab3{{b62:37}}»"
wandb login «0f{{hex:38}}»
client_secret = "«Zx9-kqq!12»"
Authorization: Bearer «{{b62:40}}»
Authorization: «{{b62:36}}9abc»
bearer «{{b62:40}}»
Authorization: Basic «dGVhbTpTM2N1cmUtUGFzczIwMjY=»
"Basic «dGVhbTpTM2N1cmUtUGFzczIwMjY=»"
Authorization: Bearer «eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.{{b64url:43}}»
Cookie: theme=darkmode1; session=«{{b62:40}}»; a=b
sessionid=«{{lowerdigit:31}}9»
postgres://app:«sunflowers»@db.example.com/app
postgres://app:«p@ss9word»@db.example.com/app
https://bot:«Zx9kqq12»@git.example.com/x.git
app:«Zx9kqq12»@tcp(db:3306)/shop
aws_secret_access_key = «Ab3{{b64:36}}z»
aws_secret_access_key=«Ab3{{b64:36}}z»
«AKIAQ2W3E4R5T6Y7U2I3» k2j4h5g6f7d8s9a0q1w2e3r4t5y6u7i8o9p0z1x2
jwt «eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0»
"«eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..{{b64url:16}}.{{b64url:60}}.{{b64url:22}}»"
"client-key-data": "«LS0tLS1CRUdJTiBSU0Eg{{b64:200}}»" $ANSIBLE_VAULT;1.1;AES256\n«{{hex:80}}\n{{hex:20}}»
"""

BLOCKS = (
    "«-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,{{HEX:32}}\n\n"
    "{{b64:64}}\n{{b64:64}}\na9{{b64:20}}=»",
    '«-----BEGIN PRIVATE KEY-----\\n{{b64:64}}\\n{{b64:64}}\\n-----END PRIVATE KEY-----\\n»", "x": 1',
    "Private-Lines: 2\n«{{b64:64}}\n{{b64:24}}»\nPrivate-MAC: {{hex:64}}",
    "Private-Lines: 2\\n«{{b64:64}}\\n{{b64:24}}»\\nPrivate-MAC: {{hex:64}}",
    "kind: Secret\nmetadata: {}\nstringData:\n  user: «admin2026»\n\n  pass: «S3cure!»\n  other: ${X}\n---\n"
    "kind: Secret\ndata:\n  a: «YWRtaW4y»\n  b: nobase64!\n",
)


def texts(table: str) -> list[str]:
    return [line.replace("¶", "\n").replace("{{upper:0}}", "") for line in table.strip("\n").split("\n")]


@pytest.mark.slow
@pytest.mark.parametrize("text", [*texts(FOUND), *BLOCKS])
def test_found_to_the_character(engine: Engine, text: str) -> None:
    example = read_example(text, "t")
    found = [(finding.start, finding.end) for finding in engine.scan(example.text, views=False)]
    assert found == list(example.spans)


NOTHING = r"""
password = getpass.getpass("Password: ")
password: str | None = None
password = user.password
password = self.password
password = "<your password>"
password = "Enter your password"
"password": "Password"
password = password
password = "new_password_2"
password = "utf-8"
password = "************"
password = a[0]
password: typing.Optional[bytes]
password: t.Optional[t.Union[str, bytes]]
    password: "Optional[str]" = None
def login(user: str, password: typing.Optional[bytes], timeout: int) -> None
    pub password: Option<String>,
    pub password: std::string::String,
password: str|None
const char *password;
char password[64];
  password: varchar(64)
password_encryption = scram-sha-256
password: SCRAM-SHA-512
host all all 0.0.0.0/0 password scram-sha-256
password: caching_sha2_password
password = "hmac-sha256"
Password: chacha20-poly1305
Hasło musi mieć co najmniej 8 znaków.
Nie pamiętasz hasła? Hasło zresetujesz w Panelu.
Hasło nie może być takie samo jak login123 lub e-mail.
Kennwort muss 12-stellig sein
mot de passe oublié ? Cliquez-ici
Mi contraseña es incorrecta
A jelszó legalább 8karakter
şifre: zorunlu
password:¶  required: true
password:¶  secretKeyRef:
Password:¶Username:
if not password:¶    return1()
x = f(1, 2, 3, password:¶Zx9kqq12
Password¶Confirm-password
"password":¶  "string"
| option | password |¶|---|---|¶| a | required |¶| b | of this 1 |
field,password,type¶a,string,required¶b,optional,none
username,password¶<user>,<password>
a,b,c,d,e,f 1 password
{"d": "{{b64url:43}}"}, {"kty": "EC"}
{"kty":"EC","d":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
key number: 1abcdefgh2x
The raw API is provided in `pypdfium2.internal`
Deutscher Pass: C8501493
&lt;code&gt;passphrase: &#x3C;string&gt;
x.test_check_password_calls_runtime = _OMIT
password = "main_level_2"
file:!0,password:!0,image:!0})b.pseudos[e]=1
--encrypt-password --resume-from --settings
"MYSQL_NATIVE_PASSWORD", "MYSQL_CACHING_SHA2_PASSWORD"
cvs://:pserver:anoncvs@cvs.example.com/x
SessionToken: IQoJb3JpZ2luX2VjEOzEXAMPLE{{b62:60}}
ENV db_password ab
connect(password=user2name, timeout=3)
password = "auth-form-1"
ftp://a:%x1y2z3@h/
sign_password.encode('latin1')
get_password("db_main_1")
password_file = /run/secrets/db
password_file = "db-main-1.txt"
PASSWORD=${DB_PASSWORD}
PASSWORD=$DB_PASSWORD
--password-stdin
--password options can be used instead
The password is required.
the password is wrong
the password was echoed
their password is stored
my password is expired
the user and password are sent to host
<password></password>
<password>required</password>
{"name": "password", "type": "string"}
["username", "password", "email"]
HTTPPasswordMgr", "urllib2"
arn:aws:secretsmanager:eu-west-1:123456789012:secret:MyTestSecret-a1b2c3
"AWS::KMS::Key": "2b447c471bc70388"
"AWS::SecretsManager::Secret": "c85175a4ebcce361"
The secret of good code is simplicity.
secret_name = "db-main-1"
client_secret = client.secret
"nextToken": "nextTokenValue"
"ClientToken": "d5c090f5-8a0f-49c7-8281-72c796a21f72"
key = "9c090f58-8a0f-49c7-8281-72c796a21f72"
key = "48c67f3c63bb4f92a98a4ee0fbc2bef6"
cache_key = "{{hex:32}}"
public_key = "{{b64:60}}"
api_key = "v1.2.3-beta"
api_key = "path/to/the/key1.pem"
api_key = "sha256-{{b64:43}}"
token = tokenizer1.encode(text)
token = tokens2[index]
signing key 19882D92DDA4C400C22C0D56CC2AF4472167BE03
key: user_settings_page_2
"token": "identifier_of_this_1"
mailchimp = subscribers.list.of.names.1
credentials: see / below
curl -u user:password https://x
auth=("user", "password")
Authorization: Bearer <token>
Authorization: Bearer ${TOKEN}
Authorization: Bearer authentication-scheme
Authorization: Basic realm="x"
Authorization: Basic dXNlcjpwYXNzd29yZA==
"Bearer 1234567812345678"
Cookie: theme=darkmode1; lang=en
sessionid=get_session_identifier
postgres://user:password@localhost/db
postgres://app:app@localhost/db
https://user:secret@host/
https://${USER}:${PASS}@host/
ftp://a:[x]@host/
ftp://a:1234@host/
http://host:8080/path@x
user:password@tcp(db:3306)/x
x{y@tcp(db)
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
eyJmb28iOiJiYXIifQ.eyJmb28iOiJiYXIifQ.{{b64url:43}}
-----BEGIN PRIVATE KEY-----¶...¶-----END PRIVATE KEY-----
-----BEGIN PRIVATE KEY-----¶and so on
-----END PRIVATE KEY-----
Private-Lines: none
Private-Lines: 2¶abc¶
kind: SecretStore¶data:¶  a: YWRtaW4y
kind: Secret¶metadata:¶  name: x
$ANSIBLE_VAULT;1.1;AES256 is how it begins
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
"""


@pytest.mark.slow
@pytest.mark.parametrize("text", texts(NOTHING))
def test_nothing_where_there_is_none(engine: Engine, text: str) -> None:
    example = read_example(text, "n")
    assert engine.scan(example.text, views=False) == ()


@pytest.mark.slow
def test_reasons_hold_nothing_of_the_value(engine: Engine) -> None:
    for text in [*texts(FOUND), *BLOCKS]:
        example = read_example(text, "t")
        for finding in engine.scan(example.text, views=False):
            value = example.text[finding.start : finding.end]
            assert not any(value in reason for reason in finding.reasons)


@pytest.mark.parametrize(
    ("scanner", "text", "hits"),
    [
        ("key_block", "no key here", [("pem", 8)]),
        ("key_block", "Private-Lines: x", [("ppk", 16)]),
        ("key_block", "!!", [("der", 1)]),
        ("key_block", "nothing", [("jwk", 5)]),
        ("key_block", '"kty" "x":"' + "a1B2" * 12, [("jwk", 51)]),
        ("key_block", "nothing", [("ansible", 3), ("k8s", 5)]),
        ("long_token", "nothing at all", [("jwt", 7), ("long", 9)]),
        ("long_token", "x ya29." + "a" * 40, [("long", 8)]),
        ("http_header", "Authorization: none", [("auth", 19)]),
        ("http_header", "a" * 20 + "=b", [("cookie", 22)]),
        ("http_header", "=" + "x" * 12, [("cookie", 13)]),
        ("url_password", "no url@", [("url", 7)]),
        ("url_password", "nothing(", [("url", 8)]),
        ("aws_secret", "nothing here", [("aws", 5), ("pair", 7)]),
        ("assignment", "nothing here", [("value", 5), ("name", 7), ("pass", 3), ("vendor", 4), ("word", 6)]),
        (
            "assignment",
            "nothing here",
            [("flag", 5), ("chpasswd", 7), ("plist", 3), ("call", 9), ("pair", 6)],
        ),
        ("assignment", "", [("value", 0)]),
        ("assignment", "   ", [("pair", 3), ("call", 3)]),
    ],
)
def test_a_hit_that_leads_nowhere(scanner: str, text: str, hits: list[tuple[str, int]]) -> None:
    assert list(SCANNERS[scanner](Document(text.encode()), hits)) == []


TAGS = {
    "assignment": ("pass", "word", "name", "value", "vendor", "pair", "call", "plist", "chpasswd", "flag"),
    "aws_secret": ("aws", "pair"),
    "http_header": ("auth", "cookie", "cookies"),
    "key_block": ("pem", "ppk", "der", "p12", "ansible", "jwk", "k8s"),
    "long_token": ("jwt", "long"),
    "url_password": ("url",),
}
PIECES = (
    "password", " = ", '"', "hunter2", "\n", "secret", ": ", "-----BEGIN PRIVATE KEY-----", "://", "@",
    "eyJhbGciOiJIUzI1NiJ9", ".", "A1b2C3d4E5f6", "--", "kind: Secret", "data:", "Cookie: ", "=", "é", "密码",
    "\\n", "(", ")", "|", "aws", "login", " is ", "\x00",
)  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=30), st.randoms())
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=150)
def test_any_bytes_and_any_hits_give_spans_inside(pieces: list[str], rng: random.Random) -> None:
    """
    Whatever the gate says: candidates lie inside, in whole UTF-8 characters, and scores between 0 and 1.
    """
    data = "".join(pieces).encode("utf-8", "surrogatepass")
    ends = sorted(rng.randrange(1, len(data) + 1) for _ in range(min(12, len(data))))
    for name, tags in TAGS.items():
        for candidate in SCANNERS[name](Document(data), [(rng.choice(tags), end) for end in ends]):
            assert 0 <= candidate.start < candidate.end <= len(data)
            assert 0 < candidate.score <= 1
            data[candidate.start : candidate.end].decode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    ("value", "name", "style", "is_one"),
    [
        (b"\xff\xfe12", b"password", Style.QUOTED, False),
        (b"abc", b"password", Style.QUOTED, False),
        (b"ab\x001234", b"password", Style.QUOTED, False),
        (b"a b c d e f g h i j1", b"password", Style.QUOTED, False),
        (b"one two three", b"label", Style.QUOTED, False),
        (b"What is this 1a?", b"password", Style.QUOTED, False),
        (b"1234", b"password", Style.BARE, False),
        (b"!?#-", b"password", Style.QUOTED, False),
        (b"sunshine", b"password", Style.BARE, False),
        (b"gr\xc3\xbcnes", b"password", Style.QUOTED, False),
        (b"abcd!efgh", b"password", Style.DIRECT, False),
        (b"abc12", b"password", Style.DIRECT, False),
        (b"xkq!zpw", b"password", Style.BARE, True),
        (b"Zq12", b"password", Style.QUOTED, True),
        (b"k9Xv-2Lm4!", b"password", Style.DIRECT, True),
        (b"aa-bb-cc9", b"password", Style.DIRECT, True),
        (b"auth-level-1", b"password", Style.QUOTED, False),
        (b"level-1", b"password", Style.QUOTED, False),
        (b"main_level_2", b"password", Style.QUOTED, False),
    ],
)
def test_passwords_by_how_they_are_written(value: bytes, name: bytes, style: Style, is_one: bool) -> None:
    assert (judge_password(value, name, style, b"") is not None) is is_one


def test_keys_by_their_names() -> None:
    value = b"Ab3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY"
    assert judge_key(value, b"api_key", b"", True) is not None
    assert judge_key(value, b"", b"", True) is None
    assert judge_key(value, b"thing", b"", True) is None
    assert judge_key(b"Ab3dE5fG7hJ9", b"api_key", b"", False) is None
    assert judge_key(b"Ab3dE5fG7hJ9", b"api_key", b"", True) is not None
    assert judge_key(b"Ab3d.E5fG7hJ9kL1mN3password", b"api_key", b"", False) is None
    assert judge_secret(b"Zx9-kqq!12", b"client_secret", Style.QUOTED) is not None
    assert judge_secret(b"blue7-horse", b"auth_token", Style.QUOTED) is None
    assert judge_secret(b"hunter2", b"client_secret", Style.BARE) is None


def test_many_values_of_one_manifest_are_bounded() -> None:
    text = "kind: Secret\nstringData:\n" + "".join(f"  k{n}: v4lue{n:02d}x\n" for n in range(80))
    assert len(list(SCANNERS["key_block"](Document(text.encode()), [("k8s", 12)]))) == 64


def test_one_token_is_one_candidate_however_often_it_is_hit() -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.Ab3dE5fG7hJ9kL1mN3pQ5rS7"
    found = list(SCANNERS["long_token"](Document(token.encode()), [("jwt", 24), ("jwt", 40)]))
    assert [(candidate.start, candidate.end) for candidate in found] == [(0, len(token))]
    later = "x" * 30 + " ya29.Ab3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xYz"
    assert list(SCANNERS["long_token"](Document(later.encode()), [("long", 4)])) == []


def test_a_header_of_a_table_is_read_once() -> None:
    """Lines below it are rows, however often they say password; four columns of a short one are read."""
    rows = "".join(f"Zx9kqq{n},password\n" for n in range(10, 30))
    text = "password,note\n" + rows
    hits = [("pass", at + 5) for at in range(len(text)) if text.startswith("password", at)]
    found = [text[c.start : c.end] for c in SCANNERS["assignment"](Document(text.encode()), hits)]
    assert found == [f"Zx9kqq{n}" for n in range(10, 30)]
    text = (
        ",".join(f"password{n}" for n in range(6)) + "\n" + ",".join(f"Zx9kqq1{n}" for n in range(6)) + "\n"
    )
    hits = [("pass", at + 5) for at in range(len(text)) if text.startswith("password", at)]
    assert len(list(SCANNERS["assignment"](Document(text.encode()), hits))) == MAX_COLUMNS
    text = "a," * 600 + "password\n" + "b," * 600 + "Zx9kqq12\n"
    assert not list(SCANNERS["assignment"](Document(text.encode()), [("pass", 1205)]))
    text = "password," + "b," * 600 + "\nZx9kqq12," + "b," * 600 + "\n"
    assert not list(SCANNERS["assignment"](Document(text.encode()), [("pass", 5)]))


WORST = (
    "password=", "password: ", "password1=passwd2=", "password ", "password-", "secret=", "secretsecret=",
    "--token=a", "password,user\n", "|password|user|\n", "password:\nx1y2z3!\n", "hasło ",
    "api_key=1abcdefg_", "login machine user password ",
)  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("word", WORST)
def test_the_worst_text_costs_seconds_a_megabyte(engine: Engine, word: str) -> None:
    """A trigger word over and over: measured 1 to 2.4 s a megabyte, where 42 s were; ten times that fails."""
    text = word * (20_000 // len(word))
    engine.scan(text, views=False)
    began = time.process_time()
    engine.scan(text, views=False)
    assert time.process_time() - began < 0.5


def test_a_header_is_read_where_it_was_hit() -> None:
    text = b"Authorization: Bearer abcdef12 and then Authorization: Bearer Ab3dE5fG7hJ9kL1m"
    (found,) = SCANNERS["http_header"](Document(text), [("auth", len(text) - 8)])
    assert text[found.start : found.end] == b"Ab3dE5fG7hJ9kL1m"


@pytest.mark.parametrize(
    ("start", "end", "span"), [(0, 1, (0, 1)), (1, 3, (1, 3)), (2, 4, (1, 6)), (4, 6, (3, 6))]
)
def test_spans_grow_to_whole_characters(start: int, end: int, span: tuple[int, int]) -> None:
    data = "aé€".encode()
    grown = whole(data, Candidate(start, end, "secret.x", 1.0, False, ()))
    assert (grown.start, grown.end) == span


def test_a_name_again_is_read_where_its_own_value_stands() -> None:
    data = b"password=password=hunter2!x"
    assert judged_span(data, 9, len(data), b"password", Style.ENV, len(data)) is None
    found = judged_span(data, 18, len(data), b"password", Style.ENV, len(data))
    assert found is not None and (found.start, found.end) == (18, 27)
