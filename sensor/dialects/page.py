"""
The page that a browser shows where a request was refused.

One file without scripts, images or any outside request; light and dark by the browser's own setting. Every
value that comes from a policy or a request is escaped.
"""

from __future__ import annotations

from html import escape

__all__ = ["render_page"]

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Not allowed by your organisation</title>
<style>
:root {{ --paper: #f6f5f2; --card: #fff; --ink: #1d1f23; --soft: #5b606b; --line: #dedcd5; --mark: #a3480f; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --paper: #16181c; --card: #1f2227; --ink: #ececea; --soft: #a3a8b2; --line: #363a42;
    --mark: #f0a36b; }}
}}
* {{ box-sizing: border-box; }}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px;
  background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }}
main {{ max-width: 36rem; width: 100%; background: var(--card); border: 1px solid var(--line);
  border-top: 4px solid var(--mark); border-radius: 8px; padding: 28px 32px; }}
h1 {{ font-size: 1.35rem; line-height: 1.3; margin: 0 0 12px; }}
p {{ margin: 0 0 16px; overflow-wrap: anywhere; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: 6px 16px; margin: 0 0 20px;
  padding: 14px 0; border: solid var(--line); border-width: 1px 0; }}
dt {{ color: var(--soft); }}
dd {{ margin: 0; overflow-wrap: anywhere; }}
ul {{ margin: 0; padding-left: 1.2rem; color: var(--soft); }}
</style>
</head>
<body>
<main>
<h1>Your organisation does not allow this here</h1>
<p>{message}</p>
<dl>
{facts}
</dl>
<ul>
<li>Nothing that you typed or uploaded was sent.</li>
<li>If you need this for your work, ask the team that runs this network for an exception and give them the
rule above.</li>
</ul>
</main>
</body>
</html>
"""


def render_page(message: str, *, rule: str | None, host: str | None) -> str:
    """The refusal page as HTML. ``message`` is the policy's; ``rule`` and ``host`` are told where known."""
    facts = [
        ("Site", host),
        ("Rule", rule or "the policy's default"),
        ("Decided by", "Gnomon, the proxy of this network"),
    ]
    rows = "\n".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts if value)
    text = escape(message.strip() or "Your organisation's policy does not allow this.")
    return _PAGE.format(message=text, facts=rows)
