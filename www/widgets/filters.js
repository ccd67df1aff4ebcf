// Filters and sorting of the loaded runners.

import { choices } from "../derive.js";
import { ask, h, part } from "../dom.js";
import { icon } from "../icons.js";
import { COLUMNS } from "./runners.js";

export function filters(root) {
  const [name, runnerType, status, tag, tags, known, sort] = [
    "name",
    "runnerType",
    "status",
    "tag",
    "tags",
    "known",
    "sort",
  ].map((each) => part(root, each));
  const clear = document.getElementById("clear-filters");
  let listed;
  let view;

  root.addEventListener("submit", (event) => event.preventDefault());
  name.addEventListener("input", () => ask(root, "look", { view: { name: name.value } }));
  runnerType.addEventListener("change", () => ask(root, "look", { view: { runnerType: runnerType.value } }));
  status.addEventListener("change", () => ask(root, "look", { view: { status: status.value } }));
  clear.addEventListener("click", () => {
    ask(root, "clearFilters");
    name.focus();
  });
  sort.append(
    ...COLUMNS.flatMap(({ by, label, descendingFirst }) => {
      const orders = [
        h("option", { value: by }, `${label} ↑`),
        h("option", { value: `-${by}` }, `${label} ↓`),
      ];
      return descendingFirst ? orders.reverse() : orders;
    }),
  );
  sort.addEventListener("change", () => {
    ask(root, "sort", { by: sort.value.replace("-", ""), descending: sort.value.startsWith("-") });
  });

  function require() {
    ask(root, "requireTag", { tag: tag.value.trim() });
    tag.value = "";
  }
  tag.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" || (event.key === "," && tag.value.trim())) {
      event.preventDefault();
      require();
    } else if (event.key === "Backspace" && tag.value === "" && view.tags.length > 0) {
      ask(root, "dropTag", { tag: view.tags.at(-1) });
    }
  });
  // The user chose a suggestion, or left the field with text in it.
  tag.addEventListener("input", (event) => {
    if (!event.inputType || event.inputType === "insertReplacementText") require();
  });
  tag.addEventListener("change", require);

  return (state, { filtered }) => {
    if (state.list?.runners !== listed) {
      listed = state.list?.runners;
      const { types, statuses, tags: tagsThere } = choices(listed ?? []);
      offer(runnerType, types, state.view.runnerType);
      offer(status, statuses, state.view.status);
      known.replaceChildren(...tagsThere.slice(0, 200).map(({ label }) => h("option", { value: label })));
    }
    if (view !== state.view) {
      if (name.value !== state.view.name) name.value = state.view.name;
      select(runnerType, state.view.runnerType);
      select(status, state.view.status);
      const { by, descending } = state.view.sort;
      select(sort, (descending ? "-" : "") + by);
      if (view?.tags !== state.view.tags) showTags(state.view.tags);
      view = state.view;
    }
    clear.hidden = !filtered;
  };

  function showTags(required) {
    const focused = [...tags.children].findIndex((item) => item.contains(document.activeElement));
    tags.hidden = required.length === 0;
    tags.replaceChildren(
      ...required.map((each) =>
        h(
          "li",
          {},
          h(
            "button",
            { type: "button", class: "tag tag-required", onclick: () => ask(root, "dropTag", { tag: each }) },
            h("bdi", {}, each),
            h("span", { class: "hidden" }, ", take off"),
            icon("close"),
          ),
        ),
      ),
    );
    if (focused >= 0) (tags.children[Math.min(focused, required.length - 1)]?.firstChild ?? tag).focus();
  }
}

/** The existing values with their counts, and the selected value even if no runner has it. */
function offer(element, values, chosen) {
  const missing =
    chosen && !values.some(({ label }) => label === chosen) ? [{ label: chosen, count: 0 }] : [];
  const options = [...values, ...missing].map(({ label, count }) =>
    h("option", { value: label }, `${label} (${count})`),
  );
  element.replaceChildren(h("option", { value: "" }, "Any"), ...options);
  element.value = chosen;
}

function select(element, value) {
  if (element.value === value) return;
  element.value = value;
  // A link can ask for a value that no runner here has.
  if (element.value !== value) {
    element.append(h("option", { value }, `${value} (0)`));
    element.value = value;
  }
}
