/** `npm start`: serves the built app and says where. */
import { parseArgs } from 'node:util';
import { runCommand, UsageError } from './errors.ts';
import { serveApp } from './serve.ts';

const usualPort = 4173;

function portFrom(args: string[]): number {
  let text: string | undefined;
  try {
    text = parseArgs({ args, options: { port: { type: 'string' } } }).values.port;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const port = text === undefined ? usualPort : Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new UsageError(`--port is “${text}”; it should be a whole number from 1 to 65535.`);
  }
  return port;
}

await runCommand(async () => {
  const { url } = await serveApp({ host: 'localhost', port: portFrom(process.argv.slice(2)) });
  process.stdout.write(`Graft is at ${url} (Ctrl+C ends it)\n`);
});
