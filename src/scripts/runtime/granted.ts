// The modules of Node that scripts may import, loaded and warmed up before the world is frozen: some of them put themselves
// together when they are first used, which they could not do any more.

import * as assert from 'node:assert';
import * as assertStrict from 'node:assert/strict';
import * as buffer from 'node:buffer';
import * as crypto from 'node:crypto';
import * as events from 'node:events';
import * as path from 'node:path';
import * as querystring from 'node:querystring';
import * as stringDecoder from 'node:string_decoder';
import * as url from 'node:url';
import * as util from 'node:util';

const KEY = new Uint8Array(16);

/** What is to be frozen besides the globals. */
export function grantedModules(): readonly unknown[] {
  const hash = crypto.createHash('sha256').update('').digest('hex');
  crypto.createHmac('sha256', hash).update('').digest();
  crypto.createCipheriv('aes-128-cbc', KEY, KEY).update('', 'utf8');
  crypto.createDecipheriv('aes-128-cbc', KEY, KEY).update('', 'hex');
  crypto.createSign('sha256');
  crypto.createVerify('sha256');
  util.inspect({ a: new Map([[1, new Error('warm')]]) });
  const modules = [assert, assertStrict, buffer, crypto, events, path, querystring, stringDecoder, url, util];
  return modules.flatMap((module) => Object.values(module) as unknown[]);
}
