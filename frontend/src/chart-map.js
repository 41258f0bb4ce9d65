// The sketch of the city: counties by degree, zones as ringed points with leader lines and labels at the side.
// data = { geojson: address or object, name_field, regions: [{name, label, text, step, url, label_at?}],
//          zones: [{label, text, step, url, at: [lon, lat], label_at: [lon, lat]}] }; step 1 to 4, 0 = no value.

export async function registerMap(echarts, data) {
  const answer = typeof data.geojson === "string" ? await fetch(data.geojson, { credentials: "same-origin" }) : null;
  if (answer && !answer.ok) throw new Error(`map file: ${answer.status}`);
  const shapes = answer ? await answer.json() : data.geojson;
  const field = data.name_field ?? "name";
  for (const feature of shapes.features) feature.properties.name = String(feature.properties[field]);
  const placed = new Map(data.regions.filter((region) => region.label_at).map((region) => [region.name, region.label_at]));
  for (const feature of shapes.features) {
    const at = placed.get(feature.properties.name);
    if (at) feature.properties.cp = at;
  }
  echarts.registerMap("sketch", shapes);
}

const fill = (step, token) => (step ? token(`amount-${step}`) : token("sunk"));
const ink = (step, token) => (step === 4 ? token("on-pri") : token("amount-ink"));

function regionItem(region, token) {
  return {
    name: region.name,
    value: region.step,
    url: region.url,
    label: {
      show: true,
      formatter: `{name|${region.label}}\n${region.text}`,
      color: ink(region.step, token),
      rich: { name: { fontWeight: 600, fontSize: 13, lineHeight: 18, color: ink(region.step, token) } },
    },
    itemStyle: { areaColor: fill(region.step, token) },
  };
}

function zonePoint(zone, token) {
  return {
    name: zone.label,
    value: zone.at,
    url: zone.url,
    itemStyle: { color: fill(zone.step, token), borderColor: token("card"), borderWidth: 2 },
  };
}

function zoneLabel(zone, token) {
  return {
    name: zone.label,
    value: zone.label_at,
    url: zone.url,
    symbolSize: 1,
    itemStyle: { color: "transparent" },
    label: { show: true, position: "right", distance: 2, color: token("ink"), fontWeight: 600, fontSize: 13, formatter: `${zone.label} ${zone.text}` },
  };
}

export function mapOption(data, token, element) {
  const zones = data.zones ?? [];
  const wide = element.clientWidth;
  const leaders = zones.map((zone) => [{ coord: zone.at }, { coord: zone.label_at }]);
  return {
    tooltip: { show: false },
    geo: {
      map: "sketch",
      roam: false,
      silent: true,
      left: 4,
      right: zones.length ? Math.min(90, wide * 0.26) : 4,
      top: 8,
      bottom: 8,
      itemStyle: { areaColor: "transparent", borderColor: "transparent" },
      emphasis: { disabled: true },
    },
    series: [
      {
        type: "map",
        map: "sketch",
        geoIndex: undefined,
        left: 4,
        right: zones.length ? Math.min(90, wide * 0.26) : 4,
        top: 8,
        bottom: 8,
        selectedMode: false,
        itemStyle: { areaColor: token("sunk"), borderColor: token("card"), borderWidth: 1.5 },
        label: { show: true, fontSize: 12, lineHeight: 17 },
        emphasis: { itemStyle: { areaColor: "inherit", borderColor: token("pri") }, label: { color: "inherit" } },
        data: data.regions.map((region) => regionItem(region, token)),
      },
      {
        type: "scatter",
        coordinateSystem: "geo",
        symbolSize: 19,
        z: 4,
        silent: true,
        itemStyle: { color: token("grey-fill") },
        data: zones.map((zone) => ({ value: zone.at })),
      },
      {
        type: "scatter",
        coordinateSystem: "geo",
        symbolSize: 14,
        z: 5,
        data: zones.map((zone) => zonePoint(zone, token)),
        markLine: {
          silent: true,
          symbol: "none",
          lineStyle: { color: token("ink-2"), width: 1, type: "solid" },
          label: { show: false },
          data: leaders,
        },
      },
      { type: "scatter", coordinateSystem: "geo", z: 6, data: zones.map((zone) => zoneLabel(zone, token)) },
    ],
  };
}
