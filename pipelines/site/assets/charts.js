// Draws the charts of a page with Vega. Bundled with it by pipelines/site/script.py, which puts the specs in.
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

function draw(figure) {
  const plot = figure.querySelector(".plot");
  const chart = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
  chart.labels = Object.fromEntries(
    [...figure.querySelectorAll(".legend [data-series]")].map((item) => [
      item.dataset.series,
      (item.querySelector(`[lang=${document.documentElement.lang}]`) || item).textContent.trim(),
    ]),
  );
  if (drawn.has(figure)) {
    drawn.get(figure).data("rows", rowsOf(chart)).run();
    return;
  }
  plot.hidden = false;
  const view = new vega.View(vega.parse(specs[chart.kind]), { renderer: "svg", container: plot, hover: false });
  drawn.set(figure, view.data("rows", rowsOf(chart)));
  view.run();
}

window.cchc.draw = draw;
