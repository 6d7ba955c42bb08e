// What runs in the browser: GraphiQL with a fetcher of our own, and the switch that decides whose headers it sends.
// Plain JavaScript as text, so that it reaches the browser the same from the sources and from the bundle.

export const PAGE_SCRIPT = String.raw`
const { React, YogaGraphiQL } = globalThis;
const settings = readSettings(document);
const bar = document.querySelector('.act-as');
const keys = bar.querySelector('.act-as-keys');
const place = 'tablecast ' + settings.endpoint;
const remembered = JSON.parse(sessionStorage.getItem(place) ?? '{}');
let requests = 0;

function readSettings(page) {
  return JSON.parse(page.getElementById('settings').textContent);
}

// Whose headers to send.

function chosen() {
  return bar.querySelector('[name=act-as]:checked').value;
}

function identityHeaders() {
  const given = settings.identities.find(({ name }) => name === chosen());
  if (given) return given.headers;
  const own = {};
  if (chosen() === 'public') return own;
  for (const { name, value } of keys.children) {
    const key = value.trim();
    if (key) own[name] = name === 'authorization' ? 'Bearer ' + key.replace(/^bearer\s+/i, '') : key;
  }
  return own;
}

function showChoice() {
  const choice = bar.querySelector('[name=act-as]:checked').parentElement;
  bar.querySelector('.act-as-description').textContent = choice.title;
  keys.hidden = settings.identities.length > 0 || chosen() === 'public';
}

function remember() {
  const own = Object.fromEntries(Array.from(keys.children, ({ name, value }) => [name, value]));
  sessionStorage.setItem(place, JSON.stringify({ actAs: chosen(), keys: own }));
}

bar.addEventListener('change', () => {
  showChoice();
  remember();
  refetchSchema();
});

const radios = [...bar.querySelectorAll('[name=act-as]')];
const first = settings.identities.length > 0 ? (radios[1] ?? radios[0]) : radios[0];
(radios.find(({ value }) => value === remembered.actAs) ?? first).checked = true;
for (const field of keys.children) field.value = remembered.keys?.[field.name] ?? '';
showChoice();

// The schema differs by identity. GraphiQL fetches it again on its shortcut Shift-Ctrl-R, even while it is fetching.
// Should a version of it not do so, the page is loaded again: the editor's text and the choice outlive that.

function refetchSchema() {
  const before = requests;
  window.dispatchEvent(new KeyboardEvent('keydown', { key: 'R', ctrlKey: true, shiftKey: true }));
  if (before > 0 && requests === before) location.reload();
}

// Requests.

function fetcher(params, options) {
  requests += 1;
  return isSubscription(params) ? subscribe(params, options?.headers) : ask(params, options?.headers);
}

// By the text, since GraphiQL's own idea of it may be of a moment ago. Without texts, comments and what is in braces or
// parentheses, the heads of its definitions are left.
function isSubscription({ query, operationName }) {
  let heads = query.replace(/"""[^]*?"""|"(\\.|[^"\\])*"|#.*/g, '');
  for (let all = ''; all !== heads; ) {
    all = heads;
    heads = all.replace(/\{[^{}]*\}|\([^()]*\)/g, ';');
  }
  const operations = [...heads.matchAll(/\b(query|mutation|subscription)\b *(\w*)/g)];
  const asked = operations.find(([, , name]) => name === operationName) ?? operations[0];
  return asked?.[1] === 'subscription';
}

async function ask(params, written) {
  return readJson(await send(params, written, 'application/graphql-response+json, application/json;q=0.9'));
}

async function readJson(response) {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(response.status + ' ' + response.statusText + ', and not JSON: ' + text.slice(0, 500));
  }
}

// As an event stream, which takes the same headers as everything else. GraphiQL's stop button calls "return", which a
// generator alone would hear only at its next answer.
function subscribe(params, written) {
  const leaving = new AbortController();
  const answers = answersOf(params, written, leaving.signal);
  return {
    next: () => answers.next(),
    return() {
      leaving.abort();
      return answers.return();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* answersOf(params, written, signal) {
  try {
    const response = await send(params, written, 'text/event-stream', signal);
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
      yield await readJson(response);
      return;
    }
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const events = (text + part.value).split('\n\n');
      text = events.pop();
      for (const event of events) {
        if (event.startsWith('event: complete')) return;
        const data = event.split('\ndata: ')[1];
        if (data) yield JSON.parse(data);
      }
    }
    throw new Error('The service has ended the stream: run it again.');
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function send(params, written, accept, signal) {
  const response = await post(params, written, accept, signal);
  return response.status === 401 && (await renewIdentities()) ? post(params, written, accept, signal) : response;
}

function post(params, written, accept, signal) {
  const headers = new Headers(identityHeaders());
  headers.set('content-type', 'application/json');
  headers.set('accept', accept);
  for (const [name, value] of Object.entries(written ?? {})) headers.set(name, value);
  const body = JSON.stringify(params);
  return fetch(settings.endpoint, { method: 'POST', headers, body, credentials: 'same-origin', signal });
}

// A given token expires while the page stays open; a new page has a new one. 401 says that nothing was carried out.
async function renewIdentities() {
  const signedIn = Object.keys(identityHeaders()).some((name) => name.toLowerCase() === 'authorization');
  if (!signedIn || settings.identities.length === 0) return false;
  const page = await fetch(settings.endpoint, { headers: { accept: 'text/html' } });
  if (!page.ok) return false;
  const { identities } = readSettings(new DOMParser().parseFromString(await page.text(), 'text/html'));
  if (!identities.some(({ name }) => name === chosen())) return false;
  settings.identities = identities;
  return true;
}

// GraphiQL.

globalThis.MonacoEnvironment = {
  globalAPI: false,
  getWorker: (_, label) => new Worker(settings.files + label + '.js', { name: label }),
};

// Of one origin, yet of each endpoint its own: the app's tabs have no place on the admin page.
const storage = {
  getItem: (key) => localStorage.getItem(place + ' ' + key),
  setItem: (key, value) => localStorage.setItem(place + ' ' + key, value),
  removeItem: (key) => localStorage.removeItem(place + ' ' + key),
  clear: () => kept().forEach((key) => localStorage.removeItem(key)),
  get length() {
    return kept().length;
  },
};
function kept() {
  return Object.keys(localStorage).filter((key) => key.startsWith(place + ' '));
}
// GraphiQL keeps a query only once it was edited, and opens a second, empty tab on a reload before that.
if (storage.length === 0) storage.setItem('graphiql:query', settings.firstQuery);

const wordmark = React.createElement('span', null, 'Graph', React.createElement('em', null, 'i'), 'QL');
YogaGraphiQL.renderYogaGraphiQL(document.getElementById('graphiql'), {
  fetcher,
  storage,
  defaultQuery: settings.firstQuery,
  shouldPersistHeaders: false,
  onEditQuery: () => undefined, // its own would copy every edit into the address
  logo: React.createElement(React.Fragment),
  title: wordmark,
});
`;
