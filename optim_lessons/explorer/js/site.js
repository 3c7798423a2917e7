// On the site: each figure wakes when it comes near the view. This text is small, and all that a page
// loads before one does.

const here = (name) => new URL(name, import.meta.url).href;
const EXTRA = { build: ["framework.js"] }; // what only some kinds of figures need

const watcher = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      watcher.unobserve(target);
      wake(target);
    }
  },
  { rootMargin: "400px" },
);

async function wake(element) {
  const figure = JSON.parse(element.dataset.figure);
  const names = ["figures.js", "generated.js", ...(EXTRA[figure.kind] ?? [])];
  const [{ mount }, ...parts] = await Promise.all(names.map((name) => import(here(name))));
  const generated = Object.assign({ address: here("generated.js"), worker: here("worker.js") }, ...parts);
  if (element.dataset.given) generated.given = JSON.parse(element.dataset.given);
  mount(element, figure, generated, { place: element.id });
}

document.querySelectorAll("div.ol-explorer[data-figure]").forEach((element, i) => {
  element.id ||= `figure-${i + 1}`; // its name in the address
  watcher.observe(element);
});
