// How the programs in bin/ give up: with a message for the person at the terminal, and no stack.

/** What went wrong and what to do about it, in words. Anything else that is thrown is a defect and keeps its stack. */
export class Refusal extends Error {}

/** Runs the body of a program. A refusal is printed and becomes exit code 1. */
export async function orRefuse(body) {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
