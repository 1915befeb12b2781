import { defineConfig } from 'vitest/config';

const globalSetup = ['test/harness/global-setup.ts'];

export default defineConfig({
  test: {
    // The machines this runs on have two cores, and every journey starts processes of its own.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'lab/**/*.test.ts',
            'console/**/*.test.ts',
            'bench/**/*.test.ts',
            'test/tidy.test.ts',
            'test/{harness,edi,tidy,simulation}/**/*.test.ts',
            'test/scripts/**/*.test.mjs',
          ],
          globalSetup,
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'journeys',
          include: ['test/journeys/**/*.test.ts'],
          globalSetup,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          globalSetup,
          testTimeout: 1_200_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
