import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

/** Teal of a dock at dusk: calm enough for a whole day, and far from the colours that mean trouble. */
const dock: MantineColorsTuple = [
  '#ecfdf8',
  '#d3f7ec',
  '#a5ecd8',
  '#70dfc2',
  '#43cfad',
  '#22b996',
  '#0f9a7d',
  '#0f766e',
  '#115e59',
  '#134e4a',
];

/** The dark scheme's surfaces lean towards the same green, so that cards, bars and page are of one piece. */
const dark: MantineColorsTuple = [
  '#dfe8e5',
  '#b9c7c3',
  '#98a8a3',
  '#6b7d78',
  '#34443f',
  '#263330',
  '#1a2422',
  '#141c1a',
  '#0f1514',
  '#0b100f',
];

export const theme = createTheme({
  primaryColor: 'dock',
  primaryShade: { light: 7, dark: 5 },
  colors: { dock, dark },
  // Inter where the reader has it; nothing is fetched from elsewhere.
  fontFamily: 'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  fontFamilyMonospace: '"JetBrains Mono", ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  defaultRadius: 'md',
  autoContrast: true,
  respectReducedMotion: true,
  headings: {
    fontWeight: '650',
    sizes: { h1: { fontSize: '1.5rem' }, h2: { fontSize: '1.05rem' }, h3: { fontSize: '1rem' } },
  },
  components: {
    Table: { defaultProps: { verticalSpacing: 7, highlightOnHover: true } },
    Card: { defaultProps: { withBorder: true, padding: 'md' } },
    Tooltip: { defaultProps: { openDelay: 250, withArrow: true } },
    Modal: {
      defaultProps: {
        centered: true,
        // A dialog's head is not the page's banner.
        attributes: { header: { role: 'presentation' } },
      },
      styles: { title: { fontWeight: 650, fontSize: '1.05rem' } },
    },
  },
});

/** Darker than the library's own: words on tinted badges keep 4.5:1 in the light scheme. */
const inkOnTint = {
  green: '#1b5e2d',
  teal: '#055a40',
  cyan: '#095a69',
  orange: '#953404',
  yellow: '#744700',
  red: '#a81e1e',
  blue: '#144f87',
  gray: '#3d4743',
};

/** Every word keeps a contrast of 4.5:1 on every surface, in both schemes. */
export const contrastVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#56615d',
    '--mantine-color-placeholder': '#66716d',
    '--mantine-color-error': '#c42525',
    '--mantine-color-red-filled': '#cf2f2f',
    ...Object.fromEntries(Object.entries(inkOnTint).map(([name, ink]) => [`--mantine-color-${name}-light-color`, ink])),
  },
  dark: {
    '--mantine-color-dimmed': '#a9b6b2',
    '--mantine-color-placeholder': '#98a5a1',
    '--mantine-color-error': '#ff8d8d',
    '--mantine-color-red-filled': '#cf3a3a',
    '--mantine-color-dock-filled': '#11807a',
    '--mantine-color-dock-filled-hover': '#0f766e',
  },
});
