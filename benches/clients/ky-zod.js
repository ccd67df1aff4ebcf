import { check } from "../schemas/zod.js";
import { on } from "./ky.js";

export const client = on(check);
