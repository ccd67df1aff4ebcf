import { bash } from "../completion/bash.js";
import { fish } from "../completion/fish.js";
import { zsh } from "../completion/zsh.js";
import { SUCCESS } from "../exit-codes.js";

const SCRIPTS = { bash, zsh, fish };

/** `completion`: a script for a shell. */
export async function completion({ operands: [shell] }, { stdout }) {
  await stdout.write(SCRIPTS[shell]());
  return SUCCESS;
}
