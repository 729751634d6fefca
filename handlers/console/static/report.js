// Draws the curves of a report: clicks and conversions, or the money of one currency.
"use strict";
(() => {
  const place = document.getElementById("chart");
  const caption = place.parentElement.querySelector("figcaption");
  const height = 240;
  let chart = null, data = null, shown = "";

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const short = (n) => (n >= 1e6 ? n / 1e6 + "M" : n >= 1000 ? n / 1000 + "k" : n);
  // Clicks and conversions have an axis each; the amounts of a currency share one.
  const views = () => ["", ...new Set(data.curves.map((one) => one.unit).filter((unit) => unit !== "clicks" && unit !== "conversions"))];
  const curves = () => data.curves.filter((one) => (shown ? one.unit === shown : one.unit === "clicks" || one.unit === "conversions"));

  const draw = () => {
    chart?.destroy();
    const colours = [colour("line-duplicate"), colour("line-converted")];
    const axis = { stroke: colour("muted"), grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line"), width: 1 } };
    const all = curves(), scales = [...new Set(all.map((one) => one.unit))];
    const label = (at) => data.labels[at] ?? "";
    chart = new uPlot({
      width: place.clientWidth, height,
      axes: [{ ...axis, incrs: [1, 2, 5, 7, 14, 24, 48, 72, 168], space: 90, values: (_, ticks) => ticks.map((at) => (Number.isInteger(at) ? label(at).slice(5) : "")) },
        ...scales.map((scale, i) => ({ ...axis, stroke: scales.length > 1 ? colours[i] : axis.stroke, scale, side: i === 0 ? 3 : 1, size: 60, grid: { ...axis.grid, show: i === 0 }, values: (_, ticks) => ticks.map(short) }))],
      scales: { x: { time: false }, ...Object.fromEntries(scales.map((scale) => [scale, { range: (_, low, high) => [0, Math.max(scale === "conversions" || scale === "clicks" ? 5 : 1, high * 1.1)] }])) },
      series: [{ label: "from", value: (_, at) => (at == null ? "–" : label(at)) },
        ...all.map((one, i) => ({ label: one.name, scale: one.unit, stroke: colours[i % 2], width: 2, points: { show: data.labels.length < 3 } }))],
      cursor: { y: false },
    }, [data.labels.map((_, i) => i), ...all.map((one) => one.values)], place);
  };

  const choose = () => {
    if (views().length < 2) return;
    const bar = document.createElement("span");
    bar.className = "views";
    for (const unit of views()) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "small second";
      button.textContent = unit || "counts";
      button.setAttribute("aria-pressed", String(unit === shown));
      button.addEventListener("click", () => {
        shown = unit;
        bar.querySelectorAll("button").forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
        draw();
      });
      bar.append(button);
    }
    caption.textContent = "Over the period";
    caption.append(bar);
  };

  fetch(place.dataset.src, { headers: { "HX-Request": "true" } }).then(async (answer) => {
    if (!answer.ok) return;
    data = await answer.json();
    if (data.labels.length === 0 || data.curves.length === 0) {
      place.parentElement.hidden = true;
      return;
    }
    choose();
    draw();
  }).catch(() => {});
  const again = () => { if (data?.curves.length) draw(); };
  document.addEventListener("themechange", again);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  new ResizeObserver(() => chart?.setSize({ width: place.clientWidth, height })).observe(place);
})();
