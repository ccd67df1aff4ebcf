// The few icons, drawn on 16 units with a stroke of the text's colour.

import { svg } from "./dom.js";

const PATHS = {
  first: ["M12 3.5 7.5 8l4.5 4.5", "M4.5 3.5v9"],
  previous: ["M10 3.5 5.5 8l4.5 4.5"],
  next: ["M6 3.5 10.5 8 6 12.5"],
  last: ["M4 3.5 8.5 8 4 12.5", "M11.5 3.5v9"],
  copy: ["M5.5 5.5h7v7h-7z", "M10.5 5.5v-2h-7v7h2"],
  done: ["M3.5 8.5 6.5 11.5 12.5 4.5"],
  close: ["M4 4l8 8", "M12 4l-8 8"],
  up: ["M8 12.5v-9", "M4.5 7 8 3.5 11.5 7"],
  plus: ["M8 3.5v9", "M3.5 8h9"],
  minus: ["M3.5 8h9"],
  changed: ["M3 10c2-4 3.5-4 5-2s3 2 5-2"],
};

/** An icon that is hidden from screen readers: its button or text has the label. */
export function icon(name) {
  return svg(
    "svg",
    { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" },
    ...PATHS[name].map((d) => svg("path", { d })),
  );
}
