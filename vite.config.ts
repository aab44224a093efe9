import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { findChromium, webgpuArgs } from './src/cli/chromium.ts';

/**
 * The policy that makes "nothing leaves the browser" a fact and not a promise: the page and its
 * workers may talk to their own origin only. It must be a header, since a worker is not bound by
 * its page's meta tag; whoever hosts the built app sends the same one (see README).
 */
export const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' blob: data:",
  "connect-src 'self' blob: data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/**
 * Pre-bundled up front: what only workers import is otherwise found in mid-session, and the page
 * reloads under the worker that asked for it.
 */
const workerDependencies = [
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-backend-webgpu',
  '@zip.js/zip.js/lib/zip-core.js',
  'fflate',
  'idb-keyval',
];

export default defineConfig({
  plugins: [svelte()],
  optimizeDeps: { include: workerDependencies },
  worker: { format: 'es' },
  build: { target: 'es2023', chunkSizeWarningLimit: 4096 },
  preview: { headers: { 'Content-Security-Policy': contentSecurityPolicy } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          environment: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.browser.test.ts', 'test/e2e/**'],
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        optimizeDeps: {
          include: [
            'uplot',
            'vitest-browser-svelte',
            '@tensorflow/tfjs-core/dist/register_all_gradients',
          ],
        },
        test: {
          name: 'browser',
          include: ['test/**/*.browser.test.ts'],
          testTimeout: 120_000,
          fileParallelism: false,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { executablePath: findChromium(), args: webgpuArgs },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
