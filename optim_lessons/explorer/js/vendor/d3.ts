// What the figure takes of D3. `make vendor` bundles this into d3.js, so that no reader needs Node.
export { ticks } from "d3-array";
export { contours } from "d3-contour";
