// What a run of the tests prints: a line for each file, failures whole where they happen and by name at the end, what
// was slow, what was skipped and why, and last of all the count.

import { styleText } from 'node:util';

const SLOWEST = 10;
/** Lines of its own output that a failed file gets to show. */
const OUTPUT_LINES = 60;

export class TestReport {
  #passed = 0;
  #tests = [];
  #failed = [];
  #skipped = [];
  #phase;

  /** Begins a part of the run and ends the one before it. */
  headline(text) {
    this.#endPhase();
    this.#phase = { text, started: Date.now() };
    print(bold(text));
  }

  /** A check that counts as one test; `error` is '' when it passed. */
  check({ name, ms, error }) {
    line(error ? 'FAIL' : 'ok', name, '', ms);
    if (error === '') this.#passed += 1;
    else this.#fail('', { name, error });
  }

  /** What runTestFile resolved to. */
  file({ file, ms, passed, failed, skipped, output }) {
    const short = file.replace(/^test\//, '');
    line(failed.length > 0 ? 'FAIL' : 'ok', short, counts(passed.length, failed.length, skipped.length), ms);
    this.#passed += passed.length;
    this.#tests.push(
      ...[...passed, ...failed].filter(({ name }) => name !== file).map((test) => ({ ...test, file: short })),
    );
    this.#skipped.push(...skipped.map((test) => ({ ...test, file: short })));
    for (const test of failed) this.#fail(short, test.name === file ? { ...test, name: 'the file itself' } : test);
    if (failed.length > 0 && output.trim() !== '') {
      print(`\n    It printed:\n${indent(output.trimEnd().split('\n').slice(-OUTPUT_LINES).join('\n'), 6)}`);
    }
    if (failed.length > 0) print('');
  }

  /** The run itself could not go on. */
  broken(reason) {
    this.#fail('', { name: 'the test run', error: reason });
  }

  /** Prints the rest. True when everything passed and there was something to pass. */
  conclude() {
    this.#endPhase();
    const slow = this.#tests.toSorted((a, b) => b.ms - a.ms).slice(0, SLOWEST);
    list('Slowest tests', slow, ({ name, file, ms }) => `${time(ms).padStart(8)}  ${name} (${file})`);
    list('Skipped', this.#skipped, ({ name, file, reason }) => `${name} (${file}): ${reason || 'no reason given'}`);
    list('Failed', this.#failed, ({ name, file }) => (file ? `${name} (${file})` : name));
    const failures = this.#failed.length;
    print(counts(this.#passed, failures, this.#skipped.length));
    return failures === 0 && this.#passed > 0;
  }

  #fail(file, { name, error }) {
    this.#failed.push({ name, file });
    print(`\n    ${red(name)}\n${indent(error.trimEnd(), 6)}`);
  }

  #endPhase() {
    if (this.#phase) print(`${this.#phase.text}: ${time(Date.now() - this.#phase.started)}\n`);
    this.#phase = undefined;
  }
}

function counts(passed, failed, skipped) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function line(verdict, name, detail, ms) {
  const mark = verdict === 'ok' ? green('ok  ') : red('FAIL');
  print(`  ${mark}  ${name.padEnd(56)}  ${detail.padEnd(20)} ${time(ms).padStart(8)}`);
}

function list(title, entries, toLine) {
  if (entries.length === 0) return;
  print(`${bold(title)}\n${entries.map((entry) => `  ${toLine(entry)}`).join('\n')}\n`);
}

const isColourful = process.stdout.isTTY === true && !process.env.CI && !process.env.NO_COLOR;
const paint = (style) => (text) => (isColourful ? styleText(style, text) : text);
const bold = paint('bold');
const red = paint('red');
const green = paint('green');
const time = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
const indent = (text, width) => text.replace(/^(?=.)/gm, ' '.repeat(width));
const print = (text) => process.stdout.write(`${text}\n`);
