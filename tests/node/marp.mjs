// Marp: Markdown from standard input, a page of slides to standard output.  Usage: node marp.mjs NODE_MODULES
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const { Marp } = createRequire(`${process.argv[2]}/`)('@marp-team/marp-core');
const { html, css } = new Marp({ script: false }).render(readFileSync(0, 'utf8'));
process.stdout.write(`<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Marp</title><link rel="icon" href="data:,"><style>${css}</style><body style="margin: 0">${html}</body></html>`);
