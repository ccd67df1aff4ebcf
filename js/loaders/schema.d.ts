// What the loaders add to the types of the main entry. The build appends this text to the generated `index.d.ts`.

/** One thing that is wrong with a value. */
export interface SchemaIssue {
  /** What is expected, and what was found, shortened: `expected a UUID, found "abc"`. Contains no token. */
  readonly message: string;
  /** The keys that lead to the wrong value: `["runners", 17, "createdAt"]`. Empty for the whole value. */
  readonly path: ReadonlyArray<string | number>;
}

/** The result of a validation: a copy of the value, or what is wrong with it. */
export type SchemaResult<Value> =
  | {
      /** A plain copy, with the known members only. */
      readonly value: Value;
      /** Nothing is wrong. */
      readonly issues?: undefined;
    }
  | {
      /** What is wrong, in the order of the members: the first fault of each member; at most 1000 issues of runners. */
      readonly issues: ReadonlyArray<SchemaIssue>;
    };

/** The options of a conversion to JSON Schema. */
export interface JsonSchemaOptions {
  /** The version of JSON Schema. Any other one throws `invalid_options`. */
  readonly target: "draft-2020-12" | "draft-07" | "openapi-3.0" | (string & {});
  /** Options of other libraries. Ignored. */
  readonly libraryOptions?: Record<string, unknown> | undefined;
}

/** A schema that follows Standard Schema v1 and Standard JSON Schema v1 (https://standardschema.dev). */
export interface StandardSchema<Value> {
  /** What the two standards define. */
  readonly "~standard": {
    /** The version of both standards. */
    readonly version: 1;
    /** The library that the schema comes from. */
    readonly vendor: "comfycontrol-runners";
    /**
     * Checks a value of any kind by the rules for answers of the API. Only own members count, each is read
     * once, and further ones are allowed. A value whose JSON has more than about 8388608 characters is
     * refused. The value's getters and proxies may throw: that is an issue. Throws `unsupported` where the
     * runtime lacks WebAssembly. Returns a promise while WebAssembly starts: on the main thread of Chromium
     * before 115, in the first call, and in the first one after a defect.
     */
    readonly validate: (value: unknown) => SchemaResult<Value> | Promise<SchemaResult<Value>>;
    /**
     * The rules as JSON Schema, a new object each time. It cannot say how `pageCount` and `hasNextPage` fit the
     * other members, nor on which days a leap second is possible. How many days a month has, only validators
     * know that check `format`.
     */
    readonly jsonSchema: {
      /** The JSON Schema of values to validate. Throws `invalid_options` for an unknown target. */
      readonly input: (options: JsonSchemaOptions) => Record<string, unknown>;
      /** The JSON Schema of valid values: the same. */
      readonly output: (options: JsonSchemaOptions) => Record<string, unknown>;
    };
    /** For the type checker only: there is no such member. */
    readonly types?: { readonly input: Value; readonly output: Value } | undefined;
  };
}

/**
 * The schema of a runner, for data that was cached, posted or rendered by a server.
 *
 * ```js
 * const result = await managedRunnerSchema["~standard"].validate(JSON.parse(text));
 * if (result.issues) console.warn(result.issues);
 * else show(result.value);
 * ```
 */
export const managedRunnerSchema: StandardSchema<ManagedRunner>;

/**
 * The schema of a page, as `listManagedRunners` returns it. `page` is from 1 to 4294967295, `perPage` from 1 to
 * 100; `pageCount` and `hasNextPage` must fit `total`, `page` and `perPage`.
 *
 * ```js
 * const jsonSchema = managedRunnerPageSchema["~standard"].jsonSchema.output({ target: "draft-2020-12" });
 * ```
 */
export const managedRunnerPageSchema: StandardSchema<ManagedRunnerPage>;
