// What `--help` prints, for the program and for each command.

import { COMMANDS, optionsOf, PROGRAM } from "./command-table.js";
import { EXIT_CODES } from "./exit-codes.js";
import { OPTIONS } from "./options.js";
import { FIELDS } from "./output/fields.js";

const columns = (rows) => {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join("");
};

const optionRow = (name) => {
  const { about, short, value, instead } = OPTIONS[name];
  const takes = value === undefined ? "" : instead === undefined ? ` ${value}` : ` [${value}]`;
  return [`${short ? `-${short}, ` : ""}--${name}${takes}`, about];
};

const exitCodes = () => `Exit status:\n${columns(EXIT_CODES.map(([code, about]) => [String(code), about]))}`;

const token = `The token is read from COMFYCONTROL_TOKEN or --token-file. It is not accepted as an
argument, since other users of the machine can see those.
`;

/**
 * @returns {string}
 */
export function programHelp() {
  return `ComfyControl's managed runners from a terminal.

Usage: ${PROGRAM} COMMAND [OPTIONS]

Commands:
${columns(Object.entries(COMMANDS).map(([name, { about }]) => [name, about]))}
Options of all commands:
${columns(["help", "version"].map(optionRow))}
"${PROGRAM} COMMAND --help" explains one command, with examples.

${token}
Environment:
${columns([
  ["COMFYCONTROL_TOKEN", "the API token, cfc_..."],
  ["COMFYCONTROL_BASE_URL", "where the API is (default https://api.comfycontrol.app)"],
  ["NO_COLOR, FORCE_COLOR", "turn colours off, or on in pipes, too"],
])}
${exitCodes()}`;
}

/**
 * @param {string} name of a command
 * @returns {string}
 */
export function commandHelp(name) {
  const { about, usage, details, examples } = COMMANDS[name];
  const options = optionsOf(name);
  const paragraphs = [
    `${about[0].toUpperCase()}${about.slice(1)}.\n`,
    `Usage: ${PROGRAM} ${name} ${usage} [OPTIONS]\n`,
    ...(details ? [`${details}\n`] : []),
    `Options:\n${columns(options.map(optionRow))}`,
    ...(options.includes("json") ? [`Fields: ${FIELDS.join(", ")}\n`] : []),
    ...(options.includes("token-file") ? [token] : []),
    `Examples:\n${examples.map(([args, what]) => `  # ${what}\n  ${PROGRAM} ${args}\n`).join("")}`,
    exitCodes(),
  ];
  return paragraphs.join("\n");
}
