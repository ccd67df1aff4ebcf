import { COMMANDS, optionsOf, PROGRAM } from "../command-table.js";
import { OPTIONS } from "../options.js";

// What may follow an option that takes a value.
function afterOption([name, { value, words, completes, instead }]) {
  if (value === undefined || instead !== undefined) return [];
  if (completes === "file") return [`    --${name}) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;\n`];
  return [`    --${name}) mapfile -t COMPREPLY < <(compgen -W "${words?.join(" ") ?? ""}" -- "$current"); return ;;\n`];
}

const dashed = (names) => names.map((name) => `--${name}`).join(" ");

const ofCommand = ([name, { operand }]) =>
  `    ${name}) words="${[...(operand?.words ?? []), dashed(optionsOf(name))].join(" ")}" ;;\n`;

/**
 * The completion script for bash 4 and later.
 *
 * @returns {string}
 */
export const bash = () => `# Completes ${PROGRAM} in bash.
_comfycontrol_runners() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local command= words= word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in ${Object.keys(COMMANDS).join("|")}) command=$word; break ;; esac
  done
  COMPREPLY=()
  case $previous in
${Object.entries(OPTIONS).flatMap(afterOption).join("")}  esac
  case $command in
${Object.entries(COMMANDS).map(ofCommand).join("")}    *) words="${Object.keys(COMMANDS).join(" ")} --help --version" ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _comfycontrol_runners ${PROGRAM}
`;
