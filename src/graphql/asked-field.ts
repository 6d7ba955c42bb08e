// A field as a document asks for it: all nodes of one response key, what the field means, and its arguments.

import {
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isObjectType,
  valueFromAST,
} from 'graphql';
import { collectFields, type Document, selectionSetsOf } from './collect-fields.ts';
import { type FieldMeaning, fieldMeaning } from './field-meaning.ts';
import { ABSENT, type Argument, readArgument, type Variables, withDefault } from './read-argument.ts';

export class AskedField {
  constructor(
    /** The type that the field is asked of. */
    readonly parent: GraphQLObjectType,
    readonly key: string,
    readonly nodes: readonly FieldNode[],
    readonly document: Document,
    /** The response keys of the fields that it is under. */
    private readonly above: readonly string[] = [],
  ) {}

  /** Its place in the answer, by response keys. */
  get path(): readonly string[] {
    return [...this.above, this.key];
  }

  get name(): string {
    return this.nodes[0]?.name.value ?? '';
  }

  /** The field of the schema. Programmer error for the meta fields, `__typename` and its like. */
  get field(): GraphQLField<unknown, unknown> {
    const field = this.parent.getFields()[this.name];
    if (!field) throw new Error(`no field ${this.parent.name}.${this.name}`);
    return field;
  }

  get meaning(): FieldMeaning {
    const meaning = fieldMeaning(this.field);
    if (!meaning) throw new Error(`no meaning for ${this.parent.name}.${this.name}`);
    return meaning;
  }

  /** The type of its value, without lists and nulls. */
  get type(): GraphQLNamedType {
    return getNamedType(this.field.type);
  }

  /** An argument as it was written, with its default; absent where the field has none of that name. */
  argument(name: string): Argument {
    const definition = this.field.args.find((argument) => argument.name === name);
    if (!definition) return ABSENT;
    const node = this.nodes[0]?.arguments?.find((argument) => argument.name.value === name);
    return withDefault(readArgument(definition.type, node?.value, this.document.variables), definition.defaultValue);
  }

  /** Takes an argument from a request, coerced; undefined when it is left out. */
  argumentOf(name: string): (variables: Variables) => unknown {
    const definition = this.field.args.find((argument) => argument.name === name);
    const node = this.nodes[0]?.arguments?.find((argument) => argument.name.value === name);
    if (!definition || !node) return () => definition?.defaultValue;
    return (variables) => valueFromAST(node.value, definition.type, variables);
  }

  /** The type of an argument, without lists and nulls; undefined where there is no such argument. */
  argumentType(name: string): GraphQLNamedType | undefined {
    return getNamedType(this.field.args.find((argument) => argument.name === name)?.type);
  }

  /** What is asked of its value, in the order of the answer; with `type`, of a value that is of that type. */
  under(type: GraphQLNamedType = this.type): AskedField[] {
    if (!isObjectType(type)) throw new Error(`${this.parent.name}.${this.name} is no object`);
    const collected = collectFields(type, selectionSetsOf(this.nodes), this.document);
    return [...collected].map(([key, asking]) => new AskedField(type, key, asking, this.document, this.path));
  }
}
