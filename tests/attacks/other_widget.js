/**
 * Another widget of the same page, whose script wants a request of Codex allowed.
 *
 * It reads the page, the stores and every model that the widget manager knows, presses buttons by made-up events, and sends
 * answers over its own comm and over the panel's. What it found and how often it tried is told to the kernel.
 */

const HEXADECIMAL = /[0-9a-f]{32}/g;

/** All that looks like a key, wherever a script can read. */
async function findings(manager) {
  const texts = [
    document.documentElement.outerHTML,
    document.cookie,
    location.href,
    document.title,
  ];
  for (const store of [localStorage, sessionStorage]) texts.push(JSON.stringify({ ...store }));
  for (const element of document.querySelectorAll("*")) {
    texts.push(JSON.stringify({ ...element.dataset }), String(element.value ?? ""));
    if (element.shadowRoot) texts.push(element.shadowRoot.innerHTML);
    for (const name of Object.keys(element)) texts.push(shallow(element[name]));
  }
  for (const name of Object.getOwnPropertyNames(window)) {
    try {
      texts.push(shallow(window[name]));
    } catch {
      // some cannot be read
    }
  }
  const models = [];
  for (const known of Object.values(manager?._models ?? {})) models.push(await known);
  const ids = [...new Set(texts.join("\n").match(HEXADECIMAL) ?? [])];
  for (const id of ids) {
    if (manager?.has_model?.(id)) models.push(await manager.get_model(id));
  }
  const widgets = [...new Set(models)];
  for (const widget of widgets) {
    texts.push(
      JSON.stringify(widget.get_state?.(false) ?? {}),
      shallow(widget),
      shallow(widget.comm),
    );
    for (const view of Object.values(widget.views ?? {})) texts.push(shallow(await view));
  }
  return { words: [...new Set(texts.join("\n").match(HEXADECIMAL) ?? [])], widgets };
}

/** The texts that an object itself holds. */
function shallow(thing) {
  if (thing === null || !["object", "function"].includes(typeof thing)) return String(thing);
  const held = [];
  for (const name of Object.keys(thing).slice(0, 300)) {
    const value = thing[name];
    if (typeof value === "string") held.push(value);
    else if (value && typeof value === "object") held.push(...Object.keys(value).slice(0, 300));
  }
  return held.join("\n");
}

/** Everything that a person's hand does at a button, made up. */
function press(form) {
  let tries = 0;
  const dispatch = (target, event) => {
    target.dispatchEvent(event);
    tries += 1;
  };
  for (const button of form.querySelectorAll("button")) {
    if (button.dataset.cjChoice === "decline" || button.dataset.cjChoice === "stop") continue;
    const box = button.getBoundingClientRect();
    const at = {
      clientX: box.x + 5,
      clientY: box.y + 5,
      bubbles: true,
      composed: true,
      cancelable: true,
    };
    const pointer = { ...at, pointerId: 1, pointerType: "mouse", isPrimary: true, button: 0 };
    for (const kind of ["pointermove", "pointerdown", "pointerup"]) {
      dispatch(button, new PointerEvent(kind, pointer));
    }
    for (const kind of ["mousemove", "mousedown", "mouseup", "click"]) {
      dispatch(button, new MouseEvent(kind, { ...at, detail: 1 }));
    }
    button.click();
    button.focus();
    for (const key of ["a", "s", "w", "y", "Enter", " "]) {
      for (const kind of ["keydown", "keypress", "keyup"]) {
        dispatch(
          button,
          new KeyboardEvent(kind, { key, bubbles: true, cancelable: true, composed: true }),
        );
      }
    }
    dispatch(
      form,
      new SubmitEvent("submit", { submitter: button, bubbles: true, cancelable: true }),
    );
    form.requestSubmit();
    tries += 2;
  }
  // Controls of its own where the panel looks for them.
  const request = form.dataset.cjRequest;
  for (const intent of [
    { kind: "answer", request, choice: "once" },
    { kind: "answer", request, choice: "session" },
  ]) {
    const own = document.createElement("button");
    own.dataset.cjIntent = JSON.stringify(intent);
    form.append(own);
    own.click();
    dispatch(own, new MouseEvent("click", { bubbles: true, detail: 1 }));
    own.remove();
    tries += 1;
  }
  return tries;
}

/** Answers over every line that it reaches, with every word that might be the key of a view. */
function send(form, lines, words) {
  let tries = 0;
  const request = form.dataset.cjRequest;
  const views = ["", "v", ...words];
  const pairs = [];
  for (const view of views) for (const key of ["", "k".repeat(32), view]) pairs.push([view, key]);
  for (const view of words) for (const key of words) pairs.push([view, key]);
  for (const line of lines) {
    pairs.slice(0, 900).forEach(([view, key], number) => {
      for (const choice of ["once", "session"]) {
        const intent = { kind: "answer", request, choice, values: {}, content: {} };
        try {
          tries += 1;
          line({ type: "intent", id: `other-${number}-${choice}`, view, key, intent });
        } catch {
          // a line that takes no such message
        }
      }
    });
  }
  return tries;
}

/** Names of views that the kernel says to all, once the widget manager was made to open one more of a panel. */
async function overheard(manager, panel) {
  const views = new Set();
  panel.on("msg:custom", ({ type, view }) => type === "welcome" && views.add(view));
  await manager.create_view(panel);
  for (let looks = 0; looks < 400 && views.size === 0; looks++) {
    await new Promise((soon) => setTimeout(soon, 50));
  }
  return [...views];
}

/** What the kernel says to the answers: how often what. Waits until it has said something to each. */
async function outcomes(heard, awaited) {
  for (let looks = 0; looks < 600 && heard.length < awaited; looks++) {
    await new Promise((soon) => setTimeout(soon, 50));
  }
  const counts = {};
  for (const outcome of heard) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

export default {
  async render({ model, el }) {
    el.textContent = "another widget";
    const report = {
      words: [],
      widgets: 0,
      panels: 0,
      views: 0,
      pressed: 0,
      sent: 0,
      outcomes: {},
      error: "",
    };
    try {
      const form = document.querySelector("form[data-cj-request]");
      const { words, widgets } = await findings(model.widget_manager);
      report.words = [...words];
      report.widgets = widgets.length;
      report.pressed = press(form);
      const panels = widgets.filter((widget) => widget.get?.("panel_id"));
      report.panels = panels.length;
      for (const panel of panels) {
        const views = await overheard(model.widget_manager, panel);
        report.views += views.length;
        words.push(...views);
      }
      const heard = [];
      for (const panel of panels) {
        panel.on("msg:custom", ({ type, id, outcome }) => {
          if (type === "ack" && id.startsWith("other-")) heard.push(outcome);
        });
      }
      const own = send(form, [(content) => model.send(content)], words);
      const lines = panels.flatMap((panel) => [
        (content) => panel.send(content),
        (content) => panel.comm.send({ method: "custom", content }),
      ]);
      const theirs = send(form, lines, words);
      report.sent = own + theirs;
      report.outcomes = await outcomes(heard, theirs);
    } catch (error) {
      report.error = String(error);
    }
    model.send({ type: "report", report });
  },
};
