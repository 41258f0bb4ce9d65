// One small line over the quarters: value above each point, axis from zero, base line dashed.

export function trendOption(data, token) {
  const top = Math.max(data.base ?? 0, ...data.points.map((point) => point.value ?? 0));
  const small = { color: token("ink-2"), fontSize: 12 };
  return {
    grid: { left: 14, right: 18, top: 24, bottom: 24 },
    tooltip: {
      renderMode: "richText",
      trigger: "item",
      backgroundColor: token("toast"),
      borderWidth: 0,
      textStyle: { color: token("toast-ink"), fontSize: 12 },
      formatter: (event) => `${event.name} ${event.value}`,
    },
    xAxis: {
      type: "category",
      boundaryGap: false,
      data: data.points.map((point) => point.name),
      axisLine: { lineStyle: { color: token("control-soft") } },
      axisTick: { show: false },
      axisLabel: { ...small, interval: 0 },
    },
    yAxis: { type: "value", min: 0, max: top === 0 ? 1 : top * 1.08, show: false },
    series: [
      {
        type: "line",
        data: data.points.map((point) => ({ value: point.value, url: point.url, name: point.name })),
        symbol: "circle",
        symbolSize: 7,
        lineStyle: { color: token("pri"), width: 2 },
        itemStyle: { color: token("pri") },
        areaStyle: { color: token("pri-tint"), opacity: 0.7 },
        label: { show: true, position: "top", color: token("ink"), fontSize: 13, fontWeight: 600 },
        markLine: data.base
          ? {
              silent: true,
              symbol: "none",
              label: { show: false },
              lineStyle: { color: token("ink-3"), type: "dashed", width: 1 },
              data: [{ yAxis: data.base }],
            }
          : undefined,
      },
    ],
  };
}
