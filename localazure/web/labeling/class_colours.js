/**
 * Classes of a project as the canvas needs them: in one list, each with a colour that is safe to put into a style.
 *
 * Owns: flattening subclasses, colours, the colour of writing on them.
 * Leaves: choosing a class to detect.js.
 */

/** Colours for classes that have none, told apart also by people who see red and green alike. */
const PALETTE = ["#e6550d", "#1f78b4", "#33a02c", "#c51b8a", "#b8860b", "#6a51a3", "#00897b", "#d62728", "#8c564b", "#3f51b5", "#7cb342", "#ad1457"];

/** The colour of what has no class, or one that the project does not know. */
export const NO_CLASS_COLOR = "#6b7280";

const isColor = (value) => typeof value === "string" && /^#[0-9a-f]{6}$/i.test(value);

/** Every class and subclass of a project's categories: [{key, name, color, path}]; `path` are the names of the classes above. */
export function classList(categories) {
  const list = [];
  const walk = (classes, path) => {
    for (const { key, name, color, subclasses } of classes ?? []) {
      const fallback = PALETTE[list.length % PALETTE.length];
      list.push({ key, name: name || key, color: isColor(color) ? color.toLowerCase() : fallback, path });
      walk(subclasses, [...path, name || key]);
    }
  };
  for (const category of categories ?? []) walk(category.classes, []);
  return list;
}

const channel = (part) => {
  const value = Number.parseInt(part, 16) / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
};

/** The relative luminance of a #rrggbb colour, as WCAG defines it. */
export const luminance = (color) => 0.2126 * channel(color.slice(1, 3)) + 0.7152 * channel(color.slice(3, 5)) + 0.0722 * channel(color.slice(5, 7));

/** Black or white, whichever is read better on a colour. */
export const writingOn = (color) => (luminance(color) > 0.179 ? "#000000" : "#ffffff");
