import { COMMANDS, optionsOf, PROGRAM } from "../command-table.js";
import { OPTIONS } from "../options.js";
import { quoted } from "./quoted.js";

// In a specification of `_arguments`, brackets and colons have a meaning.
const plain = (text) => text.replace(/[[\]:]/g, "\\$&");

const choices = (words) => (words ? `(${words.join(" ")})` : " ");

function option(name) {
  const { about, value, instead, words, completes, repeats } = OPTIONS[name];
  const action = completes === "file" ? "_files" : choices(words);
  const argument = value === undefined ? "" : `${instead === undefined ? "" : ":"}:${value}:${action}`;
  return quoted(`${repeats ? "*" : ""}--${name}[${plain(about)}]${argument}`);
}

const operand = ({ name, words, repeats }) => quoted(`${repeats ? "*" : "1"}:${name}:${choices(words)}`);

function ofCommand([name, command]) {
  const operands = command.operand ? [operand(command.operand)] : [];
  return `    ${name}) _arguments ${[...operands, ...optionsOf(name).map(option)].join(" ")} ;;\n`;
}

const described = ([name, { about }]) => `    ${quoted(`${name}:${plain(about)}`)}\n`;

/**
 * The completion script for zsh: a file `_comfycontrol-runners` in a folder of `$fpath`.
 *
 * @returns {string}
 */
export const zsh = () => `#compdef ${PROGRAM}
# Completes ${PROGRAM} in zsh.
_comfycontrol_runners() {
  local -a commands=(
${Object.entries(COMMANDS).map(described).join("")}  )
  if (( CURRENT == 2 )); then
    if [[ $words[2] == -* ]]; then
      _arguments ${["help", "version"].map(option).join(" ")}
    else
      _describe command commands
    fi
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${Object.entries(COMMANDS).map(ofCommand).join("")}  esac
}
if [[ \${funcstack[1]} == _comfycontrol-runners ]]; then
  _comfycontrol_runners "$@"
else
  compdef _comfycontrol_runners ${PROGRAM}
fi
`;
