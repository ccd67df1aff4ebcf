import { COMMANDS, optionsOf, PROGRAM } from "../command-table.js";
import { OPTIONS } from "../options.js";
import { quoted } from "./quoted.js";

const commands = () => Object.keys(COMMANDS).join(" ");

function option(command, name) {
  const { about, short, value, instead, words, completes } = OPTIONS[name];
  const requires = value !== undefined && instead === undefined;
  const flags = [
    `-n ${quoted(`__fish_seen_subcommand_from ${command}`)}`,
    `-l ${name}`,
    ...(short ? [`-s ${short}`] : []),
    ...(requires ? [completes === "file" ? "-r" : "-x"] : []),
    ...(completes === "file" ? ["-F"] : []),
    ...(words ? [`-a ${quoted(words.join(" "))}`] : []),
    `-d ${quoted(about)}`,
  ];
  return `complete -c ${PROGRAM} ${flags.join(" ")}\n`;
}

/**
 * The completion script for fish.
 *
 * @returns {string}
 */
export function fish() {
  const lines = Object.entries(COMMANDS).flatMap(([name, { about, operand }]) => [
    `complete -c ${PROGRAM} -n ${quoted(`not __fish_seen_subcommand_from ${commands()}`)} -a ${name} -d ${quoted(about)}\n`,
    ...(operand?.words
      ? [`complete -c ${PROGRAM} -n ${quoted(`__fish_seen_subcommand_from ${name}`)} -a ${quoted(operand.words.join(" "))}\n`]
      : []),
    ...optionsOf(name).map((one) => option(name, one)),
  ]);
  return `# Completes ${PROGRAM} in fish.\ncomplete -c ${PROGRAM} -f\n${lines.join("")}`;
}
