// Few rules, and none about layout: that is the formatter's. Run from the root of the repository.

import js from "@eslint/js";
import globals from "globals";

export default [
  // Generated, or written as a framework has it.
  { ignores: ["target/", "pkg/", "tests/consumers/*/**"] },
  js.configs.recommended,
  {
    languageOptions: { globals: { ...globals.node, ...globals.browser, ...globals.worker } },
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-empty": ["error", { allowEmptyCatch: true }],
      "no-unused-vars": ["error", { caughtErrors: "none", ignoreRestSiblings: true }],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      // Tests look for control characters and count spaces, and arrays with holes are bad input.
      "no-control-regex": "off",
      "no-regex-spaces": "off",
      "no-sparse-arrays": "off",
    },
  },
];
