// Shows the champs whose condition holds, in the language of forms/*.json. The server checks again on deposit.
(() => {
  "use strict";

  const form = document.getElementById("dossier");

  const readValue = (place) => {
    const kind = place.dataset.genre;
    const inputs = [...place.querySelectorAll("input, select, textarea")];
    const checked = inputs.filter((input) => input.checked).map((input) => input.value);
    if (kind === "checkbox") return checked.length > 0;
    if (kind === "multiple_drop_down_list") return checked;
    if (inputs.some((input) => input.type === "radio")) {
      return kind === "yes_no" && checked.length ? checked[0] === "true" : checked[0];
    }
    const text = inputs.length ? inputs[0].value : "";
    return kind.endsWith("_number") && text.trim() ? Number(text.replace(/\s/g, "").replace(",", ".")) : text;
  };

  const findPlace = (champ, row) => {
    const selector = `[data-champ="${champ}"]`;
    const near = row && row.querySelector(selector);
    return near || [...form.querySelectorAll(selector)].find((place) => !place.closest("[data-ligne]"));
  };

  const holds = (condition, row) => {
    if (condition.any) return condition.any.some((part) => holds(part, row));
    if (condition.all) return condition.all.every((part) => holds(part, row));
    const place = findPlace(condition.champ, row);
    const value = place ? readValue(place) : undefined;
    if ("includes" in condition) return Array.isArray(value) && value.includes(condition.includes);
    return value === condition.equals;
  };

  const refresh = () => {
    for (const place of form.querySelectorAll("[data-condition]")) {
      const row = place.closest("[data-ligne]");
      place.hidden = !holds(JSON.parse(place.dataset.condition), row);
    }
  };

  const focusWhereWorkGoesOn = () => {
    const errors = document.getElementById("erreurs");
    const target = location.hash ? document.getElementById(location.hash.slice(1)) : null;
    if (errors) errors.focus();
    else if (target) (target.querySelector("input:not([type=hidden]), select, textarea") || target).focus();
    else document.getElementById("enregistre")?.focus();
  };

  if (form) {
    form.addEventListener("change", refresh);
    form.addEventListener("input", refresh);
    window.addEventListener("pageshow", refresh);
    refresh();
  }
  // After the browser has gone to the address's fragment, which takes the focus away.
  window.addEventListener("load", () => requestAnimationFrame(() => setTimeout(focusWhereWorkGoesOn)));
})();
