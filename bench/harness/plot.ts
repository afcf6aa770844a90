import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { shown } from './numbers.ts';
import type { Axis, Plot } from './suite.ts';

echarts.use([BarChart, LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

const size = { width: 820, height: 420 };
const text = '#222222';
const colours = ['#0b6fb8', '#d1495b', '#3b8c4a', '#c98700', '#6a4c93', '#00798c', '#8c564b', '#555555'];
const symbols = ['circle', 'rect', 'triangle', 'diamond', 'pin', 'arrow', 'roundRect', 'emptyCircle'];

/** @returns an SVG, the same for the same plot. Its background is white, so that it can be read on a dark page too. */
export function draw(plot: Plot): string {
  const left = 90 + Math.max(0, ...(plot.y.categories ?? []).map((name) => name.length * 6 - 40)); // room for the names
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, ...size });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    color: colours,
    title: { text: plot.title, left: 'center', top: 8, textStyle: { color: text, fontSize: 16, fontWeight: 'normal' } },
    legend: { show: plot.series.length > 1, bottom: 8, textStyle: { color: text } },
    grid: { left, right: 40, top: 60, bottom: plot.series.length > 1 ? 90 : 60 },
    xAxis: axis(plot.x, { nameGap: 32, isUpright: false }),
    yAxis: axis(plot.y, { nameGap: left - 26, isUpright: true }),
    series: plot.series.map(({ name, points }, n) => ({
      name,
      type: plot.form === 'lines' ? 'line' : 'bar',
      data: points,
      showSymbol: points.length <= 60,
      symbol: symbols[n % symbols.length],
      symbolSize: 8,
      barMaxWidth: 40,
      silent: true, // a picture in a document: nothing happens under the pointer
      emphasis: { disabled: true },
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  // The library numbers charts and classes throughout a process; here both begin anew in each file.
  const classes = [...new Set(svg.match(/\bzr\d+-cls-\d+/g))];
  const renumbered = svg.replaceAll(/\bzr\d+-cls-\d+/g, (name) => `zr-cls-${classes.indexOf(name)}`);
  return `${renumbered.replaceAll(/\bzr\d+-/g, 'zr-')}\n`;
}

/** Powers of ten have many zeros: `10K`, `1M`. */
const compact = (value: number): string => value.toLocaleString('en', { notation: 'compact' });

function axis(
  { label, scale = 'linear', from, categories }: Axis,
  { nameGap, isUpright }: { nameGap: number; isUpright: boolean },
) {
  return {
    type: categories ? ('category' as const) : scale === 'log' ? ('log' as const) : ('value' as const),
    ...(categories && { data: categories, inverse: isUpright }), // names of bars are read from above
    ...(from !== undefined && { min: from }),
    name: label,
    nameLocation: 'middle' as const,
    nameGap,
    nameTextStyle: { color: text, fontSize: 13 },
    axisLabel: { color: text, ...(!categories && { formatter: scale === 'log' ? compact : shown }) },
    axisLine: { show: true, onZero: false, lineStyle: { color: text } }, // at the edge, also where numbers are negative
    splitLine: { lineStyle: { color: '#dddddd' } },
  };
}
