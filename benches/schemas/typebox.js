import { Compile } from "typebox/compile";
import { page } from "./json-schema.js";

const validator = Compile(page);

export const check = (value) => validator.Parse(value);
