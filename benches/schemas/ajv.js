import Ajv from "ajv";
import formats from "ajv-formats";
import { page } from "./json-schema.js";

const validate = (formats.default ?? formats)(new (Ajv.default ?? Ajv)()).compile(page);

export function check(value) {
  if (!validate(value)) throw new TypeError(JSON.stringify(validate.errors));
  return value;
}
