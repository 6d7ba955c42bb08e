// Why a script's request to elsewhere came to nothing. The message is for the script's author, and says what to do.

export type FetchCode = 'FETCH_REFUSED' | 'FETCH_FAILED' | 'FETCH_TIMEOUT' | 'FETCH_TOO_LARGE';

export class FetchError extends Error {
  constructor(
    readonly code: FetchCode,
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options);
    this.name = 'FetchError';
  }
}

export function refused(message: string): FetchError {
  return new FetchError('FETCH_REFUSED', message);
}
