// The error along each eigenvector against the step, one line an eigenvalue, named at its end.

import { svg } from "./dom.js";
import { fix } from "./frame.js";
import { lineNames } from "./line-names.js";
import { LinePlot, logAxis } from "./line-plot.js";
import { colour } from "./looks.js";
import { format } from "./numbers.js";

const DEEPEST = 1e-6; // decades below the total error are of no interest: there a line leaves the picture

export class ModesPlot extends LinePlot {
  constructor() {
    super("Error of each eigenvector against step; the values are in the table below.", "error |θ|");
    this.room = 1.22; // for the names
  }

  /** @param {number[]} total errors of all together */
  static axis(total) {
    const sizes = total.filter((value) => value > 0 && Number.isFinite(value));
    const most = Math.min(1e4, Math.max(...sizes));
    return logAxis(Math.max(1e-16, Math.min(0.1, DEEPEST * most, Math.min(...sizes) / 10)), most);
  }

  /** @param {import("./line-names.js").Named[]} lines
   * @param {number} lit the line that stands out, -1 for none */
  drawModes(lines, axis, steps, at, lit) {
    this.draw(lines, axis, steps, at);
    this.runs.classList.toggle("ol-choosing", lit >= 0);
    [...this.runs.children].forEach((node, i) => {
      node.classList.toggle("ol-lit", i === lit);
      node.classList.toggle("ol-total", i === lines.length - 1);
    });
    this.front.replaceChildren(...lineNames(this, lines, steps, lit));
  }

}

/** The error of each eigenvalue at the current step: for methods whose rate no theory gives. */
export class SpectrumPlot extends LinePlot {
  constructor() {
    super("Error by eigenvalue at this step; the values are in the table below.", "error |θ|");
  }

  /** @param {{look: import("./looks.js").Look}[]} modes @param {number[]} sizes the errors at this step */
  drawSpectrum(eigenvalues, modes, sizes, axis, lit) {
    const [low, high] = [eigenvalues[0] / 1.5, eigenvalues.at(-1) * 1.5].map(Math.log10);
    this.lay(this.size.width, this.size.height, [low, high], axis.ends);
    const named = eigenvalues.length > 6 ? [eigenvalues[0], eigenvalues.at(-1)] : eigenvalues;
    this.drawAxes(named.map((u) => ({ at: Math.log10(u), text: format(u, 3) })), axis.ticks, "eigenvalue λ", this.yLabel);
    this.front.replaceChildren(...eigenvalues.map((u, i) =>
      svg("circle", {
        class: `ol-dot${i === lit ? " ol-lit" : ""}`, ...colour(modes[i].look), r: i === lit ? 8 : 5.5,
        cx: fix(this.x(Math.log10(u))), cy: fix(this.y(Number.isNaN(sizes[i]) ? axis.ends[1] : axis.to(sizes[i]))),
      })));
  }
}
