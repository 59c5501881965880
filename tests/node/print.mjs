// Prints the HTML deck to PDF as Ctrl-P does, and with ?print-pdf; says what Ctrl-P itself led to.
// Usage: node print.mjs CHROMIUM NODE_MODULES PAGE FOLDER
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [chromiumPath, modules, page, folder] = process.argv.slice(2);
const { chromium } = createRequire(`${modules}/`)('playwright-core');
const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] });
const seen = { problems: [] };

async function open(query = '') {
  const tab = await browser.newPage({ viewport: { width: 1280, height: 772 } });
  tab.on('console', (m) => ['error', 'warning'].includes(m.type()) && seen.problems.push(m.text()));
  tab.on('pageerror', (error) => seen.problems.push(String(error)));
  await tab.addInitScript(() => { window.print = () => { window.printed = [...document.querySelectorAll('#paper img')].map((i) => i.naturalWidth); }; });
  await tab.goto(pathToFileURL(page).href + query);
  await tab.waitForSelector('body[data-ready]');
  return tab;
}

const plain = await open();
await plain.keyboard.press('ArrowRight');
await plain.pdf({ path: `${folder}/menu.pdf`, preferCSSPageSize: false, format: 'A4', printBackground: false });
await plain.keyboard.press('Control+p');
await plain.waitForFunction(() => window.printed, null, { timeout: 20000 });
seen.printed = await plain.evaluate(() => window.printed);
await plain.pdf({ path: `${folder}/key.pdf`, format: 'Letter' });
seen.after = await plain.evaluate(() => [document.querySelector('.slides > section.present').id, getComputedStyle(document.getElementById('paper')).display]);
const asked = await open('?print-pdf');
await asked.screenshot({ path: `${folder}/asked.png` });
await asked.pdf({ path: `${folder}/asked.pdf`, format: 'A4' });
await browser.close();
console.log(JSON.stringify(seen));
