const { isComfyControlError, listManagedRunners } = require("comfycontrol-runners");

/** A component: shows names, and lists them when it is asked to. */
exports.show = function show(list, names) {
  list.replaceChildren(
    ...names.map((name) => {
      const item = document.createElement("li");
      item.textContent = name;
      return item;
    }),
  );
};

exports.load = async function load(list, options) {
  try {
    const { runners } = await listManagedRunners(options);
    exports.show(
      list,
      runners.map(({ name }) => name),
    );
  } catch (error) {
    list.textContent = isComfyControlError(error) ? `${error.code}: ${error.message}` : String(error);
  }
};
