/**
 * Wrong use of the command. The message is one line that says what is wrong and what was probably meant.
 */
export class UsageError extends Error {
  /**
   * @param {string} message
   * @param {string} [command] the command it is about, if that is known
   */
  constructor(message, command) {
    super(message);
    this.name = "UsageError";
    this.command = command;
  }
}
