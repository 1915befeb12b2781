import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { ControlTower } from '../../src/api/contract.ts';
import { formatCount } from '../format.ts';

const series = [
  { label: 'Received', light: '#4f46e5', dark: '#a5b4fc', dash: [] },
  { label: 'Shipped', light: '#0f766e', dark: '#5eead4', dash: [6, 3] },
  { label: 'Invoiced', light: '#b45309', dark: '#fcd34d', dash: [2, 3] },
];

/** Orders received, shipped and invoiced per minute. Lines differ by dash as well as by colour. */
export default function ThroughputChart({ throughput }: { throughput: ControlTower['throughput'] }) {
  const { ref: sizeRef, width } = useElementSize();
  const holder = useRef<HTMLDivElement>(null);
  const dark = useComputedColorScheme('light') === 'dark';
  useEffect(() => {
    if (!holder.current || width === 0) return;
    const data: uPlot.AlignedData = [
      throughput.map((row) => Date.parse(row.minute) / 1000),
      throughput.map((row) => row.received),
      throughput.map((row) => row.shipped),
      throughput.map((row) => row.invoiced),
    ];
    const chart = new uPlot(optionsFor(width, dark), data, holder.current);
    return () => chart.destroy();
  }, [throughput, width, dark]);
  const last = throughput.slice(-10).reduce((sum, row) => sum + row.received, 0);
  const sums = [
    throughput.reduce((sum, row) => sum + row.received, 0),
    throughput.reduce((sum, row) => sum + row.shipped, 0),
    throughput.reduce((sum, row) => sum + row.invoiced, 0),
  ];
  return (
    <div ref={sizeRef}>
      <div
        ref={holder}
        role="img"
        aria-label={`Orders per minute over the last hour; ${last} received in the last ten minutes`}
        style={{ minHeight: 206 }}
      />
      <div className="legend">
        {series.map((line, index) => (
          <span key={line.label}>
            <svg width="26" height="8" aria-hidden>
              <line
                x1="0"
                x2="24"
                y1="4"
                y2="4"
                strokeWidth="2.5"
                stroke={dark ? line.dark : line.light}
                strokeDasharray={line.dash.join(' ')}
              />
            </svg>{' '}
            {line.label} {formatCount(sums[index] ?? 0)}
          </span>
        ))}
      </div>
    </div>
  );
}

function optionsFor(width: number, dark: boolean): uPlot.Options {
  const ink = dark ? '#9fb3ae' : '#5b6b67';
  const grid = { stroke: dark ? '#22302d' : '#e4ebe9', width: 1 };
  const axis = { stroke: ink, grid, ticks: grid, font: '11px Inter, sans-serif' };
  return {
    width,
    height: 200,
    legend: { show: false },
    cursor: { drag: { x: false, y: false } },
    scales: { y: { range: (_chart, _min, max) => [0, Math.max(5, Math.ceil(max * 1.15))] } },
    axes: [
      { ...axis, values: [[60, '{HH}:{mm}', null, null, null, null, null, null, 0]] },
      // Orders come whole.
      { ...axis, size: 34, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000] },
    ],
    series: [
      { value: '{HH}:{mm}' },
      ...series.map((line) => ({
        label: line.label,
        stroke: dark ? line.dark : line.light,
        width: 2,
        dash: line.dash,
        points: { show: false },
      })),
    ],
  };
}
