// Documents that were parsed and found valid, kept for all classes together within one bound. Apollo's own store would be
// one for each class, and some 120 MB of memory each.

import type { ApolloServerPlugin, BaseContext } from '@apollo/server';
import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

/** Characters of all of them; a character takes some 110 bytes as a document. */
const MAX_CHARACTERS = 500_000;
/** Characters that the shortest document counts for. */
const LEAST_CHARACTERS = 64;

/** The documents of one server. */
export interface ServerDocuments {
  /** The document of exactly this text, if this server has found it valid and it is still kept. */
  find(text: string): DocumentNode | undefined;
  /** Has the server find its documents here, and keep those that are valid. */
  readonly plugin: ApolloServerPlugin<BaseContext>;
}

export class KnownDocuments {
  readonly #documents: LRUCache<string, DocumentNode>;
  #servers = 0;

  constructor(maxCharacters: number = MAX_CHARACTERS) {
    this.#documents = new LRUCache({
      maxSize: maxCharacters,
      sizeCalculation: (document) => LEAST_CHARACTERS + (document.loc?.end ?? maxCharacters),
    });
  }

  /** How many are kept. */
  get count(): number {
    return this.#documents.size;
  }

  /**
   * The documents of another server. What is valid on one may not be on the next, be it of another class or of another
   * model, so that none finds what another has kept.
   */
  ofServer(): ServerDocuments {
    this.#servers += 1;
    const prefix = `${this.#servers} `;
    const documents = this.#documents;
    const find = (text: string) => documents.get(prefix + text);
    const plugin: ApolloServerPlugin<BaseContext> = {
      async requestDidStart() {
        return {
          async didResolveSource(context) {
            const document = find(context.source);
            // A request that has its document is neither parsed nor validated again.
            if (document) Object.assign(context, { document });
          },
          async validationDidStart({ document, source }) {
            return async (errors) => {
              if (!errors) documents.set(prefix + source, document);
            };
          },
        };
      },
    };
    return { find, plugin };
  }
}
