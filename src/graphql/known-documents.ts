// Documents that were parsed and found valid, kept for all classes together within one bound. Apollo's own store would be
// one for each class, and some 120 MB of memory each.

import type { ApolloServerPlugin, BaseContext } from '@apollo/server';
import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

/** Characters of all of them; a character takes some 110 bytes as a document. */
const MAX_CHARACTERS = 500_000;

export class KnownDocuments {
  readonly #documents: LRUCache<string, DocumentNode>;
  #classes = 0;

  constructor(maxCharacters: number = MAX_CHARACTERS) {
    this.#documents = new LRUCache({
      maxSize: maxCharacters,
      sizeCalculation: (document, key) => key.length + (document.loc?.end ?? maxCharacters),
    });
  }

  /** How many are kept. */
  get count(): number {
    return this.#documents.size;
  }

  /** Has a server find its documents here; one plugin for each server, because what is valid on one may not be on another. */
  plugin(): ApolloServerPlugin<BaseContext> {
    this.#classes += 1;
    const prefix = `${this.#classes} `;
    const documents = this.#documents;
    return {
      async requestDidStart() {
        return {
          async didResolveSource(context) {
            const document = documents.get(prefix + context.queryHash);
            // A request that has its document is neither parsed nor validated again.
            if (document) Object.assign(context, { document });
          },
          async validationDidStart({ document, queryHash }) {
            return async (errors) => {
              if (!errors) documents.set(prefix + queryHash, document);
            };
          },
        };
      },
    };
  }
}
