"""What a page must be for everybody to use it: checks in the manner of axe, run inside the browser."""

from __future__ import annotations

from playwright.sync_api import Page

_SCRIPT = r"""
() => {
  const faults = [];
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });
  const describe = (element) => element.outerHTML.slice(0, 120);
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  const twice = ids.filter((id, place) => ids.indexOf(id) !== place);
  for (const id of new Set(twice)) faults.push(`id twice: ${id}`);
  for (const element of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    const name = [...element.labels].map((label) => label.textContent.trim()).join(" ");
    if (!name && !element.ariaLabel) faults.push(`no label: ${describe(element)}`);
  }
  for (const element of document.querySelectorAll("button, a[href]")) {
    if (!element.textContent.trim()) faults.push(`no name: ${describe(element)}`);
  }
  for (const label of document.querySelectorAll("label")) {
    if (!label.control) faults.push(`a label of nothing: ${describe(label)}`);
  }
  for (const attribute of ["aria-describedby", "aria-labelledby"]) {
    for (const element of document.querySelectorAll(`[${attribute}]`)) {
      for (const id of element.getAttribute(attribute).split(/\s+/)) {
        if (!document.getElementById(id)) faults.push(`${attribute} leads nowhere: ${describe(element)}`);
      }
    }
  }
  for (const link of document.querySelectorAll('a[href^="#"]')) {
    if (!document.getElementById(link.hash.slice(1))) faults.push(`link leads nowhere: ${describe(link)}`);
  }
  for (const group of document.querySelectorAll("fieldset")) {
    if (group.querySelector(":scope > legend") === null) faults.push(`no legend: ${describe(group)}`);
  }
  const headings = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter(shown);
  const levels = headings.map((heading) => Number(heading.tagName[1]));
  if (levels.indexOf(1) !== 0 || levels.lastIndexOf(1) !== 0) faults.push(`headings: ${levels}`);
  levels.forEach((level, place) => {
    if (place && level > levels[place - 1] + 1) faults.push(`a heading level is missing: ${levels}`);
  });
  if (document.documentElement.lang !== "fr") faults.push("no language");
  if (!document.querySelector("main")) faults.push("no main");
  if (!document.title) faults.push("no title");
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push("scrolls sideways");

  const read = (color) => (color.match(/[\d.]+/g) || []).map(Number);
  const luminance = ([red, green, blue]) => {
    const part = (value) => ((value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue);
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = read(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  for (const element of document.querySelectorAll("body *")) {
    const speaks = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!(speaks || element.matches("input, textarea")) || !shown(element)) continue;
    const [light, dark] = [luminance(read(getComputedStyle(element).color)), luminance(behind(element))]
      .sort((one, other) => other - one);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) faults.push(`contrast ${contrast.toFixed(2)}: ${describe(element)}`);
  }
  return faults;
}
"""


def find_faults(page: Page) -> list[str]:
    """What is wrong with the page as it stands: ids, labels, headings, legends, contrast, width."""
    faults: list[str] = page.evaluate(_SCRIPT)
    return faults
