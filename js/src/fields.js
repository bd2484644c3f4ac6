/** Reads what a person filled into a card, and forgets its secrets. */

/** @typedef {import("./wire.js").Values} Values */
/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Field */

/**
 * Every named field as a list of strings: the ticked, the chosen, the text that was typed. A field that was left alone
 * is an empty list.
 *
 * @param {HTMLFormElement} form
 * @returns {Values}
 */
export function valuesOf(form) {
  /** @type {Map<string, string[]>} */
  const values = new Map();
  for (const field of fieldsOf(form)) {
    values.set(field.name, [...(values.get(field.name) ?? []), ...given(field)]);
  }
  return Object.fromEntries(values);
}

/**
 * Every named field as JSON of its type: what `data-cj-type` says, or what the input is. What was left empty is left
 * out. A number that is none stays text: whoever has the schema says what is wrong.
 *
 * @param {HTMLFormElement} form
 * @returns {{ [field: string]: unknown }}
 */
export function contentOf(form) {
  const values = valuesOf(form);
  /** @type {Map<string, unknown>} */
  const content = new Map();
  for (const field of fieldsOf(form)) {
    const type = field.dataset.cjType ?? typeOf(field);
    const texts = values[field.name] ?? [];
    if (content.has(field.name)) continue;
    if (type === "boolean") content.set(field.name, truth(field, texts));
    else if (type === "choices") content.set(field.name, texts);
    else if (texts[0] !== undefined) content.set(field.name, typed(type, texts[0]));
  }
  return Object.fromEntries(content);
}

/**
 * What must not stay on the page once it was sent.
 *
 * @param {HTMLFormElement} form
 */
export function clearSecrets(form) {
  for (const field of form.querySelectorAll("input[type=password], [data-cj-secret]")) {
    if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) {
      field.value = "";
      field.removeAttribute("value");
    }
  }
}

/**
 * @param {HTMLFormElement} form
 * @returns {Field[]}
 */
function fieldsOf(form) {
  const fields = /** @type {Field[]} */ ([...form.querySelectorAll("input, textarea, select")]);
  return fields.filter((field) => field.name && !field.disabled && field.type !== "submit");
}

/**
 * @param {Field} field
 * @returns {string[]}
 */
function given(field) {
  if (field instanceof HTMLSelectElement) {
    return [...field.selectedOptions].map((option) => option.value).filter(Boolean);
  }
  if (field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio")) {
    return field.checked ? [field.value] : [];
  }
  return field.value === "" ? [] : [field.value];
}

/** @param {Field} field */
function typeOf(field) {
  if (field.type === "checkbox") return field.value === "true" ? "boolean" : "choices";
  return field.type === "number" ? "number" : "text";
}

/**
 * @param {Field} field
 * @param {string[]} texts
 */
function truth(field, texts) {
  return field.type === "checkbox" ? texts.length > 0 : texts[0] === "true";
}

/**
 * @param {string} type
 * @param {string} text
 */
function typed(type, text) {
  const number = type === "number" || type === "integer" ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : text;
}
