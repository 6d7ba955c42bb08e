// The page as text: the bar with its switch, the settings for the page's script, and the addresses of the large files.
// Everything that varies is escaped here, and nowhere else.

/** Someone that the page can act as. */
export interface GraphiqlIdentity {
  /** Shown in the switch; unique. */
  readonly name: string;
  /** One short line about what this one may do. */
  readonly description: string;
  /** Sent with every request that the page makes as this one. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface PageOptions {
  readonly endpoint: string;
  readonly title: string;
  readonly firstQuery: string;
  readonly identities: readonly GraphiqlIdentity[];
  /** The folder of the static files, ending in `/`. */
  readonly files: string;
  /** Fresh for each page; the same as in its policy. */
  readonly nonce: string;
}

/** Without identities: the person brings keys. Their headers come from the fields, in the page's script. */
const KEYLESS: readonly Pick<GraphiqlIdentity, 'name' | 'description'>[] = [
  { name: 'public', description: 'No key, not signed in' },
  { name: 'with keys', description: 'Kept in this tab only, gone when it is closed' },
];
const KEY_FIELDS: readonly [header: string, label: string][] = [
  ['x-application-key', 'Application key'],
  ['authorization', 'Bearer token'],
  ['x-master-key', 'Master key'],
];

/**
 * Lets the page load its own two scripts (by nonce) and talk to its own server: nothing else. Images of other servers in
 * the schema's descriptions stay away as well. The editor adds style elements while it runs, hence inline styles.
 */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "worker-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    'font-src data:',
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export function renderPage({ endpoint, title, firstQuery, identities, files, nonce }: PageOptions): string {
  const choices = identities.length > 0 ? identities : KEYLESS;
  const settings = { endpoint, firstQuery, files, identities };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="${escapeHtml(files)}graphiql.css">
<link rel="stylesheet" href="${escapeHtml(files)}page.css">
<script type="application/json" id="settings">${escapeJson(settings)}</script>
<script nonce="${nonce}" defer src="${escapeHtml(files)}graphiql.js"></script>
<script nonce="${nonce}" type="module" src="${escapeHtml(files)}page.js"></script>
</head>
<body>
<header class="graphiql-container act-as">
<strong>${escapeHtml(title)}</strong>
<fieldset class="graphiql-button-group">
<legend>Act as</legend>
${choices.map(renderChoice).join('\n')}
</fieldset>
<div class="act-as-keys" hidden>
${KEY_FIELDS.map(renderKeyField).join('\n')}
</div>
<output class="act-as-description"></output>
</header>
<main id="graphiql"><noscript>GraphiQL needs JavaScript.</noscript></main>
</body>
</html>
`;
}

function renderChoice({ name, description }: Pick<GraphiqlIdentity, 'name' | 'description'>): string {
  const value = escapeHtml(name);
  const hint = escapeHtml(description);
  return `<label class="graphiql-button" title="${hint}"><input type="radio" name="act-as" value="${value}">${value}</label>`;
}

function renderKeyField([header, label]: readonly [string, string]): string {
  // Not type=password: a password manager would offer to keep it.
  return `<input name="${header}" placeholder="${label}" aria-label="${label}" autocomplete="off" spellcheck="false">`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** JSON inside a script element: only `<` can end it, or open a comment in it. */
function escapeJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/** A small table with one row lit. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect x="3" y="4" width="26" height="24" rx="5" fill="#4a5a7d"/><path d="M7 11h18M7 23h18" stroke="#dfe4ee" stroke-width="3" stroke-linecap="round"/><path d="M7 17h18" stroke="#ff5794" stroke-width="4" stroke-linecap="round"/></svg>',
)}`;
