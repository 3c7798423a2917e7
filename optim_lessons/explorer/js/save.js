// A figure's pictures as one file, with the style that they have on the page.

const SVG = "http://www.w3.org/2000/svg";
const STYLES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "opacity",
  "font-family", "font-size", "font-weight", "text-anchor", "vector-effect"];
const SHARPNESS = 2; // pixels of a PNG to one on the page

/** @param {Element} pictures @returns {string} the text of one SVG document */
export function svgText(pictures) {
  const { left, top, width, height } = pictures.getBoundingClientRect();
  const whole = document.createElementNS(SVG, "svg");
  whole.setAttribute("viewBox", `0 0 ${width} ${height}`);
  whole.setAttribute("width", String(width));
  whole.setAttribute("height", String(height));
  const paper = document.createElementNS(SVG, "rect");
  paper.setAttribute("width", "100%");
  paper.setAttribute("height", "100%");
  paper.setAttribute("fill", getComputedStyle(pictures).getPropertyValue("--ol-paper"));
  whole.append(paper);
  for (const picture of pictures.querySelectorAll("svg.ol-plot, canvas")) {
    const box = picture.getBoundingClientRect();
    if (box.width === 0) continue; // not shown now
    const copy = picture instanceof HTMLCanvasElement ? asImage(picture) : styled(picture);
    copy.setAttribute("x", String(box.left - left));
    copy.setAttribute("y", String(box.top - top));
    copy.setAttribute("width", String(box.width));
    copy.setAttribute("height", String(box.height));
    whole.append(copy);
  }
  return new XMLSerializer().serializeToString(whole);
}

/** @param {HTMLCanvasElement} canvas */
function asImage(canvas) {
  const image = document.createElementNS(SVG, "image");
  image.setAttribute("href", canvas.toDataURL());
  return image;
}

/** A copy that carries its style in its own attributes. @param {Element} picture */
function styled(picture) {
  const copy = /** @type {Element} */ (picture.cloneNode(true));
  const originals = [picture, ...picture.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((element, i) => {
    const style = getComputedStyle(originals[i]);
    for (const name of STYLES) element.setAttribute(name, style.getPropertyValue(name));
    element.removeAttribute("class");
    element.removeAttribute("style");
    if (style.display === "none") element.setAttribute("display", "none");
  });
  return copy;
}

/** @param {Element} pictures @returns {Promise<Blob>} */
export async function png(pictures) {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(svgText(pictures))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = SHARPNESS * image.width;
  canvas.height = SHARPNESS * image.height;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

/** Hand a file to the reader. @param {string | Blob} content @param {string} name @param {string} type */
export function download(content, name, type) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000); // the browser has taken it by then
}
