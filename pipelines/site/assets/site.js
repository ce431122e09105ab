// What a page can do: language, light and dark, search, filters, order, choice of columns and period, charts.
"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const keep = (name, value) => {
    try { localStorage.setItem(name, value); } catch { /* a browser may forbid it; the page works without */ }
  };

  // Numbers: the class of an element says what its bare value is.
  const formats = {};
  const format = (decimals) =>
    (formats[root.lang + decimals] ??= new Intl.NumberFormat(root.lang === "en" ? "en" : "vi", {
      minimumFractionDigits: decimals, maximumFractionDigits: decimals,
    }));
  const shown = (value, unit) => {
    if (value === null || value === undefined || value === "") return "–";
    if (unit === "d" || unit === "m") {
      const [year, month, day] = value.split("-");
      if (unit === "m") return `${month}/${year}`;
      return root.lang === "en" ? value : `${day}/${month}/${year}`;
    }
    const number = Number(value);
    if (unit === "s") return `${format(2).format(number * 100)} %`;
    if (unit === "c") return format(0).format(number);
    if (unit === "p") return format(2).format(number);
    const sign = number > 0 ? "+" : number < 0 ? "−" : "±";
    return sign + format(2).format(Math.abs(number) * 100);
  };
  const unitOf = (element) => ["s", "c", "p", "g", "d", "m"].find((unit) => element.classList.contains(unit));
  window.cchc = { shown };

  function speak(language) {
    root.lang = language;
    for (const element of all("[data-v]")) {
      const unit = unitOf(element);
      if (unit) (element.querySelector("span") || element).textContent = shown(element.dataset.v, unit);
    }
    for (const element of all("[data-en]")) {
      element.dataset.vi ??= element.textContent;
      element.textContent = element.dataset[language];
    }
    if (window.cchc.draw) all("figure.chart").forEach(window.cchc.draw);
  }

  const other = () => (root.lang === "vi" ? "en" : "vi");
  document.getElementById("language").addEventListener("click", () => {
    speak(other());
    keep("cchc-language", root.lang);
  });

  const dark = document.getElementById("dark");
  document.getElementById("theme").addEventListener("click", () => {
    const now = window.matchMedia(dark.media).matches;
    dark.media = now ? "not all" : "screen";
    keep("cchc-theme", now ? "light" : "dark");
  });

  // Search without regard to marks: "buon" finds "Buôn".
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();

  for (const form of all("form[data-for]")) {
    const table = document.getElementById(form.dataset.for);
    const rows = all("tbody tr", table).map((row) => ({ row, text: plain(row.cells[0].textContent) }));
    const apply = () => {
      const wanted = Object.fromEntries(new FormData(form));
      const words = plain(wanted.q || "").split(/\s+/).filter(Boolean);
      let count = 0;
      for (const { row, text } of rows) {
        const on = (!wanted.level || row.dataset.level === wanted.level)
          && (!wanted.parent || row.dataset.parent === wanted.parent)
          && words.every((word) => text.includes(word));
        row.hidden = !on;
        count += on;
      }
      form.querySelector("output").textContent = `${count}/${rows.length}`;
    };
    const choose = () => {
      const group = form.elements.group?.value;
      if (group === undefined) return;
      const hidden = all("thead th", table).map((head) => Boolean(head.dataset.group) && head.dataset.group !== group);
      for (const row of table.rows) hidden.forEach((off, place) => { row.cells[place].hidden = off; });
    };
    form.addEventListener("input", (event) => (event.target.name === "group" ? choose() : apply()));
    form.addEventListener("submit", (event) => event.preventDefault());
    choose();
    apply();
  }

  for (const choice of all("select[data-shows]")) {
    const apply = () => all(`[data-${choice.dataset.shows}]`).forEach((part) => {
      part.hidden = part.dataset[choice.dataset.shows] !== choice.value;
    });
    choice.addEventListener("change", apply);
    apply();
  }

  // Order: numbers by their bare value, texts as the language sorts them; what is empty stays at the end.
  const keyOf = (cell) => {
    if (cell.dataset.v !== undefined) return Number.isNaN(Number(cell.dataset.v)) ? cell.dataset.v : Number(cell.dataset.v);
    if (/\bh\d?\b/.test(cell.className)) return Number(cell.textContent);
    if (cell.matches(".n, .hx")) return null;
    return (cell.querySelector(`[lang=${root.lang}]`) || cell).textContent.trim() || null;
  };
  function order(head) {
    const table = head.closest("table");
    const place = head.cellIndex;
    const up = head.getAttribute("aria-sort") === "descending";
    const body = table.tBodies[0];
    const collator = new Intl.Collator(root.lang);
    const keyed = all("tr", body).map((row) => [keyOf(row.cells[place]), row]);
    const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b));
    keyed.sort(([a], [b]) => {
      if (a === null || b === null) return (a === null) - (b === null);
      return up ? compare(a, b) : compare(b, a);
    });
    body.append(...keyed.map(([, row]) => row));
    all("th[aria-sort]", table).forEach((one) => one.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.sort");
    if (button) order(button.closest("th"));
  });

  if (root.lang !== "vi") speak(root.lang);

  // Charts come after the page is painted: one a turn, so that nothing waits for them.
  const idle = window.requestIdleCallback || ((work) => setTimeout(work, 30));
  const packed = document.getElementById("charts");
  async function unpack() {
    const bytes = Uint8Array.from(atob(packed.textContent.trim()), (sign) => sign.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.head.append(script);
    const waiting = all("figure.chart");
    const next = async () => {
      const figure = waiting.shift();
      if (figure) { await window.cchc.draw(figure); idle(next); } else root.dataset.drawn = "yes";
    };
    next();
  }
  if (packed && window.DecompressionStream && document.querySelector("figure.chart")) {
    window.addEventListener("load", () => idle(unpack));
  } else {
    all("figure.chart details").forEach((table) => { table.open = true; });
  }
})();
