// Names beside the ends of lines, so that no eye has to travel to a legend.

const LINE = 14; // pixels from one name to the next
const LETTER = 7.3; // pixels that a letter takes on average, in a wide font

/** @param {string[]} texts @returns {number} the pixels that the longest takes */
export const widthOf = (texts) => Math.max(0, ...texts.map((text) => Math.ceil(text.length * LETTER)));

/**
 * Heights as near to those wished as leaves each a line of its own, all within the picture.
 * @param {number[]} wished @param {number} height @returns {number[] | null} null where there is no room
 */
export function spread(wished, height) {
  if (wished.length * LINE > height) return null;
  const order = wished.map((_, i) => i).sort((a, b) => wished[a] - wished[b]);
  const places = [];
  let free = 0; // from here down
  for (const i of order) {
    places[i] = Math.max(free, wished[i]);
    free = places[i] + LINE;
  }
  let limit = height; // and back up, where the last went over the edge
  for (const i of order.toReversed()) {
    places[i] = Math.min(limit, places[i]);
    limit = places[i] - LINE;
  }
  return places;
}
