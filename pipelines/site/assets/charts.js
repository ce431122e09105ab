// Draws the charts of a page with Vega-Embed, which pipelines/site/script.py puts before it; it puts the specs in, too.
const specs = /* specs */ {};
const drawn = new WeakMap();

const inLanguage = (value, unit) => window.cchc.shown(value, unit);

function rowsOf(chart) {
  const share = chart.kind === "lines";
  return chart.rows.map((row) => {
    const told = Object.fromEntries(chart.columns.map((name, place) => [name, row[place]]));
    const month = `${told.m.slice(5, 7)}/${told.m.slice(0, 4)}`;
    told.tip = `${chart.labels[told.s] || told.s}, ${month}: ${inLanguage(told.v, share ? "s" : "c")}`;
    return told;
  });
}

async function draw(figure) {
  const plot = figure.querySelector(".plot");
  const chart = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
  chart.labels = Object.fromEntries(
    [...figure.querySelectorAll(".legend [data-series]")].map((item) => [
      item.dataset.series,
      (item.querySelector(`[lang=${document.documentElement.lang}]`) || item).textContent.trim(),
    ]),
  );
  const rows = rowsOf(chart);
  if (drawn.has(figure)) {
    drawn.get(figure).data("rows", rows).run();
    return;
  }
  plot.hidden = false;
  const spec = JSON.parse(JSON.stringify(specs[chart.kind]));
  spec.data.find((one) => one.name === "rows").values = rows;
  const told = await window.vegaEmbed(plot, spec, { mode: "vega", renderer: "svg", actions: false, defaultStyle: false });
  drawn.set(figure, told.view);
}

window.cchc.draw = draw;
