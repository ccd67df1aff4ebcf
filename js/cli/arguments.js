// Parses the arguments into a command and its settings, or throws a `UsageError` that says what was probably meant.

import { parseArgs } from "node:util";

import { quote } from "./clean.js";
import { COMMANDS, optionsOf, OTHER_NAMES, PROGRAM } from "./command-table.js";
import { FORMATS, OF_ALL, OPTIONS, OTHER_LETTERS } from "./options.js";
import { FIELDS } from "./output/fields.js";
import { suggest } from "./suggest.js";
import { UsageError } from "./usage-error.js";
import { list, oneOf, runnerId } from "./values.js";

/**
 * @typedef {object} Request
 * @property {"run" | "help" | "version"} kind
 * @property {string} [command] which one; none for the help of the whole program
 * @property {Record<string, any>} options checked values, named in camelCase
 * @property {string[]} operands
 */

/** Options as `parseArgs` wants them. */
const KNOWN = Object.fromEntries(
  Object.entries(OPTIONS).map(([name, { value, short }]) => [
    name,
    { type: value ? "string" : "boolean", ...(short && { short }) },
  ]),
);

/**
 * @param {readonly string[]} args without the program's own name
 * @returns {Request}
 */
export function parseArguments(args) {
  const { tokens } = parseArgs({
    args: withInlineLists(args),
    options: KNOWN,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const words = tokens.filter(({ kind }) => kind === "positional").map(({ value }) => value);
  const given = tokens.filter(({ kind }) => kind === "option");

  refuseToken(given);
  const askedFor = (name) => given.some((token) => token.name === name);
  const wantsHelp = askedFor("help") || words[0] === "help" || (words.length === 0 && given.length === 0);
  while (words[0] === "help") words.shift();
  const command = words.shift();
  if (command !== undefined && !Object.hasOwn(COMMANDS, command)) throw unknownCommand(command);
  if (wantsHelp) return { kind: "help", command, options: {}, operands: [] };
  if (askedFor("version")) return { kind: "version", command, options: {}, operands: [] };
  for (const token of given) checkName(token, command);
  if (command === undefined)
    throw new UsageError(`which command? There are ${list(Object.keys(COMMANDS), "and")}`);

  const options = {};
  for (const token of given) readOption(token, command, options);
  const formats = FORMATS.filter((name) => options[name]);
  if (formats.length > 1)
    throw new UsageError(`--${formats[0]} and --${formats[1]} exclude each other`, command);
  return { kind: "run", command, options, operands: readOperands(words, command, options) };
}

// An option with an optional value takes the next argument only if that is a list of field names. `parseArgs` has no
// such options, so this writes the value with `=`.
function withInlineLists(args) {
  const inline = [];
  for (let index = 0; index < args.length; index += 1) {
    const name = args[index].slice(2);
    if (args[index] === "--") return [...inline, ...args.slice(index)];
    if (!args[index].startsWith("--") || OPTIONS[name]?.instead === undefined) inline.push(args[index]);
    else if (isListOfNames(args[index + 1])) inline.push(`${args[index]}=${args[(index += 1)]}`);
    else inline.push(`${args[index]}=${OPTIONS[name].instead}`);
  }
  return inline;
}

const isListOfNames = (text = "") =>
  /^[A-Za-z_]+(?:,[A-Za-z_]*)*$/.test(text) && !Object.hasOwn(COMMANDS, text) && text !== "help";

function unknownCommand(word) {
  const known = Object.hasOwn(OTHER_NAMES, word) ? OTHER_NAMES[word] : undefined;
  const meant = known ?? suggest(word, [...Object.keys(COMMANDS), "help"]);
  const help = meant ? `did you mean "${meant}"?` : `there are ${list(Object.keys(COMMANDS), "and")}`;
  return new UsageError(`unknown command ${quote(word)}; ${help}`);
}

function refuseToken(given) {
  if (!given.some(({ name }) => name === "token")) return;
  throw new UsageError(
    "a token is not accepted as an argument, since other users of this machine can see those; " +
      "set COMFYCONTROL_TOKEN or use --token-file FILE",
  );
}

function checkName({ name, rawName }, command) {
  const allowed = command === undefined ? Object.keys(OPTIONS) : optionsOf(command);
  if (allowed.includes(name)) return;
  const shown = quote(rawName).slice(1, -1);
  if (Object.hasOwn(OPTIONS, name)) {
    const owners = Object.keys(COMMANDS).filter((one) => optionsOf(one).includes(name));
    const close = FORMATS.includes(name)
      ? FORMATS.find((one) => allowed.includes(one))
      : suggest(name, allowed);
    const help = close ? `did you mean --${close}?` : `it is an option of ${list(owners, "and")}`;
    throw new UsageError(`${command} has no ${shown}; ${help}`, command);
  }
  const letter = Object.hasOwn(OTHER_LETTERS, name) ? OTHER_LETTERS[name] : [];
  const able = command === undefined ? OF_ALL : allowed;
  const meant = letter.find((one) => able.includes(one)) ?? suggest(name, allowed);
  const page = command === undefined ? "" : ` ${command}`;
  const help = meant ? `did you mean --${meant}?` : `see "${PROGRAM}${page} --help"`;
  throw new UsageError(`unknown option ${shown}; ${help}`, command);
}

function readOption({ name, value, inlineValue }, command, options) {
  const { value: takes, instead, parse, repeats } = OPTIONS[name];
  const key = name.replace(/-./g, (letters) => letters[1].toUpperCase());
  if (!takes) {
    if (value !== undefined) throw new UsageError(`--${name} takes no value`, command);
    options[key] = true;
    return;
  }
  // Without `=`, `parseArgs` takes any next argument as the value, also the next option if the value is missing.
  const missing = value === undefined || (!inlineValue && /^-(?!\d)/.test(value));
  if (missing && instead === undefined)
    throw new UsageError(`--${name} needs a value: --${name} ${takes}`, command);
  const parsed = about(`--${name}`, command, () => parse(value ?? instead));
  options[key] = repeats ? [...(options[key] ?? []), parsed] : parsed;
}

function readOperands(words, command, options) {
  const { operand } = COMMANDS[command];
  if (command === "match" && options.tag === undefined) {
    const meant =
      words.length > 0
        ? words.map((word) => `--tag ${quote(word).slice(1, -1)}`).join(" ")
        : "--tag gpu:a100";
    throw new UsageError(`which tags? For example: ${PROGRAM} match ${meant}`, command);
  }
  if (!operand) {
    if (words.length === 0) return words;
    const meant = meantByWord(words[0], command, options);
    const help = meant ? `; did you mean ${meant}?` : "";
    throw new UsageError(`${command} takes no argument, but got ${quote(words[0])}${help}`, command);
  }
  if (words.length === 0)
    throw new UsageError(
      `which ${operand.name.toLowerCase()}? ${PROGRAM} ${command} ${COMMANDS[command].usage}`,
      command,
    );
  if (words.length > 1 && !operand.repeats)
    throw new UsageError(`${command} takes one argument, not also ${quote(words[1])}`, command);
  const check = operand.words ? oneOf(operand.words) : runnerId;
  return words.map((word) => about(command, command, () => check(word)));
}

// The option that an argument was probably meant as, if a command takes no arguments.
function meantByWord(word, command, options) {
  if (command === "list" && /^[1-9]\d{0,8}$/.test(word)) return `--page ${word}`;
  const format = FORMATS.find((name) => options[name]);
  return format && FIELDS.includes(word) ? `--${format} ${[...options[format], word].join(",")}` : undefined;
}

// The functions of `values.js` say what is wrong with a value. This adds the name of the option.
function about(name, command, parse) {
  try {
    return parse();
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${name} ${error.message}`, command);
    throw error;
  }
}
