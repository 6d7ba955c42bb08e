// What is wrong with the configuration, all of it at once, in words for the person who starts the service.

/** One wrong setting. Neither text ever holds the value of a secret. */
export interface ConfigProblem {
  /** The environment variable, or the file, that has to change. */
  readonly variable: string;
  /** What is wrong, to be read after the variable: `is not a whole number: "abc"`. */
  readonly wrong: string;
  /** What to do, as a sentence. */
  readonly fix: string;
}

/** The configuration cannot be used. The message lists every problem, one a line, each with its fix. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ variable, wrong, fix }) => `  ${variable} ${wrong}. ${fix}`);
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    super(`The configuration has ${count}:\n${lines.join('\n')}`);
    this.name = 'ConfigError';
    this.problems = Object.freeze([...problems]);
  }
}
