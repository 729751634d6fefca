// Draws the hits a second of the last hour, the mean of each minute, and again every few seconds.
"use strict";
(() => {
  const place = document.getElementById("chart");
  const series = ["accepted", "converted", "duplicate", "rejected"];
  const every = 5000, height = 220;
  let chart = null, data = null;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const shown = (rate) => rate.toLocaleString("en", { maximumSignificantDigits: 3 });
  const draw = () => {
    chart?.destroy();
    const axis = { stroke: colour("muted"), grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line"), width: 1 } };
    chart = new uPlot({
      width: place.clientWidth, height,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "UTC"),
      fmtDate: (template) => uPlot.fmtDate(template),
      axes: [{ ...axis, values: (_, ticks) => ticks.map((at) => new Date(at * 1000).toISOString().slice(11, 16)) },
        { ...axis, size: 56, values: (_, ticks) => ticks.map((n) => (n >= 1000 ? n / 1000 + "k" : shown(n))) }],
      scales: { y: { range: (_, low, high) => [0, Math.max(0.1, high * 1.1)] } },
      series: [{ label: "minute", value: (_, at) => (at == null ? "–" : new Date(at * 1000).toISOString().slice(11, 16)) },
        ...series.map((name) => ({ label: name, value: (_, rate) => (rate == null ? "–" : shown(rate)), stroke: colour("line-" + name), width: 2, points: { show: false },
          fill: name === "accepted" ? colour("fill-accepted") : undefined }))],
      cursor: { y: false },
    }, data, place);
  };

  // The running minute is not whole yet.
  const load = async () => {
    if (document.hidden) return;
    const answer = await fetch(place.dataset.src, { headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    const minutes = ((await answer.json()) ?? []).slice(0, -1);
    if (minutes.length === 0) return;
    data = [minutes.map((one) => Date.parse(one.begin) / 1000), ...series.map((name) => minutes.map((one) => one[name] / 60))];
    if (chart) chart.setData(data); else draw();
  };

  const again = () => load().catch(() => {}).finally(() => setTimeout(again, data ? every : 1000));
  again();
  document.addEventListener("themechange", () => { if (data) draw(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (data) draw(); });
  new ResizeObserver(() => chart?.setSize({ width: place.clientWidth, height })).observe(place);
})();
