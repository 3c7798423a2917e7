// On the site: each figure wakes when it comes near the view.

import { mount } from "./explorer.js";

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
  const generated = await import("./generated.js");
  mount(element, JSON.parse(element.dataset.figure), generated);
}

for (const element of document.querySelectorAll("div.ol-explorer[data-figure]")) watcher.observe(element);
