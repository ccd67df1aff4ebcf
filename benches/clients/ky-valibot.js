import { check } from "../schemas/valibot.js";
import { on } from "./ky.js";

export const client = on(check);
