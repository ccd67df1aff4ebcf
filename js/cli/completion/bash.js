import { COMMANDS, optionsOf, PROGRAM } from "../command-table.js";
import { OPTIONS } from "../options.js";

const offer = (generate) => `mapfile -t COMPREPLY < <(compgen ${generate} -- "$current")`;

// What may follow an option that takes a value: files, a few words, or nothing a shell could know.
function afterOption([name, { value, words = [], completes, instead }]) {
  if (value === undefined || instead !== undefined) return "";
  const offered =
    completes === "file" ? `compopt -o filenames; ${offer("-f")}` : offer(`-W "${words.join(" ")}"`);
  return `    --${name}) ${offered}; return ;;\n`;
}

const commands = () => Object.keys(COMMANDS);

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
    case $word in ${commands().join("|")}) command=$word; break ;; esac
  done
  COMPREPLY=()
  case $previous in
${Object.entries(OPTIONS).map(afterOption).join("")}  esac
  case $command in
${Object.entries(COMMANDS).map(ofCommand).join("")}    *) words="${commands().join(" ")} --help --version" ;;
  esac
  ${offer('-W "$words"')}
}
complete -F _comfycontrol_runners ${PROGRAM}
`;
