// Which modules of Node a script may import. The others are refused where Deno resolves names: a few of them need no
// permission and would still hand out the process, its output, or a fresh set of unfrozen globals.

export const GRANTED_MODULES: readonly string[] = [
  'assert',
  'assert/strict',
  'buffer',
  'crypto',
  'events',
  'path',
  'path/posix',
  'path/win32',
  'punycode',
  'querystring',
  'string_decoder',
  'url',
  'util',
  'util/types',
];

/** Everything else that Deno knows under `node:`. A test holds this to the program that is installed. */
export const REFUSED_MODULES: readonly string[] = [
  '_http_agent',
  '_http_client',
  '_http_common',
  '_http_incoming',
  '_http_outgoing',
  '_http_server',
  '_stream_duplex',
  '_stream_passthrough',
  '_stream_readable',
  '_stream_transform',
  '_stream_wrap',
  '_stream_writable',
  '_tls_common',
  '_tls_wrap',
  'async_hooks',
  'child_process',
  'cluster',
  'console',
  'constants',
  'dgram',
  'diagnostics_channel',
  'dns',
  'dns/promises',
  'domain',
  'fs',
  'fs/promises',
  'http',
  'http2',
  'https',
  'inspector',
  'inspector/promises',
  'module',
  'net',
  'os',
  'perf_hooks',
  'process',
  'quic',
  'readline',
  'readline/promises',
  'repl',
  'sea',
  'sqlite',
  'stream',
  'stream/consumers',
  'stream/iter',
  'stream/promises',
  'stream/web',
  'sys',
  'test',
  'test/reporters',
  'timers',
  'timers/promises',
  'tls',
  'trace_events',
  'tty',
  'v8',
  'vm',
  'wasi',
  'worker_threads',
  'zlib',
];

/** What the runtime itself needs of them. */
const OF_THE_RUNTIME: readonly string[] = ['async_hooks'];

/** Deno's import map. `runtimeFolder` is the URL of the folder of the runtime's file, with a slash at its end. */
export function importMap(runtimeFolder: string): string {
  const imports = Object.fromEntries(REFUSED_MODULES.map((name) => [`node:${name}`, `refused:${name}`]));
  const own = Object.fromEntries(OF_THE_RUNTIME.map((name) => [`node:${name}`, `node:${name}`]));
  return JSON.stringify({ imports, scopes: { [runtimeFolder]: own } });
}
