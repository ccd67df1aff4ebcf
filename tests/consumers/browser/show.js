export function show(runners) {
  for (const { name } of runners) {
    const item = document.createElement("li");
    item.textContent = name;
    document.querySelector("ul").append(item);
  }
}
