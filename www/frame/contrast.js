// Tells the merchant which colours of a theme are too near to each other to be read. The form is shown all the same.

/** Colour, what it lies on, and how much contrast WCAG 2.2 asks for (1.4.3, 1.4.11). */
const PAIRS = [
  ["text", "surface", 4.5],
  ["text", "backdrop", 4.5],
  ["text-soft", "surface", 4.5],
  ["text-soft", "backdrop", 4.5],
  ["text-soft", "tile", 4.5],
  ["danger", "backdrop", 4.5],
  ["danger", "surface", 3],
  ["accent", "surface", 3],
  ["border", "surface", 3],
  ["border", "backdrop", 3],
];

const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

/** Red, green, blue and opacity, each from 0 to 255, of a token as it is shown now, in whatever way it is written. */
const colourOf = (token) => {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = `var(--${token})`;
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = getComputedStyle(probe).color;
  canvas.fillRect(0, 0, 1, 1);
  probe.remove();
  return canvas.getImageData(0, 0, 1, 1).data;
};

const luminance = (colour) => {
  const [red, green, blue] = Array.from(colour, (part) =>
    part <= 10 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

const contrast = (one, other) => {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};

const isOpaque = (colour) => colour[3] === 255;

/** Calls `tell` for each pair that is too near and of which the theme has set one. */
export const judge = (theme, tell) => {
  for (const [on, below, least] of PAIRS) {
    const colours = [on, below].map(colourOf);
    // What shines through is the page's, and nobody here can see that.
    if ((on in theme || below in theme) && colours.every(isOpaque)) {
      const ratio = contrast(...colours);
      if (ratio < least) {
        const found = `--tessera-${on} on --tessera-${below} has a contrast of ${ratio.toFixed(1)} to 1`;
        const message = `${found}; WCAG 2.2 asks for ${least} to 1.`;
        tell({ code: "low_contrast", classification: "merchant", field: null, message });
      }
    }
  }
};
