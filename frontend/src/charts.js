// Draws every [data-chart] of the page with ECharts (SVG, no animation). The numbers stand beside it as a table.
import { LineChart, MapChart, ScatterChart } from "echarts/charts";
import { GeoComponent, GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { mapOption, registerMap } from "./chart-map.js";
import { trendOption } from "./chart-trend.js";

echarts.use([GeoComponent, GridComponent, LineChart, MapChart, MarkLineComponent, ScatterChart, SVGRenderer, TooltipComponent]);

/** Colours and font come from the style sheet, so that light and dark need no second set here. */
function readTokens(element) {
  const style = getComputedStyle(element);
  return (name) => style.getPropertyValue(`--${name}`).trim();
}

function readData(element) {
  return JSON.parse(document.getElementById(element.dataset.chartData).textContent);
}

async function draw(element) {
  const data = readData(element);
  const token = readTokens(element);
  if (element.dataset.chart === "map") await registerMap(echarts, data);
  const chart = echarts.init(element, null, { renderer: "svg" });
  const build = element.dataset.chart === "map" ? mapOption : trendOption;
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    ...build(data, token, element),
  });
  chart.on("click", (event) => {
    const url = event.data?.url;
    if (url) window.location.assign(url);
  });
  new ResizeObserver(() => chart.resize()).observe(element);
  element.dataset.drawn = "yes";
}

/** A chart that cannot be drawn gives way to its table. */
function giveWay(element, error) {
  console.error(error);
  const block = element.closest("[data-chart-block]");
  const table = block?.querySelector("[data-chart-table]");
  if (table) {
    table.hidden = false;
    block.querySelector("[data-chart-graph]").hidden = true;
  }
}

for (const element of document.querySelectorAll("[data-chart]")) {
  draw(element).catch((error) => giveWay(element, error));
}
