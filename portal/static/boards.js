// Draws each chart from the data beside its table. Without this script, or without ECharts, the tables are the charts.
(() => {
  if (!window.echarts) return;
  const COLOURS = ["#1d5a94", "#e08a1e", "#2a9d74", "#b5482e", "#7a5aa6", "#6b7785"];
  const text = (told, series, index) => `${told.labels[index]}\n${series.map((each) => `${each.name}：${each.about[index]}`).join("\n")}`;
  const shortened = (value, length) => (value.length > length ? `${value.slice(0, length - 1)}…` : value);

  // Where the labels are names the bars lie, and the picture is as high as there are names.
  const bars = (told, narrow) => {
    const lying = told.form === "bars", length = narrow ? 6 : 12;
    const labels = { type: "category", data: told.labels, axisLabel: lying ? { formatter: (value) => shortened(value, length), interval: 0 } : { hideOverlap: true } };
    if (lying) labels.inverse = true;
    const numbers = { type: "value", max: told.percent ? 100 : null, minInterval: told.percent ? 0 : 1, axisLabel: { formatter: told.percent ? "{value}%" : "{value}", hideOverlap: true } };
    const kind = told.form === "lines" ? "line" : "bar";
    const series = told.series.map((each) => ({
      name: each.name, type: kind, data: each.data, stack: told.stacked || told.form === "stacked" ? "all" : null, barMaxWidth: 26, symbolSize: 7, connectNulls: false, cursor: each.links.length ? "pointer" : "default",
    }));
    return { xAxis: lying ? numbers : labels, yAxis: lying ? labels : numbers, series };
  };

  // Months of days; the colour is the share that was not met in time.
  const calendar = (told) => {
    const good = told.series[0], first = told.range[0], last = told.labels[told.labels.length - 1] > told.range[1] ? told.labels[told.labels.length - 1] : told.range[1];
    return {
      visualMap: { min: 0, max: 100, orient: "horizontal", left: "center", bottom: 0, text: ["全部没有按时", "全部按时"], inRange: { color: ["#e7f4ea", "#fdf3dc", "#b5482e"] }, calculable: false },
      calendar: { top: 30, left: 40, right: 10, cellSize: ["auto", 18], range: [first, last], dayLabel: { firstDay: 1, nameMap: "ZH" }, monthLabel: { nameMap: "ZH" }, yearLabel: { show: false } },
      series: [{ type: "heatmap", coordinateSystem: "calendar", data: told.labels.map((day, index) => [day, good.data[index] === null ? 0 : Math.round(10 * (100 - good.data[index])) / 10]) }],
    };
  };

  const windowed = (place) => {
    const frame = document.createElement("div");
    frame.className = "frame";
    place.replaceWith(frame);
    frame.append(place);
    return place;
  };

  const drawn = (place) => {
    const told = JSON.parse(document.getElementById(place.dataset.chart).textContent), days = told.form === "calendar";
    place.hidden = false;
    const narrow = place.clientWidth < 480;
    place.style.height = `${days ? 210 : told.form === "bars" ? 90 + told.labels.length * (told.stacked ? 24 : 14 * told.series.length + 10) : 280}px`;
    // A picture that is higher than this is looked at through a window.
    const chart = echarts.init(windowed(place), null, { renderer: "canvas" });
    chart.setOption({
      ...(days ? calendar(told) : bars(told, narrow)),
      // The tooltip is drawn, too: one made of HTML would bring styles of its own into the page.
      tooltip: { renderMode: "richText", confine: true, trigger: days ? "item" : "axis", axisPointer: { type: "shadow" }, formatter: (at) => text(told, told.series, (days ? at : at[0]).dataIndex) },
      ...(days ? {} : { legend: { show: told.series.length > 1, type: "scroll", top: 0 }, grid: { left: 8, right: 24, top: told.series.length > 1 ? 36 : 14, bottom: 8, containLabel: true } }),
      animation: false, color: COLOURS, aria: { enabled: true }, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    });
    chart.on("click", (at) => {
      const link = told.series[days ? 0 : at.seriesIndex].links[at.dataIndex];
      if (link) window.location.assign(link);
    });
    new ResizeObserver(() => chart.resize()).observe(place);
    place.closest(".chart").querySelector("details.data").open = false;
  };
  document.querySelectorAll("[data-chart]").forEach(drawn);
})();
